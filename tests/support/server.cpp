#include "support/server.hpp"

#include "process/child.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <random>
#include <stdexcept>

namespace dibs::tests {
namespace {

/// Not Debian's psql in /usr/bin, a Perl script that would take 50 ms. Any version speaks with any server.
const std::string& psql_program() {
    static const std::string program = embedded::find_binaries(std::nullopt, std::nullopt).program("psql");
    return program;
}

} // namespace

embedded::Server& server() {
    static embedded::Server shared({.directory = DIBS_TEST_SERVER_DIR,
                                    .settings = {{"fsync", "off"},
                                                 {"synchronous_commit", "off"},
                                                 {"full_page_writes", "off"},
                                                 {"max_connections", "200"}}});
    shared.ensure_running();
    return shared;
}

std::string psql(const embedded::Server& server, std::string_view database, std::string_view sql) {
    process::Result result =
        process::run({.argv = {psql_program(), "--no-psqlrc", "--quiet", "--no-align", "--tuples-only",
                               "--set=ON_ERROR_STOP=1", "--file=-", server.conninfo(database)}},
                     sql);
    if (!result.exit.ok()) {
        throw std::runtime_error(fmt::format("psql: {}: {}", result.exit.describe(), result.err));
    }
    result.out.erase(result.out.find_last_not_of('\n') + 1);
    return std::move(result.out);
}

Database::Database() : name_(fmt::format("test_{}_{:08x}", ::getpid(), std::random_device{}())) {
    tests::psql(server(), "dibs", fmt::format("CREATE DATABASE {}", name_));
}

Database::~Database() {
    try {
        tests::psql(server(), "dibs", fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_));
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
    }
}

} // namespace dibs::tests
