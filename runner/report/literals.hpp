#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// What is open at a place of a text. Places must be asked for in ascending order.
class Quotes {
  public:
    explicit Quotes(std::string_view text);

    void advance_to(std::size_t place);

    /// Inside '...' of this line; apostrophes (can't) open nothing.
    [[nodiscard]] bool in_single() const { return single_; }
    /// Inside "..." of this line.
    [[nodiscard]] bool in_double() const { return double_; }
    /// Inside `...` of this line.
    [[nodiscard]] bool in_backticks() const { return backtick_; }
    /// Whether a $tag$ that stands here ends a body; any place may be asked for.
    [[nodiscard]] bool closes_body(std::size_t place) const;

  private:
    std::string_view text_;
    std::size_t at_ = 0;
    bool single_ = false;
    bool double_ = false;
    bool backtick_ = false;
    std::vector<std::size_t> body_ends_; // ascending
};

/// Whether a backslash in '...' is a character as any other (SQL), or may be an escape as well (libpq, or
/// nobody knows). In E'...' it always is one.
enum class Dialect { sql, any };

/// The content of the literal that begins at `at`, after an optional prefix such as E or U&: in '...', in
/// $tag$...$tag$, or, inside '...', in ''...'' or \'...\'. Nothing where none begins here, or where the quote
/// at `at` ends the literal that this text is in. One that is cut off ends with its line. Where two readings
/// are possible, the longer one.
[[nodiscard]] std::optional<Span> literal_at(std::string_view text, std::size_t at, const Quotes& quotes,
                                             Dialect dialect);

} // namespace dibs::report
