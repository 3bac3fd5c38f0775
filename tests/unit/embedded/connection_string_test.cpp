#include "embedded/connection_string.hpp"

using dibs::embedded::Endpoint;

TEST_CASE("An endpoint is written in libpq's key=value form") {
    const Endpoint endpoint{.socket_directory = "/p/.dibs/socket"};
    CHECK(endpoint.conninfo() == "host='/p/.dibs/socket' port=5432 user=dibs dbname='dibs'");
    CHECK(endpoint.socket() == "/p/.dibs/socket/.s.PGSQL.5432");
}

TEST_CASE("Quotes and backslashes do not end a value of a connection string") {
    const Endpoint endpoint{.socket_directory = "/it's a\\b"};
    CHECK(endpoint.conninfo("o'db") == "host='/it\\'s a\\\\b' port=5432 user=dibs dbname='o\\'db'");
}

TEST_CASE("A URL carries the socket's directory as its host") {
    const Endpoint endpoint{.socket_directory = "/my p%/ü", .port = 5433};
    CHECK(endpoint.url("a/b?") == "postgresql://dibs@%2Fmy%20p%25%2F%C3%BC:5433/a%2Fb%3F");
}
