#include "embedded/location.hpp"

#include "embedded/cluster.hpp"

using namespace dibs::embedded;

TEST_CASE("The socket is in the server's directory while its address fits") {
    const std::string parent(107 - std::string("//socket/.s.PGSQL.5432").size(), 'x');
    CHECK(socket_directory("/" + parent, 1000) == "/" + parent + "/socket");
    const auto too_long = socket_directory("/" + parent + "y", 1000);
    CHECK(too_long.parent_path() == "/tmp");
    CHECK(too_long.native().starts_with("/tmp/dibs-1000-"));
}

TEST_CASE("A path with a comma, which libpq takes for several hosts, does not reach libpq") {
    CHECK(socket_directory("/a,b", 7).parent_path() == "/tmp");
    CHECK(socket_directory("/a\nb", 7).parent_path() == "/tmp");
    CHECK(socket_directory("/a 'ü\"$", 7) == "/a 'ü\"$/socket");
}

TEST_CASE("Socket directories in /tmp differ by project and by account") {
    CHECK(short_socket_directory("/a", 7) != short_socket_directory("/b", 7));
    CHECK(short_socket_directory("/a", 7) != short_socket_directory("/a", 8));
    CHECK(short_socket_directory("/a", 7) == short_socket_directory("/a", 7));
}

TEST_CASE("Settings are written so that PostgreSQL reads back their values") {
    CHECK(settings_file({{"a.b", "it's \\ c"}}).ends_with("\na.b = 'it''s \\\\ c'\n"));
    CHECK(as_list_element("/a \"b\"") == "\"/a \"\"b\"\"\"");
}
