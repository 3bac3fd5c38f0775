#include "declared/table_reader.hpp"

#include <fmt/format.h>

#include "declared/quote.hpp"
#include "report/failure.hpp"

namespace dibs::declared {
namespace {

using dibs::SchemaField;
using dibs::SchemaPart;
using report::ExitCode;
using report::Failure;

class TableReader {
  public:
    TableReader(const Said& said, const References& references)
        : said_(said), references_(references), names_(names_of_columns(said)) {}

    Table read() {
        table_.name = name_of(said_);
        table_.cpp_type = said_.text(SchemaField::cpp_type);
        table_.comment = said_.text(SchemaField::comment);
        table_.renamed_from = said_.text(SchemaField::renamed_from);
        table_.where = said_.where();
        for (const Said& part : said_.parts)
            read(part);
        return std::move(table_);
    }

  private:
    void read(const Said& part) {
        switch (part.part) {
        case SchemaPart::column:
            table_.columns.push_back(column(part));
            break;
        case SchemaPart::primary_key:
            if (table_.primary_key)
                refuse(part.where(),
                       fmt::format("the table {} has a second primary key", text_of(table_.name)),
                       fmt::format("The first is at {}. One key of several columns: "
                                   "table.primary_key(&T::a, &T::b).",
                                   text_of(table_.primary_key->where)));
            table_.primary_key = key(part);
            break;
        case SchemaPart::unique:
            table_.uniques.push_back(key(part));
            break;
        case SchemaPart::foreign_key:
            table_.foreign_keys.push_back(foreign_key(part));
            break;
        case SchemaPart::check:
            table_.checks.push_back({part.text(SchemaField::name), part.text(SchemaField::expression),
                                     part.number(SchemaField::no_inherit) != 0, part.where()});
            break;
        case SchemaPart::exclusion:
            table_.exclusions.push_back(exclusion(part));
            break;
        case SchemaPart::index:
            table_.indexes.push_back(index(part));
            break;
        default:
            break; // an enum's declaration by its use is read before all tables
        }
    }

    std::string type_of(const Said& column) const {
        if (std::string whole = column.text(SchemaField::whole_type); !whole.empty())
            return whole;
        std::string type = column.text(SchemaField::type);
        if (type.empty()) {
            const auto found = references_.enums.find(column.text(SchemaField::enum_type));
            if (found == references_.enums.end())
                refuse(column.where(),
                       fmt::format("the column {} has no type", column.text(SchemaField::name)),
                       "Build the schema again, with the SDK of this dibs.");
            type = quoted(found->second);
        }
        const std::int64_t dimensions = column.number(SchemaField::dimensions);
        if (dimensions > 6) // MAXDIM of PostgreSQL
            refuse(column.where(),
                   fmt::format("the column {} is an array of {} dimensions, and PostgreSQL has 6 at most",
                               column.text(SchemaField::name), dimensions),
                   "Give it fewer.");
        for (std::int64_t i = 0; i < dimensions; ++i)
            type += "[]";
        return type;
    }

    Column column(const Said& said) const {
        Column column;
        column.name = said.text(SchemaField::name);
        column.member = said.text(SchemaField::cpp_member);
        column.type = type_of(said);
        column.nullable = said.number(SchemaField::nullable) != 0;
        column.default_to = said.text(SchemaField::default_to);
        column.generated = said.text(SchemaField::generated);
        column.collation = said.text(SchemaField::collation);
        column.comment = said.text(SchemaField::comment);
        column.renamed_from = said.text(SchemaField::renamed_from);
        column.where = said.where();
        if (said.has_number(SchemaField::identity))
            column.identity = identity(said);
        return column;
    }

    static Identity identity(const Said& said) {
        const auto option = [&](SchemaField field) {
            return said.has_number(field) ? std::optional(said.number(field)) : std::nullopt;
        };
        return {said.number(SchemaField::identity) == 2,      option(SchemaField::identity_start),
                option(SchemaField::identity_increment),      option(SchemaField::identity_minimum),
                option(SchemaField::identity_maximum),        option(SchemaField::identity_cache),
                said.number(SchemaField::identity_cycle) != 0};
    }

    std::string column_called(std::int64_t number, const Where& where) const {
        const auto found = names_.find(number);
        if (found == names_.end())
            refuse(
                where, fmt::format("a member is used here that is no column of {}", text_of(table_.name)),
                "It was left out with table.ignore(), or its members were taken with table.embed(): use what "
                "embed() returned.");
        return found->second;
    }

