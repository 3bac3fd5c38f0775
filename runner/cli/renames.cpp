#include "cli/renames.hpp"

#include <algorithm>
#include <iterator>
#include <set>
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
            const Key now = add(Kind::table, table.name, table.renamed_from, "TABLE", table.where);
            for (const declared::Column& column : table.columns)
                if (!column.renamed_from.empty())
                    add_column(table, column, now);
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

    /// "customers" is one of the same schema, "sales.customers" one of another.
    Key old_key(const Key& to, const std::string& old) const {
        const Key same{to.kind, to.schema, old, ""};
        const std::size_t dot = old.find('.');
        if (dot == std::string::npos || now_.has(same))
            return same;
        return {to.kind, old.substr(0, dot), old.substr(dot + 1), ""};
    }

    void add_schema(const std::string& name) {
        const Key key{Kind::schema, "", name, ""};
        const bool made =
            std::any_of(all_.begin(), all_.end(), [&](const Rename& each) { return each.to == key; });
        if (!made && !now_.has(key))
            all_.push_back(
                {key, key, "CREATE SCHEMA " + schema::quoted(name), "DROP SCHEMA " + schema::quoted(name)});
    }

    /// @return what it is called before the renames
    Key add(Kind kind, const declared::Name& name, const std::string& old, std::string_view word,
            const declared::Where& where) {
        const Key to{kind, schema_of(name), name.name, ""};
        const Key from = old_key(to, old);
        if (old.empty() || !is_due(from, to, where))
            return to;
        const auto rename = [&](const Key& at, const std::string& now) {
            return fmt::format("ALTER {} {} RENAME TO {}", word, qualified(at), schema::quoted(now));
        };
        const auto move = [&](const Key& at, const std::string& now) {
            return fmt::format("ALTER {} {} SET SCHEMA {}", word, qualified(at), schema::quoted(now));
        };
        if (from.schema == to.schema) {
            all_.push_back({from, to, rename(from, to.name), rename(to, from.name)});
            return from;
        }
        add_schema(to.schema);
        const Key moved{kind, to.schema, from.name, ""};
        Rename both{from, to, move(from, to.schema), move(moved, from.schema)};
        if (from.name != to.name) {
            both.sql += ";\n" + rename(moved, to.name);
            both.back = rename(to, from.name) + ";\n" + both.back;
        }
        all_.push_back(std::move(both));
        return from;
    }

    void add_column(const declared::Table& table, const declared::Column& column, const Key& table_now) {
        const std::string schema = schema_of(table.name);
        if (!is_due({Kind::column, table_now.schema, table_now.name, column.renamed_from},
                    {Kind::column, table_now.schema, table_now.name, column.name}, column.where))
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

void leave_out(const schema::Filter& filter, const schema::Model& current, const schema::Model& wanted,
               std::vector<Rename>& due) {
    const std::set<Key> now = left_out(filter, schema::Inventory(current));
    const std::set<Key> then = left_out(filter, schema::Inventory(wanted));
    const auto before_all = [&](const Key& key) {
        for (const Rename& table : due)
            if (key.kind == Kind::column && table.to == table_of(key))
                return Key{Kind::column, table.from.schema, table.from.name, key.part};
        return key;
    };
    std::set<Key> stay;
    for (const Rename& rename : due) {
        if (rename.to.kind == Kind::schema)
            continue;
        const Key from = before_all(rename.from);
        if (now.contains(from) != then.contains(rename.to))
            throw Failure(
                ExitCode::usage,
                fmt::format("the patterns of dibs.yaml leave out {}, but not {}, which the structs declare "
                            "to be the same",
                            described(now.contains(from) ? from : rename.to),
                            described(now.contains(from) ? rename.to : from)),
                "Leave out both, or neither. Nothing was changed.");
        if (!now.contains(from))
            stay.insert({rename.to, {Kind::schema, "", rename.to.schema, ""}});
    }
    std::erase_if(due, [&](const Rename& rename) { return !stay.contains(rename.to); });
}

void prepend(const std::vector<Rename>& renames, schema::Plan& plan) {
    std::vector<schema::Change> changes;
    std::vector<schema::Statement> statements;
    std::vector<std::vector<std::size_t>> needs;
    for (const Rename& rename : renames) {
        schema::Change change;
        change.object = rename.to;
        change.group = rename.to.kind == Kind::column ? table_of(rename.to) : rename.to;
        if (rename.to.kind == Kind::schema) {
            change.sign = '+';
            change.text = described(rename.to);
        } else if (rename.to.kind == Kind::column) {
            change.text = fmt::format("column {}: renamed from {}", schema::quoted(rename.to.part),
                                      schema::quoted(rename.from.part));
        } else if (rename.from.schema != rename.to.schema) {
            change.text = "moved from " + qualified(rename.from);
        } else {
            change.text = "renamed from " + schema::quoted(rename.from.name);
        }
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
