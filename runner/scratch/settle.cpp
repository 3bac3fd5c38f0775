#include "scratch/settle.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "schema/diff/inventory.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::scratch {
namespace {

using database::Connection;
using database::Outcome;

/// What no schema has.
constexpr std::string_view name = "dibs_settles_what_it_reads";

class Settling {
  public:
    Settling(Connection& connection, const schema::Model& wanted)
        : connection_(connection), wanted_(wanted) {}
    Settling(const Settling&) = delete;
    Settling& operator=(const Settling&) = delete;
    ~Settling() {
        try {
            if (begun_)
                std::ignore = connection_.script("ROLLBACK");
        } catch (const database::ConnectionLost&) { // it is rolled back then
        }
    }

    void operator()(schema::Constraint& now) {
        const auto* then = wanted_.find<schema::Constraint>(now.key);
        if (then == nullptr || now.type != schema::Constraint::Type::check || then->type != now.type)
            return;
        same(now.definition, then->definition, [&](const std::string& definition) {
            return printed(
                fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", qualified(now.key), name,
                            definition),
                fmt::format("SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint "
                            "WHERE conname = '{}' AND conrelid = {}::regclass",
                            name, schema::literal(qualified(now.key))));
        });
    }

    void operator()(schema::Index& now) {
        const auto* then = wanted_.find<schema::Index>(now.key);
        if (then == nullptr || then->table != now.table)
            return;
        same(now.definition, then->definition, [&](const std::string& definition) {
            return printed(
                fmt::format("CREATE INDEX {} ON {}", name, definition),
                fmt::format(
                    "SELECT pg_catalog.pg_get_indexdef(oid) FROM pg_catalog.pg_class WHERE relname = '{}'",
                    name));
        });
    }

    void operator()(schema::DomainConstraint& now) {
        const auto* then = wanted_.find<schema::DomainConstraint>(now.key);
        if (then == nullptr)
            return;
        same(now.definition, then->definition, [&](const std::string& definition) {
            return printed(
                fmt::format("ALTER DOMAIN {} ADD CONSTRAINT {} {} NOT VALID", qualified(now.key), name,
                            definition),
                fmt::format("SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint "
                            "WHERE conname = '{}' AND contypid = {}::regtype",
                            name, schema::literal(qualified(now.key))));
        });
    }

    /// A default, or what it is generated from.
    void operator()(schema::Column& now) {
        const auto* then = wanted_.find<schema::Column>(now.key);
        if (then == nullptr || !now.expression || !then->expression || now.generated != then->generated)
            return;
        same(*now.expression, *then->expression, [&](const std::string& expression) {
            const std::string table = qualified(table_of(now.key));
            const std::string column = now.generated ? std::string(name) : now.key.part;
            return printed(
                now.generated ? fmt::format("ALTER TABLE {} ADD COLUMN {} {} GENERATED ALWAYS AS ({}) STORED",
                                            table, name, then->type, expression)
                              : fmt::format("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}", table,
                                            schema::quoted(now.key.part), expression),
                fmt::format("SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d "
                            "JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = "
                            "d.adnum WHERE d.adrelid = {}::regclass AND a.attname = {}",
                            schema::literal(table), schema::literal(column)));
        });
    }

    void operator()(schema::Policy& now) {
        const auto* then = wanted_.find<schema::Policy>(now.key);
        if (then == nullptr)
            return;
        const std::string table = qualified(now.key);
        const auto round = [&](const std::string& expression) {
            return printed(
                fmt::format("CREATE POLICY {} ON {} USING ({})", name, table, expression),
                fmt::format("SELECT pg_catalog.pg_get_expr(polqual, polrelid) FROM pg_catalog.pg_policy "
                            "WHERE polname = '{}' AND polrelid = {}::regclass",
                            name, schema::literal(table)));
        };
        same(now.using_expression, then->using_expression, round);
        same(now.check_expression, then->check_expression, round);
    }

    void operator()(schema::View& now) {
        const auto* then = wanted_.find<schema::View>(now.key);
        if (then == nullptr)
            return;
        same(now.definition, then->definition, [&](const std::string& definition) {
            return printed(fmt::format("CREATE VIEW public.{} AS {}", name, definition),
                           fmt::format("SELECT pg_catalog.pg_get_viewdef('public.{}'::regclass)", name));
        });
    }

  private:
    template <class F>
    void same(std::string& now, const std::string& then, F round) {
        if (now == then)
            return;
        const std::optional<std::string> settled = round(now);
        if (settled && settled == round(then))
            now = then;
    }

    std::optional<std::string> printed(const std::string& make, const std::string& query) {
        if (!begun_)
            std::ignore = connection_.script("BEGIN; SET LOCAL search_path = ''").or_throw();
        begun_ = true;
        const Outcome ran = connection_.script("SAVEPOINT one; " + make + "; " + query);
        std::optional<std::string> text;
        if (!ran.error && ran.results.back().rows() == 1)
            text = ran.results.back().text(0, 0);
        std::ignore = connection_.script("ROLLBACK TO SAVEPOINT one").or_throw();
        return text;
    }

    Connection& connection_;
    schema::Inventory wanted_;
    bool begun_ = false;
};

} // namespace

void settle(Connection& connection, schema::Model& current, const schema::Model& wanted) {
    Settling settling(connection, wanted);
    for (schema::Constraint& constraint : current.constraints)
        settling(constraint);
    for (schema::Index& index : current.indexes)
        settling(index);
    for (schema::Table& table : current.tables)
        for (schema::Column& column : table.columns)
            settling(column);
    for (schema::DomainConstraint& constraint : current.domain_constraints)
        settling(constraint);
    for (schema::Policy& policy : current.policies)
        settling(policy);
    for (schema::View& view : current.views)
        settling(view);
}

} // namespace dibs::scratch
