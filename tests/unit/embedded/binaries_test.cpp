#include "embedded/binaries.hpp"

#include "report/failure.hpp"

using namespace dibs::embedded;
using namespace std::string_literals;

TEST_CASE("The version is read from what postgres --version prints") {
    CHECK(version_in("postgres (PostgreSQL) 15.7 (Debian 15.7-0+deb12u1)\n") == "15.7");
    CHECK(version_in("postgres (PostgreSQL) 17beta1\n") == "17beta1");
    CHECK(version_in("something else\n").empty());
    CHECK(major_of("15.7") == 15);
    CHECK(major_of("17beta1") == 17);
    CHECK(major_of("") == 0);
}

TEST_CASE("A given place is the only one looked at, and the error says what to install") {
    for (const std::optional<int> major : {std::optional<int>(), std::optional<int>(15)}) {
        try {
            find_binaries("/nowhere", major);
            FAIL("found");
        } catch (const dibs::report::Failure& failure) {
            CHECK(failure.what() ==
                  "No PostgreSQL server was found (initdb, pg_ctl and postgres, looked for in "
                  "/nowhere)."s);
            const std::string package = major ? "apt install postgresql-15" : "apt install postgresql)";
            CHECK(failure.hint().find(package) != std::string::npos);
        }
    }
}

TEST_CASE("Without a version of its own wanted, some server of this machine is found, with its version") {
    const Binaries binaries = find_binaries(std::nullopt, std::nullopt);
    CHECK(binaries.major >= 12);
    CHECK(major_of(binaries.version) == binaries.major);
    CHECK(find_binaries(std::nullopt, binaries.major).major == binaries.major);
    CHECK(find_binaries(binaries.directory, binaries.major).directory == binaries.directory);
}
