#include <algorithm>

#include <fmt/format.h>

#include "cli/project.hpp"
#include "config/duration.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using history::Noted;
using report::ExitCode;
using report::Failure;
using report::Style;

std::optional<std::size_t> last_of(const Invocation& invocation) {
    const std::optional<std::string> text = invocation.arguments.value("last");
    if (!text)
        return std::nullopt;
    const std::optional<unsigned> count = config::parse_count(*text);
    if (!count)
        throw Failure(ExitCode::usage, fmt::format("--last takes a number from 1 to 1000, not '{}'", *text),
                      "Give how many, as in --last 20, or leave it out for all.");
    return *count;
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

report::HistoryRow row_of(const Noted& noted) {
    return {noted.at,
            noted.attempt.event,
            unless_empty(noted.attempt.version),
            noted.attempt.duration_ms,
            unless_empty(noted.attempt.sqlstate),
            unless_empty(noted.attempt.message),
            noted.by,
            noted.runner_version,
            noted.run};
}

Style style_of(const std::string& event) {
    if (event == "failed")
        return Style::bad;
    if (event == "applied" || event == "baseline")
        return Style::good;
    return event == "start" ? Style::faint : Style::warning;
}

/// What is noted besides, in lines below the row's.
std::string remark_on(const Noted& noted) {
    const std::string& state = noted.attempt.sqlstate;
    std::string text = (state.empty() ? "" : state + ": ") + noted.attempt.message;
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at)
        text.insert(at + 1, "  ");
    return text;
}

void print_table(const std::vector<Noted>& attempts, report::Sink& sink) {
    std::vector<std::vector<std::string>> rows{{"When (UTC)", "Event", "Version", "Took", "By"}};
    for (const Noted& noted : attempts) {
        const history::Attempt& attempt = noted.attempt;
        const bool run = attempt.version.empty();
        rows.push_back(
            {report::moment(noted.at), sink.paint(style_of(attempt.event), report::harmless(attempt.event)),
             run ? fmt::format("a run of dibs {}", noted.runner_version) : report::harmless(attempt.version),
             report::took(attempt.duration_ms), report::harmless(noted.by)});
    }
    const std::vector<std::string> lines = report::aligned(rows);
    sink.out(lines.front());
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        sink.out(lines[i + 1]);
        if (const std::string remark = remark_on(attempts[i]); !remark.empty())
            sink.out("  " + remark);
    }
}

ExitCode run(Invocation& invocation) {
    const std::optional<std::size_t> last = last_of(invocation);
    database::Connection connection = connect(invocation);
    const Look seen = look(connection, invocation.settings);
    const std::vector<Noted> attempts = seen.history.read_attempts(connection, last);
    report::Sink& sink = invocation.sink;
    if (invocation.json()) {
        report::HistoryDocument document{connection.describe(), {}};
        std::transform(attempts.begin(), attempts.end(), std::back_inserter(document.attempts), row_of);
        sink.raw(report::to_json(document, sink.redactor()));
    } else if (attempts.empty()) {
        sink.out(fmt::format("Nothing was ever attempted on {}", connection.describe()));
    } else {
        print_table(attempts, sink);
    }
    return ExitCode::done;
}

} // namespace

Command history_command() {
    return {
        .name = "history",
        .summary = "lists what was attempted, when and by whom",
        .details =
            "Every run and every migration that it applied, rolled back, or failed at, with the reason; "
            "the newest last. It only reads.",
        .json = "{\"database\", \"attempts\": [{\"at\", \"event\", \"version\", \"duration_ms\", "
                "\"sqlstate\", \"message\", \"by\", ...}]}",
        .examples = {"dibs history", "dibs history --last 20",
                     "dibs history --json | jq '.attempts[] | select(.event == \"failed\")'"},
        .options = {{.name = "last", .value = "N", .help = "only the last N"}},
        .run = run,
    };
}

} // namespace dibs::cli
