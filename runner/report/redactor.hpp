#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dibs::report {

/// What stands in the place of a password.
inline constexpr std::string_view redacted = "***";

/// `text` with every password that can be told by its surroundings replaced by `redacted`: in URLs and
/// connection strings, PGPASSWORD=, SQL that sets one, a line of a password file, and libpq's messages about
/// a malformed connection string. Everything else stays as it is; redacting twice changes nothing more. For
/// text, not for documents: JSON is escaped after this, not before.
[[nodiscard]] std::string redact(std::string_view text);

/// Redacts as redact() does, and in addition passwords known by their value, wherever they stand.
/// Not synchronised: know everything before several threads share one.
class Redactor {
  public:
    /// Ignores an empty secret. One of less than four bytes is removed only where it is a word of its own,
    /// for it would be found within others.
    void know(std::string_view secret);

    /// The passwords in a connection string, also in the pieces and the decoded form in which libpq repeats
    /// them.
    void know_those_in(std::string_view conninfo);

    [[nodiscard]] std::string operator()(std::string_view text) const;

  private:
    std::vector<std::string> secrets_; // the longest first: one may be a part of another
};

} // namespace dibs::report
