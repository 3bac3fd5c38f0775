#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

// Where passwords stand in a text; each function knows one family of spellings. Spans may overlap.
namespace dibs::report {

struct Span {
    std::size_t begin;
    std::size_t end;
};

/// `scheme://user:HERE@host`, and `?password=HERE` with a percent-encoded key.
void find_in_urls(std::string_view text, std::vector<Span>& found);

/// `password=HERE` and its like in URLs, connection strings, shell commands, SQL and JSON.
void find_in_assignments(std::string_view text, std::vector<Span>& found);

/// `PASSWORD 'HERE'`, as SQL sets the password of a role, a user mapping or a server.
void find_in_sql(std::string_view text, std::vector<Span>& found);

/// What libpq 15 repeats of a connection string that it does not understand (fe-connect.c).
void find_in_libpq_messages(std::string_view text, std::vector<Span>& found);

/// `host:port:database:user:HERE`, a line of a password file.
void find_in_passfile(std::string_view text, std::vector<Span>& found);

/// Whether libpq has a connection parameter of this name, in any case.
[[nodiscard]] bool is_libpq_parameter(std::string_view name);

} // namespace dibs::report
