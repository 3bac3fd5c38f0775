#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace dibs::database {

/// An error or a notice, in the server's words ("Error and Notice Message Fields" of the protocol).
struct Message {
    std::string severity; ///< ERROR, NOTICE, ...; not translated
    std::string sqlstate; ///< five characters; empty when libpq itself, not the server, speaks
    std::string message;
    std::string detail;
    std::string hint;
    std::string context;
    std::string constraint;
    std::string column;
    std::size_t position = 0; ///< in the text that was sent, in characters from 1; 0 when unknown
};

/// A statement that the server refused. The connection is usable; the transaction is as the server left it.
class StatementError : public std::runtime_error {
  public:
    explicit StatementError(Message said) : std::runtime_error(said.message), said_(std::move(said)) {}
    [[nodiscard]] const Message& said() const noexcept { return said_; }

  private:
    Message said_;
};

/// The connection broke: what was sent last may or may not have been done.
class ConnectionLost : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace dibs::database
