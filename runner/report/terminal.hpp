#pragma once

#include <string>
#include <vector>

#include "report/events.hpp"
#include "report/failure.hpp"
#include "report/sink.hpp"

namespace dibs::report {

/// A failed migration, for people: what failed, where, the statement with a caret, what became of it.
std::vector<std::string> failure_lines(const MigrationFailure& failure, const Sink& sink);

/// Prints an error that ends the command, with what to do about it.
void print(const Failure& failure, Sink& sink);

/// Events as lines, each when it happens.
class TerminalEvents final : public Events {
  public:
    explicit TerminalEvents(Sink& sink) : sink_(sink) {}

    void waiting_for_lock(std::string_view holder) override;
    void started(std::string_view version, std::size_t number, std::size_t total) override;
    void log(std::string_view version, std::string_view text) override;
    void notice(std::string_view severity, std::string_view text) override;
    void output(std::string_view line) override;
    void retrying(std::string_view version, std::string_view text) override;
    void applied(std::string_view version, std::chrono::microseconds took) override;
    void failed(const MigrationFailure& failure) override;

  private:
    Sink& sink_;
    std::string place_; ///< "  3/12"
};

} // namespace dibs::report
