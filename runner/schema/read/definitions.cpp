#include "schema/read/definitions.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "schema/read/queries.hpp"
#include "schema/read/rows.hpp"

namespace dibs::schema {
namespace {

using database::Result;

const Result& result(std::span<const Result> results, Catalog which) {
    return results[static_cast<std::size_t>(which)];
}

/// What stands behind an identifier, quoted or not.
std::string_view after_identifier(std::string_view text) {
    if (!text.starts_with('"'))
        return text.substr(std::min(text.find_first_of(". "), text.size()));
    std::size_t at = 1;
    while (at < text.size() && (text[at] != '"' || text.substr(at, 2) == "\"\""))
        at += text[at] == '"' ? 2 : 1;
    return text.substr(std::min(at + 1, text.size()));
}

std::string_view without(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// The columns of relations, by relation.
class Columns {
  public:
    explicit Columns(const Result& rows) : rows_(&rows) { // sorted by relation
        for (std::size_t row = 0; row < rows.rows(); ++row)
            ranges_.try_emplace(Row(rows, row).oid(0), row);
    }

    /// Adds name, type and collation. @return false when there is no such column
    bool append(std::string& shape, std::uint32_t relation, int number) const {
        const auto first = ranges_.find(relation);
        if (first == ranges_.end())
            return false;
        for (std::size_t row = first->second; row < rows_->rows(); ++row) {
            const Row column(*rows_, row);
            if (column.oid(0) != relation)
                return false;
            if (column.number(1) != number)
                continue;
            for (const std::size_t part : {2U, 3U, 8U})
                shape.append(1, separator).append(column.view(part));
            return true;
        }
        return false;
    }

  private:
    const Result* rows_;
    std::unordered_map<std::uint32_t, std::size_t> ranges_; ///< the first row of each
};

} // namespace

std::string_view after_name(std::string_view definition) {
    const std::string_view name = without(without(definition, "CREATE UNIQUE INDEX "), "CREATE INDEX ");
    return without(without(after_identifier(name), " ON "), "ONLY ");
}

Definitions::Definitions(std::span<const Result> results) {
    read_indexes(results);
    read_constraints(results);
}

void Definitions::read_indexes(std::span<const Result> results) {
    const Columns columns(result(results, Catalog::columns));
    const Result& rows = result(results, Catalog::indexes);
    std::unordered_map<std::string, Shape> shapes;
    indexes_.assign(rows.rows(), none);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        const Row row(rows, i);
        if (row.null(13))
            continue;
        std::string shape = row.text(13);
        bool known = true;
        for (const int number : row.numbers(9))
            known = columns.append(shape, row.oid(1), number) && known;
        if (!known)
            shape = fmt::format("{}", row.oid(0)); // its own
        const auto [place, first] = shapes.emplace(std::move(shape), asked_.size());
        if (first)
            asked_.push_back({row.oid(0), false});
        indexes_[i] = place->second;
        if (row.flag(12))
            keys_.emplace(row.oid(0), place->second);
    }
}

void Definitions::read_constraints(std::span<const Result> results) {
    const Result& rows = result(results, Catalog::constraints);
    std::map<std::tuple<Shape, char, bool, bool>, Shape> shapes;
    constraints_.assign(rows.rows(), none);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        const Row row(rows, i);
        if (!row.null(5))
            continue;
        const auto index = keys_.find(row.oid(12));
        const Shape of_index = index == keys_.end() ? none - i : index->second;
        const auto [place, first] =
            shapes.emplace(std::tuple(of_index, row.letter(4), row.flag(6), row.flag(7)), asked_.size());
        if (first)
            asked_.push_back({row.oid(0), true});
        constraints_[i] = place->second;
    }
}

std::string Definitions::query() const {
    std::string oids;
    std::string constraint;
    for (const Asked& asked : asked_) {
        oids += fmt::format("{}{}", oids.empty() ? "" : ",", asked.oid);
        constraint += fmt::format("{}{}", constraint.empty() ? "" : ",", asked.constraint ? 't' : 'f');
    }
    return fmt::format("SELECT CASE WHEN o.of_constraint THEN pg_catalog.pg_get_constraintdef(o.oid) "
                       "ELSE pg_catalog.pg_get_indexdef(o.oid) END "
                       "FROM ROWS FROM (pg_catalog.unnest('{{{}}}'::pg_catalog.oid[]), "
                       "pg_catalog.unnest('{{{}}}'::pg_catalog.bool[])) "
                       "WITH ORDINALITY o(oid, of_constraint, place) ORDER BY o.place",
                       oids, constraint);
}

void Definitions::take(const Result& answer) {
    texts_.resize(asked_.size());
    for (std::size_t i = 0; i < asked_.size(); ++i) {
        const std::string_view text = answer.text(i, 0);
        if (asked_[i].constraint) {
            texts_[i] = text;
        } else {
            const std::string_view schema_cut = without(after_identifier(after_name(text)), ".");
            texts_[i] = without(after_identifier(schema_cut), " USING ");
        }
    }
}

std::string_view Definitions::text(const std::vector<Shape>& shapes, std::size_t row) const {
    return shapes[row] == none ? std::string_view() : std::string_view(texts_[shapes[row]]);
}

std::string_view Definitions::of_index(std::size_t row) const {
    return text(indexes_, row);
}

std::string_view Definitions::of_constraint(std::size_t row) const {
    return text(constraints_, row);
}

} // namespace dibs::schema
