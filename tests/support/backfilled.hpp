#pragma once

#include <string>
#include <string_view>

#include "support/project.hpp"

namespace dibs::tests {

const char* const backfill_stem = "m2026_01_01_000000_fill";
const char* const backfill_version = "2026_01_01_000000-fill";

/// A migration without a transaction that is this backfill, and sees that it returns so many rows.
inline void add_backfill(Project& project, const std::string& definition, int rows) {
    project.add_body(backfill_stem,
                     "const auto rows = ctx.backfill({" + definition +
                         "});\n    if (rows != " + std::to_string(rows) +
                         ") throw dibs::Error(\"it returned \" + std::to_string(rows));",
                     ".transaction = false");
}

/// The table `t`, `id` its key, in which `n` counts how often each of its rows was changed by once(id): that
/// does what `gate` is created to do, at that row.
inline void add_counted_rows(const Project& project, int rows) {
    project.psql("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT i FROM "
                 "generate_series(1, " +
                 std::to_string(rows) +
                 ") i; ANALYZE t; CREATE TABLE gate (id int, what text); "
                 "CREATE FUNCTION once(row_id int) RETURNS int LANGUAGE plpgsql AS $$ "
                 "DECLARE does text := (SELECT what FROM gate WHERE gate.id = row_id); BEGIN "
                 "IF does IS NOT NULL THEN EXECUTE does; END IF; RETURN 1; END $$");
}

/// How often the rows of `t` were changed, each number once: "1" where each row was changed once.
inline std::string times_changed(const Project& project) {
    return project.psql("SELECT string_agg(DISTINCT n::text, ' ') FROM t");
}

/// A column of what is noted about the backfill as a whole.
inline std::string noted(const Project& project, std::string_view column) {
    return project.psql("SELECT " + std::string(column) + " FROM _dibs_backfills WHERE part = 0");
}

} // namespace dibs::tests
