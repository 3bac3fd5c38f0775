#include "pairs/dump.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "process/child.hpp"
#include "support/server.hpp"

namespace dibs::tests {
namespace {

const std::string& pg_dump() {
    static const std::string program = server().binaries().program("pg_dump");
    return program;
}

/// Its output has a random line otherwise, from 15.14 on.
bool knows_restrict_key() {
    static const bool knows =
        process::run({.argv = {pg_dump(), "--help"}}).out.find("--restrict-key") != std::string::npos;
    return knows;
}

} // namespace

std::string dump(std::string_view database) {
    process::Command command{.argv = {pg_dump(), "--schema-only", "--dbname=" + server().conninfo(database)}};
    if (knows_restrict_key())
        command.argv.push_back("--restrict-key=x");
    const process::Result result = process::run(command);
    if (!result.exit.ok())
        throw std::runtime_error("pg_dump: " + result.err);
    std::istringstream in(result.out);
    std::string text;
    std::vector<std::string> table;
    std::vector<std::string> of_columns; // comments and defaults, which come in their order
    bool in_table = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("--") || line.empty() || line.starts_with("SET ") || line.starts_with("\\"))
            continue;
        if ((line.starts_with("COMMENT ON COLUMN ") && line.ends_with("';")) ||
            (line.starts_with("ALTER TABLE ONLY ") && line.find(" SET DEFAULT ") != std::string::npos)) {
            of_columns.push_back(line);
            continue;
        }
        std::sort(of_columns.begin(), of_columns.end());
        for (const std::string& each : of_columns)
            text += each + "\n";
        of_columns.clear();
        if (in_table && line.starts_with(")")) {
            std::sort(table.begin(), table.end());
            for (const std::string& element : table)
                text += element + "\n";
            in_table = false;
        }
        if (in_table) {
            if (line.ends_with(","))
                line.pop_back();
            table.push_back(line);
            continue;
        }
        if (line.starts_with("CREATE ") && line.find("TABLE ") != std::string::npos && line.ends_with("(")) {
            in_table = true;
            table.clear();
        }
        text += line + "\n";
    }
    return text;
}

} // namespace dibs::tests