    std::vector<std::string> columns(const Said& part, SchemaField field) const {
        std::vector<std::string> found;
        for (const std::int64_t number : part.number_list(field))
            found.push_back(column_called(number, part.where()));
        return found;
    }

    Key key(const Said& part) const {
        return {part.text(SchemaField::name),
                columns(part, SchemaField::column),
                columns(part, SchemaField::include),
                part.number(SchemaField::nulls_not_distinct) != 0,
                static_cast<Deferrable>(part.number(SchemaField::deferrable)),
                part.where()};
    }

    ForeignKey foreign_key(const Said& part) const {
        ForeignKey key;
        key.name = part.text(SchemaField::name);
        key.columns = columns(part, SchemaField::column);
        key.on_delete = static_cast<Action>(part.number(SchemaField::on_delete));
        key.on_update = static_cast<Action>(part.number(SchemaField::on_update));
        key.match_full = part.number(SchemaField::match_full) != 0;
        key.deferrable = static_cast<Deferrable>(part.number(SchemaField::deferrable));
        key.where = part.where();
        const std::string target = part.text(SchemaField::target_type);
        if (target.empty())
            refuse(key.where, "a foreign key that references nothing",
                   "Say what: table.foreign_key(&T::user_id).references(&User::id).");
        const auto found = references_.tables.find(target);
        if (found == references_.tables.end())
            refuse(key.where,
                   fmt::format("a foreign key references the struct {}, which is no table", target),
                   fmt::format("Declare it: DIBS_TABLE({}, \"...\").", target));
        if (found->second.size() > 1)
            refuse(key.where,
                   fmt::format("a foreign key references the struct {}, which is several tables", target),
                   "Write it in DIBS_SQL.");
        const auto& [name, names] = found->second.front();
        key.target = name;
        for (const std::int64_t number : part.number_list(SchemaField::target_column)) {
            const auto column = names.find(number);
            if (column == names.end())
                refuse(key.where,
                       fmt::format("a foreign key references a member of {} that is no column", target),
                       "It was left out with table.ignore() there.");
            key.target_columns.push_back(column->second);
        }
        return key;
    }

    std::vector<Element> elements(const Said& part) const {
        std::vector<Element> found;
        for (const Said& said : part.parts) {
            Element element;
            if (said.has_number(SchemaField::column))
                element.column = column_called(said.number(SchemaField::column), said.where());
            element.expression = said.text(SchemaField::expression);
            element.collation = said.text(SchemaField::collation);
            element.operator_class = said.text(SchemaField::operator_class);
            element.order = static_cast<Order>(said.number(SchemaField::order));
            element.nulls = static_cast<Nulls>(said.number(SchemaField::nulls));
            element.with_operator = said.text(SchemaField::with_operator);
            found.push_back(std::move(element));
        }
        return found;
    }

    Exclusion exclusion(const Said& part) const {
        Exclusion exclusion{part.text(SchemaField::name),
                            part.text(SchemaField::method),
                            elements(part),
                            part.text(SchemaField::where),
                            static_cast<Deferrable>(part.number(SchemaField::deferrable)),
                            part.where()};
        if (exclusion.elements.empty())
            refuse(exclusion.where, "an exclusion constraint without columns",
                   "Say which: table.exclude(\"gist\").with(&T::room, \"=\").");
        return exclusion;
    }

    Index index(const Said& part) const {
        return {part.text(SchemaField::name),
                part.text(SchemaField::method),
                elements(part),
                columns(part, SchemaField::include),
                part.text(SchemaField::where),
                part.text(SchemaField::storage),
                part.text(SchemaField::comment),
                part.number(SchemaField::unique_index) != 0,
                part.number(SchemaField::nulls_not_distinct) != 0,
                part.where()};
    }

    const Said& said_;
    const References& references_;
    ColumnNames names_;
    Table table_;
};

} // namespace

[[noreturn]] void refuse(const Where& where, const std::string& what, std::string hint) {
    const std::string place = text_of(where);
    throw Failure(ExitCode::other, place.empty() ? what : place + ": " + what, std::move(hint));
}

ColumnNames names_of_columns(const Said& table) {
    ColumnNames names;
    for (const Said& part : table.parts)
        if (part.part == SchemaPart::column)
            names[part.number(SchemaField::column)] = part.text(SchemaField::name);
    return names;
}

Name name_of(const Said& said) {
    return {said.text(SchemaField::schema), said.text(SchemaField::name)};
}

Table read_table(const Said& said, const References& references) {
    return TableReader(said, references).read();
}

} // namespace dibs::declared
