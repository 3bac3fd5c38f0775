#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "support/project.hpp"
#include "support/text.hpp"

namespace dibs::tests {

/// The command refused: with this exit code, an error that says this, and a word on what to do.
inline void check_refused(const Ran& ran, int code, std::string_view what, std::string_view what_to_do) {
    INFO("exit code " << ran.code << "\n" << ran.out << ran.err);
    CHECK(ran.code == code);
    CHECK(contains(ran.err, "error: "));
    CHECK(contains(ran.err, what));
    CHECK(contains(ran.err, what_to_do));
}

/// Whether there is nothing in the database but what PostgreSQL puts there: no table, no history, no schema.
inline bool untouched(const Project& project) {
    return project.psql("SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = "
                        "c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') + "
                        "(SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN "
                        "('information_schema', 'public'))") == "0";
}

/// The words of a shell command that runs dibs with these words: "$@" stands for it in `script`.
inline std::vector<std::string> in_shell(const std::string& script, const std::vector<std::string>& words) {
    std::vector<std::string> argv{"/bin/sh", "-c", script, "sh", dibs_program().string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return argv;
}

/// dibs without root's right to read everything.
inline std::vector<std::string> like_anybody(const std::vector<std::string>& words) {
    if (geteuid() != 0)
        return in_shell("exec \"$@\"", words);
    return in_shell("exec setpriv --bounding-set=-dac_override,-dac_read_search \"$@\"", words);
}

} // namespace dibs::tests
