#pragma once

#include "embedded/server.hpp"

#include <string>
#include <string_view>

namespace dibs::tests {

/// The server of this build tree, running: shared by all test programs, started by the first that asks, left
/// running. ctest stops it after the last test with the label `server`, and removes its data, which are in
/// memory where that has room (tests/CMakeLists.txt). It does without durability.
embedded::Server& server();

/// Output of psql (rows as lines, columns separated by |). Throws what psql says if a statement fails; the
/// ones after it are not sent.
std::string psql(const embedded::Server& server, std::string_view database, std::string_view sql);

/// A new, empty database on server(), dropped at the end with whatever sessions it still has.
class Database {
  public:
    Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::string conninfo() const { return server().conninfo(name_); }
    [[nodiscard]] std::string url() const { return server().url(name_); }
    std::string psql(std::string_view sql) const { return tests::psql(server(), name_, sql); }

  private:
    std::string name_;
};

} // namespace dibs::tests
