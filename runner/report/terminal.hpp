#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/events.hpp"
#include "report/failure.hpp"
#include "report/live_line.hpp"
#include "report/sink.hpp"

namespace dibs::report {

/// A failed migration, for people: what failed, where, the statement with a caret, what became of it.
std::vector<std::string> failure_lines(const MigrationFailure& failure, const Sink& sink);

/// Prints an error that ends the command, with what to do about it.
void print(const Failure& failure, Sink& sink);

/// Events as lines, each when it happens; on a terminal with a line below them for what runs.
class TerminalEvents final : public Events {
  public:
    /// @param widest characters of the longest label, for a straight column of times
    /// @param in_place the line below may be drawn: nobody else writes to the terminal
    TerminalEvents(Sink& sink, std::size_t widest, bool in_place)
        : sink_(sink), widest_(widest), in_place_(in_place) {}
    TerminalEvents(const TerminalEvents&) = delete;
    TerminalEvents& operator=(const TerminalEvents&) = delete;
    ~TerminalEvents() override;

    void waiting_for_lock(std::string_view holder) override;
    void started(std::string_view version, std::size_t number, std::size_t total) override;
    void log(std::string_view version, std::string_view text) override;
    void notice(std::string_view severity, std::string_view text) override;
    void output(std::string_view line) override;
    void retrying(std::string_view version, std::string_view text) override;
    void remark(std::string_view version, std::string_view text) override;
    void step_done(std::string_view version, std::string_view step, std::chrono::microseconds took) override;
    void step_passed_over(std::string_view version, std::string_view step, std::string_view done_at) override;
    void progress(std::string_view version, std::string_view text) override;
    void backfill(std::string_view version, const BackfillProgress& how_far) override;
    void applied(std::string_view, std::chrono::microseconds took) override { done(took); }
    void rolled_back(std::string_view, std::chrono::microseconds took) override { done(took); }
    void failed(const MigrationFailure& failure) override;

  private:
    void done(std::chrono::microseconds took);
    /// What a migration says stands under its name.
    void say_under(std::string_view label, std::string_view text);
    /// Each line at once, where no live line is about to be redrawn.
    void flush();

    Sink& sink_;
    std::size_t widest_;
    bool in_place_;
    std::string place_;                          ///< "  3/12"
    std::string version_;                        ///< that runs
    bool headed_ = false;                        ///< it has a line of its own already, above what it says
    std::chrono::steady_clock::time_point told_; ///< when something about it was said last
    std::optional<LiveLine> live_;
};

} // namespace dibs::report
