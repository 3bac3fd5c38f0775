#include "migration/result_table.hpp"

namespace dibs::migration {

worker::Table table_of(const database::Result& result) {
    worker::Table table;
    for (std::size_t i = 0; i < result.columns(); ++i)
        table.columns.push_back({std::string(result.column_name(i)), result.column_type(i)});
    if (result.columns() == 0)
        table.rows_without_columns = result.rows();
    table.cells.reserve(result.rows() * result.columns());
    for (std::size_t row = 0; row < result.rows(); ++row)
        for (std::size_t column = 0; column < result.columns(); ++column)
            table.add(result.value(row, column));
    return table;
}

} // namespace dibs::migration
