#include "embedded/postmaster.hpp"

#include <unistd.h>

using namespace dibs::embedded;

TEST_CASE("A pid file says who serves what where, and how far it got") {
    const auto file = parse_pid_file("4218\n/p/d\n1795432347\n5433\n/p/s\n\n 10952852         5\nready   \n");
    REQUIRE(file);
    CHECK(file->pid == 4218);
    CHECK(file->data_directory == "/p/d");
    CHECK(file->endpoint == Endpoint{.socket_directory = "/p/s", .port = 5433});
    CHECK(file->ready());
}

TEST_CASE("A pid file of a server that has just begun is not ready") {
    const auto file = parse_pid_file("4218\n/p/d\n1795432347\n5433\n/p/s\n");
    REQUIRE(file);
    CHECK_FALSE(file->ready());
    CHECK_FALSE(parse_pid_file("4218\n\n\n\n\n\n\nstopping\n")->ready());
}

TEST_CASE("A pid file without a process number says nothing") {
    CHECK_FALSE(parse_pid_file(""));
    CHECK_FALSE(parse_pid_file("garbage\n"));
    CHECK_FALSE(parse_pid_file("0\n"));
    CHECK_FALSE(parse_pid_file("-5\n/p/d\n")); // a single-user backend
}

TEST_CASE("A process that is no server is not taken for one, wherever it works") {
    CHECK_FALSE(is_postmaster(::getpid(), std::filesystem::current_path()));
}
