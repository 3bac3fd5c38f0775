#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "report/live_line.hpp"
#include "report/redactor.hpp"

namespace dibs::report {

enum class Colour { automatic, always, never };

struct Verbosity {
    bool quiet = false; ///< errors and what was asked for, nothing else
    bool verbose = false;
    bool in_place = false; ///< progress may be redrawn in place: standard output is a terminal that can
};

enum class Style { plain, good, bad, warning, faint, strong };

/// Where everything that dibs prints goes through: standard output and standard error, past the redactor.
/// Control characters are shown and not obeyed, but for the line feed, the tab and the colours of paint().
/// For one thread.
class Sink {
  public:
    Sink(Colour colour, bool no_color_set, Verbosity verbosity);

    void out(std::string_view text);    ///< a line of the result
    void say(std::string_view text);    ///< a line that --quiet leaves out
    void detail(std::string_view text); ///< a line that only --verbose prints; on standard error
    void warn(std::string_view text);   ///< "warning: ..." on standard error
    void error(std::string_view text);  ///< a line on standard error
    void raw(std::string_view text);    ///< a machine's document, already redacted, on standard output

    /// The text in a style, where standard output is in colour.
    [[nodiscard]] std::string paint(Style style, std::string_view text) const;
    [[nodiscard]] std::string paint_error(Style style, std::string_view text) const;

    [[nodiscard]] Redactor& redactor() { return redactor_; }
    [[nodiscard]] const Verbosity& verbosity() const { return verbosity_; }

    /// While there is one, what goes to standard output is printed above it. Null when it ends.
    void show(LiveLine* line);

    /// Writes out what is buffered. @return false when standard output could not be written (disk full), now
    /// or before. A reader that went away had what it wanted: what would be for it is dropped.
    bool flush();
    /// Why not, as a sentence's part: "cannot write to standard output: No space left on device".
    [[nodiscard]] std::string trouble() const;

  private:
    void print(std::string_view text);
    void note(bool written);

    Redactor redactor_;
    LiveLine* live_ = nullptr;
    Verbosity verbosity_;
    bool colour_out_;
    bool colour_error_;
    int error_ = 0; ///< errno of the first write to standard output that failed
};

} // namespace dibs::report
