#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/connection.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

/// The copies of a migration, one in another. Each is a transaction or a savepoint, and in it a COPY for each
/// chunk of rows: between two of them the connection is free for what gives the rows.
class Copies {
  public:
    /// Sends a call for the migration, and throws what is wrong.
    using Send = std::function<std::optional<database::Result>(const worker::Call& call)>;

    Copies(database::Connection& connection, Send send) : connection_(connection), send_(std::move(send)) {}

    /// @param own no transaction is open: it gets one of its own
    void begin(const worker::CopyTarget& target, const worker::Call& where, bool own);
    /// @return how many rows the server has written
    std::uint64_t copy(const std::string& rows, std::uint64_t count);
    void end(bool done);

  private:
    struct Copy {
        worker::Call call;
        std::string table;
        bool own = false;
        std::uint64_t rows = 0; ///< were sent
    };
    Copy& innermost();
    std::optional<database::Result> send(const Copy& copy, std::string_view sql);
    void keep(const Copy& copy);
    void undo(const Copy& copy);

    database::Connection& connection_;
    Send send_;
    std::vector<Copy> running_;
};

/// The CONTEXT of an error in COPY, "COPY t, line 3, column c", with the line counted from the first row of
/// all and not of the chunk.
std::string with_line_of_all(std::string context, std::string_view table, std::uint64_t rows_before);

} // namespace dibs::migration
