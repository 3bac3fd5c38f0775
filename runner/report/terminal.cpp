#include "report/terminal.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include "report/text.hpp"

namespace dibs::report {
namespace {

/// Without a line that is redrawn in place, how often progress is worth a line.
constexpr std::chrono::seconds between_lines(10);

/// Text from elsewhere behind a label, its later lines under the first.
std::string labelled(std::string_view label, std::string_view text) {
    std::string lines(label);
    for (const char c : harmless(text)) {
        lines += c;
        if (c == '\n')
            lines.append(label.size(), ' ');
    }
    lines.erase(lines.find_last_not_of(" \n") + 1);
    return lines;
}

void add_labelled(std::vector<std::string>& lines, std::string_view label, std::string_view text) {
    if (!text.empty())
        lines.push_back(labelled(fmt::format("  {}: ", label), text));
}

} // namespace

std::vector<std::string> failure_lines(const MigrationFailure& failure, const Sink& sink) {
    std::vector<std::string> lines;
    lines.push_back(sink.paint_error(Style::bad, "error: ") + (failure.backwards ? "rollback() of " : "") +
                    failure.version + " failed" +
                    (failure.step.empty() ? "" : fmt::format(" in step \"{}\"", harmless(failure.step))) +
                    (failure.what.empty() ? "" : ": " + harmless(failure.what)));
    if (!failure.message.empty())
        lines.push_back(
            labelled("  ", (failure.sqlstate.empty() ? "" : failure.sqlstate + ": ") + failure.message));
    add_labelled(lines, "detail", failure.detail);
    add_labelled(lines, "hint", failure.hint);
    for (const std::string& session : failure.blocked_by)
        add_labelled(lines, "held by", session);
    add_labelled(lines, "context", failure.context);
    if (failure.line > 0)
        lines.push_back(
            fmt::format("  at {}:{}{}", failure.file, failure.line,
                        failure.statement > 0 ? fmt::format(", statement {}", failure.statement) : ""));
    if (!failure.sql.empty()) {
        lines.emplace_back();
        for (std::string& line : excerpt(failure.sql, failure.position))
            lines.push_back(std::move(line));
        lines.emplace_back();
    }
    if (!failure.outcome.empty())
        lines.push_back(labelled("  ", failure.outcome));
    return lines;
}

void print(const Failure& failure, Sink& sink) {
    std::string what = harmless(failure.what());
    for (std::size_t at = 0; (at = what.find("\n\t", at)) != std::string::npos;) // libpq's second lines
        what.replace(at, 2, "\n  ");
    sink.error(sink.paint_error(Style::bad, "error: ") + what);
    if (!failure.hint().empty())
        sink.error(labelled("  ", failure.hint()));
}

TerminalEvents::~TerminalEvents() {
    sink_.show(nullptr);
}

void TerminalEvents::flush() {
    if (!live_)
        sink_.flush();
}

void TerminalEvents::waiting_for_lock(std::string_view holder) {
    sink_.say(fmt::format("Waiting for another run: the lock is held by {}", holder));
    flush();
}

void TerminalEvents::started(std::string_view version, std::size_t number, std::size_t total) {
    const std::string last = std::to_string(total);
    place_ = fmt::format("  {:>{}}/{}", number, last.size(), last);
    version_ = version;
    told_ = std::chrono::steady_clock::now();
    sink_.detail(fmt::format("{}  {} ...", place_, version));
    headed_ = sink_.verbosity().verbose;
    if (in_place_ && sink_.verbosity().in_place && !live_)
        sink_.show(&live_.emplace(STDOUT_FILENO));
    if (live_)
        live_->running(fmt::format("{}  {:{}}", place_, version, widest_));
}

void TerminalEvents::say_under(std::string_view label, std::string_view text) {
    if (!headed_)
        sink_.say(fmt::format("{}  {}", place_, version_));
    headed_ = true;
    told_ = std::chrono::steady_clock::now();
    sink_.say(labelled(fmt::format("{:{}}  {}", "", place_.size(), label), text));
}

void TerminalEvents::log(std::string_view, std::string_view text) {
    say_under("", text);
    flush();
}

void TerminalEvents::notice(std::string_view severity, std::string_view text) {
    say_under(fmt::format("{}: ", severity), text);
}

void TerminalEvents::output(std::string_view line) {
    say_under("| ", line);
}

void TerminalEvents::retrying(std::string_view, std::string_view text) {
    say_under("", text);
    flush();
}

void TerminalEvents::remark(std::string_view, std::string_view text) {
    say_under("", text);
    flush();
}

void TerminalEvents::step_done(std::string_view, std::string_view step, std::chrono::microseconds took) {
    say_under("", fmt::format("step \"{}\" done, {}", step, duration(took)));
    flush();
}

void TerminalEvents::step_passed_over(std::string_view, std::string_view step, std::string_view done_at) {
    say_under("", fmt::format("step \"{}\" was done by an earlier run, on {} UTC", step, moment(done_at)));
    flush();
}

void TerminalEvents::progress(std::string_view, std::string_view text) {
    if (live_)
        return live_->detail(harmless(text));
    if (std::chrono::steady_clock::now() - told_ < between_lines)
        return;
    say_under("", text);
    flush();
}

void TerminalEvents::backfill(std::string_view version, const BackfillProgress& how_far) {
    if (how_far.finished)
        return remark(version, described(how_far));
    progress(version, described(how_far));
}

void TerminalEvents::done(std::chrono::microseconds took) {
    if (live_)
        live_->idle();
    const std::string time = sink_.paint(Style::faint, duration(took));
    if (headed_)
        sink_.say(fmt::format("{:{}}  done, {}", "", place_.size(), time));
    else
        sink_.say(fmt::format("{}  {:{}}  {}", place_, version_, widest_, time));
    flush();
}

void TerminalEvents::failed(const MigrationFailure& failure) {
    if (live_)
        live_->idle();
    for (const std::string& line : failure_lines(failure, sink_))
        sink_.error(line);
}

} // namespace dibs::report
