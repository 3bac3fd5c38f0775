#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/key.hpp"
#include "schema/model/model.hpp"
#include "schema/sql/statement.hpp"

namespace dibs::schema {

/// What a change may do to those who use the database.
struct Hazard {
    enum class Type {
        data_loss,
        rewrite,   ///< the table is written anew, under a lock that keeps everyone out
        long_lock, ///< the table is read, or an index built, while others wait
        may_fail,  ///< depends on the rows that are there
        fails,     ///< such rows are there
    };
    /// What is lost, for those who allow one and not the other.
    enum class Loses {
        nothing,
        table,  ///< all rows of it
        column, ///< all values of it
        values, ///< a part of each: rounded or cut to another type
    };
    Type type = Type::data_loss;
    std::string text;
    Loses loses = Loses::nothing;
    /// Of what may fail: a query that gives a row where it will, and what is to be said then.
    std::string probe = {};
    std::string if_so = {};

    [[nodiscard]] bool operator==(const Hazard&) const = default;
};

std::string_view word(Hazard::Type type);

/// One difference, as a line of the report.
struct Change {
    char sign = '~'; ///< + - ~
    Key object;
    Key group;        ///< the table or other object that it is listed under
    std::string text; ///< "column bio text"
    std::vector<Hazard> hazards;
    std::string remark; ///< what it looks like
};

/// The first statement of a plan that makes functions in SQL, which may name what is made after them.
inline constexpr std::string_view unchecked_bodies = "SET check_function_bodies = off";

/// All that differs, and the statements that make one schema the other.
struct Plan {
    std::vector<Change> changes;       ///< by group
    std::vector<Statement> statements; ///< in order
    /// For each statement those before it (their indexes) that it needs.
    std::vector<std::vector<std::size_t>> needs;
    std::vector<std::string>
        unsupported; ///< differences that the statements leave; they may not be used then

    [[nodiscard]] bool empty() const { return changes.empty() && unsupported.empty(); }
};

/// What makes `from` into `to`. A pure function.
Plan plan(const Model& from, const Model& to);

} // namespace dibs::schema
