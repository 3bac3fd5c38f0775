#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Just enough of how SQL, libpq and shells quote to find the end of a literal in a text of any kind.
namespace dibs::report {

struct Span;

/// A letter, digit, '_' or part of a character beyond ASCII.
[[nodiscard]] bool is_word(char c);

/// ASCII letters made small, the rest as it is.
[[nodiscard]] std::string folded(std::string_view text);

/// The first of space, tab, line feed and carriage return at or after `at`, or the end.
[[nodiscard]] std::size_t next_blank(std::string_view text, std::size_t at);

/// The first that is none of these.
[[nodiscard]] std::size_t skip_blanks(std::string_view text, std::size_t at);

/// The end of the line that `at` is in.
[[nodiscard]] std::size_t line_end(std::string_view text, std::size_t at);

/// Tells whether a place is inside '...' of its line. Apostrophes (can't) open nothing. Places must be asked
/// for in ascending order.
class LineQuotes {
  public:
    explicit LineQuotes(std::string_view text) : text_(text) {}
    [[nodiscard]] bool open_at(std::size_t place);

  private:
    std::string_view text_;
    std::size_t at_ = 0;
    bool open_ = false;
};

/// The content of the SQL or libpq literal that begins at `at`, after an optional prefix such as E or U&: in
/// '...', in $tag$...$tag$, or, where `inside_quote` says that this text is itself in a literal, in ''...''
/// or
/// \'...\'. Nothing where none begins here, or where the quote at `at` ends the literal that this text is in.
/// One that is cut off ends with its line.
[[nodiscard]] std::optional<Span> literal_at(std::string_view text, std::size_t at, bool inside_quote);

} // namespace dibs::report
