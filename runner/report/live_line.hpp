#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace dibs::report {

/// The last line of a terminal while something runs, redrawn in place: what is printed stays above it. The
/// terminal is written to ten times a second, with all that was printed since: a thousand tasks of a
/// millisecond cost no more than without it. What has ended before the first redrawing never shows.
class LiveLine {
  public:
    /// @param terminal a descriptor, open for as long as this lives
    explicit LiveLine(int terminal);
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;
    /// Erases the line; all that was printed is on the terminal.
    ~LiveLine();

    /// What runs from now on; shown with the time since then, cut to the terminal's width.
    void running(std::string what);
    /// How far it is, behind what runs, until something else does.
    void detail(std::string how_far);
    /// Nothing runs: the line is gone at the next redrawing.
    void idle() { running({}); }
    /// Whole lines, which stay.
    void print(std::string_view lines);
    /// Puts on the terminal what was printed, without the line. @return false when it could not be written
    bool flush();

  private:
    using Clock = std::chrono::steady_clock;

    void redraw();
    void write_out();
    [[nodiscard]] std::string line() const;

    const int terminal_;
    std::mutex mutex_; ///< for all below
    std::condition_variable_any stopped_;
    std::string running_;
    std::string detail_;
    Clock::time_point since_;
    std::string unwritten_;
    bool shown_ = false;
    bool written_ = true;
    std::jthread redrawer_;
};

} // namespace dibs::report
