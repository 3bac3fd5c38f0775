#include "embedded/binaries.hpp"

#include "report/failure.hpp"

using namespace dibs::embedded;

TEST_CASE("The version is read from what postgres --version prints") {
    CHECK(version_in("postgres (PostgreSQL) 15.7 (Debian 15.7-0+deb12u1)\n") == "15.7");
    CHECK(version_in("postgres (PostgreSQL) 17beta1\n") == "17beta1");
    CHECK(version_in("something else\n").empty());
    CHECK(major_of("15.7") == 15);
    CHECK(major_of("17beta1") == 17);
    CHECK(major_of("") == 0);
}

TEST_CASE("A given place is the only one looked at") {
    CHECK(places("/opt/pg/bin", 15) == std::vector<std::filesystem::path>{"/opt/pg/bin"});
}

TEST_CASE("The cluster's own version is looked for first") {
    CHECK(places(std::nullopt, 9).front() == "/usr/lib/postgresql/9/bin");
}

TEST_CASE("Without a server the error says what to install") {
    try {
        find_binaries({"/nowhere"}, std::nullopt);
        FAIL("found");
    } catch (const dibs::report::Failure& failure) {
        CHECK(std::string(failure.what()).find("/nowhere") != std::string::npos);
        CHECK(failure.hint().find("apt install postgresql") != std::string::npos);
    }
}
