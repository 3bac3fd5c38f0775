#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "database/connection.hpp"

namespace dibs::scratch {

/// A server on which databases are made and thrown away. For one thread. Whatever it made is gone when it is
/// destroyed; what a process that was killed has left there, the next one removes.
class Server {
  public:
    /// @param admin a session in any database of that server, as a role that may make databases, and roles
    /// where
    ///        a schema names some
    explicit Server(database::Connection admin);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// @param original a database that was made here, and to which no connection is open; empty: a bare one
    /// @return its name
    /// @throws report::Failure
    std::string make(const std::string& original = {});
    [[nodiscard]] database::Connection connect(const std::string& database) const;

    /// Runs SQL in a database that was made here. Roles that it names and the server has not are made,
    /// without the right to log in, until this object is destroyed; those that it makes are dropped then.
    /// What cannot be in a transaction is refused: it could reach beyond that database.
    /// @return why it was refused
    /// @throws report::Failure for a role that cannot be made
    std::optional<database::Message> load(database::Connection& into, const std::string& sql);

    [[nodiscard]] int major() const { return admin_.server_version() / 10000; }
    [[nodiscard]] std::string describe() const { return admin_.describe(); }

  private:
    void remove_leftovers();
    std::set<std::string> all_roles();
    void know_roles_of(const std::string& sql, const std::set<std::string>& before);
    void make_role(const std::string& name);

    database::Connection admin_;
    std::vector<std::string> databases_;
    std::vector<std::string> roles_;
};

} // namespace dibs::scratch
