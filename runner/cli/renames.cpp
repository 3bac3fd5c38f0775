#include "cli/renames.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "report/failure.hpp"
#include "schema/diff/inventory.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;
using schema::Key;
using schema::Kind;

std::string schema_of(const declared::Name& name) {
    return name.schema.empty() ? "public" : name.schema;
}

class Renames {
  public:
    Renames(const declared::Schema& declared, const schema::Model& current) : now_(current) {
        for (const declared::Enumeration& each : declared.enumerations)
            add(Kind::enumeration, each.name, each.renamed_from, "TYPE", each.where);
        for (const declared::Table& table : declared.tables) {
            const bool moved = add(Kind::table, table.name, table.renamed_from, "TABLE", table.where);
            for (const declared::Column& column : table.columns)
                if (!column.renamed_from.empty())
                    add_column(table, column, moved ? table.renamed_from : table.name.name);
        }
    }

    [[nodiscard]] const std::vector<Rename>& all() const { return all_; }

  private:
    /// @throws report::Failure where both names are there
    bool is_due(const Key& from, const Key& to, const declared::Where& where) {
        if (!now_.has(from))
            return false;
        if (now_.has(to))
            throw Failure(
                ExitCode::other,
                fmt::format("{}: {} is declared to be renamed from {}, and both are there", text_of(where),
                            described(to), described(from)),
                "Move what is in the old one into the new one, and drop the old one, in a migration; "
                "or take the renamed_from out. Nothing was changed.");
        return true;
    }

    bool add(Kind kind, const declared::Name& name, const std::string& old, std::string_view word,
             const declared::Where& where) {
        const Key from{kind, schema_of(name), old, ""};
        const Key to{kind, schema_of(name), name.name, ""};
        if (old.empty() || !is_due(from, to, where))
            return false;
        all_.push_back(
            {from, to,
             fmt::format("ALTER {} {} RENAME TO {}", word, qualified(from), schema::quoted(to.name)),
             fmt::format("ALTER {} {} RENAME TO {}", word, qualified(to), schema::quoted(from.name))});
        return true;
    }

    void add_column(const declared::Table& table, const declared::Column& column,
                    const std::string& table_now) {
        const std::string schema = schema_of(table.name);
        if (!is_due({Kind::column, schema, table_now, column.renamed_from},
                    {Kind::column, schema, table_now, column.name}, column.where))
            return;
        const Key to{Kind::column, schema, table.name.name, column.name};
        const std::string alter = "ALTER TABLE " + qualified(table_of(to)) + " RENAME COLUMN ";
        const std::string old = schema::quoted(column.renamed_from);
        const std::string now = schema::quoted(column.name);
        all_.push_back({{Kind::column, schema, table.name.name, column.renamed_from},
                        to,
                        fmt::format("{}{} TO {}", alter, old, now),
                        fmt::format("{}{} TO {}", alter, now, old)});
    }

    schema::Inventory now_;
    std::vector<Rename> all_;
};

} // namespace

std::vector<Rename> due_renames(const declared::Schema& declared, const schema::Model& current) {
    return Renames(declared, current).all();
}

void prepend(const std::vector<Rename>& renames, schema::Plan& plan) {
    std::vector<schema::Change> changes;
    std::vector<schema::Statement> statements;
    std::vector<std::vector<std::size_t>> needs;
    for (const Rename& rename : renames) {
        schema::Change change;
        change.object = rename.to;
        change.group = rename.to.kind == Kind::column ? table_of(rename.to) : rename.to;
        const std::string& old = rename.to.kind == Kind::column ? rename.from.part : rename.from.name;
        change.text = rename.to.kind == Kind::column
                          ? fmt::format("column {}: renamed from {}", schema::quoted(rename.to.part),
                                        schema::quoted(old))
                          : fmt::format("renamed from {}", schema::quoted(old));
        changes.push_back(std::move(change));
        needs.push_back(statements.empty() ? std::vector<std::size_t>() : std::vector{statements.size() - 1});
        statements.emplace_back(rename.sql);
    }
    // What is listed under the same object stands together.
    for (schema::Change& change : plan.changes)
        changes.push_back(std::move(change));
    std::stable_sort(changes.begin(), changes.end(), [](const schema::Change& a, const schema::Change& b) {
        return std::tie(a.group.kind, a.group) < std::tie(b.group.kind, b.group);
    });
    plan.changes = std::move(changes);
    const std::size_t shift = statements.size();
    if (shift == 0)
        return;
    std::size_t first =
        !plan.statements.empty() && plan.statements.front().sql == schema::unchecked_bodies ? 1 : 0;
    for (std::size_t i = first; i < plan.needs.size(); ++i) {
        for (std::size_t& needed : plan.needs[i])
            needed += shift;
        plan.needs[i].push_back(first + shift - 1);
    }
    if (first == 1)
        for (std::vector<std::size_t>& needed : needs)
            for (std::size_t& each : needed)
                ++each;
    const auto place = static_cast<std::ptrdiff_t>(first);
    plan.statements.insert(plan.statements.begin() + place, std::make_move_iterator(statements.begin()),
                           std::make_move_iterator(statements.end()));
    plan.needs.insert(plan.needs.begin() + place, std::make_move_iterator(needs.begin()),
                      std::make_move_iterator(needs.end()));
}

} // namespace dibs::cli
