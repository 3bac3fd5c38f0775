#include <algorithm>
#include <map>
#include <variant>

#include <fmt/format.h>

#include "cli/project.hpp"
#include "plugin/library.hpp"
#include "report/json.hpp"

namespace dibs::cli {
namespace {

using plugin::NamedFile;
using report::ExitCode;
using report::Failure;

struct Shown {
    std::string version;
    std::string source;
    std::string from; ///< "library" or "history"
    std::optional<std::string> library;
    std::string checksum;
};

/// Of a folder that may not be there, and whose mistakes are none of this command's business.
std::vector<NamedFile> files_in(const std::filesystem::path& folder, std::string_view ending) {
    std::error_code error;
    if (std::filesystem::status(folder, error).type() == std::filesystem::file_type::not_found)
        return {};
    return plugin::look_for_migrations(folder, ending).files;
}

std::vector<std::string> labels_of(const std::vector<NamedFile>& files) {
    std::vector<std::string> labels;
    for (const NamedFile& file : files)
        labels.push_back(file.version.to_string());
    return labels;
}

Shown from_library(const NamedFile& file) {
    plugin::Library library = plugin::read_library(file.path, file.version);
    return {file.version.to_string(), std::move(library.source), "library", file.path, library.checksum};
}

const history::Applied* row_called(const std::vector<history::Applied>& rows, const std::string& version) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const history::Applied& each) {
        return (each.version ? each.version->to_string() : each.recorded) == version;
    });
    return row == rows.end() ? nullptr : &*row;
}

/// The one that is meant, where it is among these.
std::optional<std::size_t> meant(const std::vector<std::string>& labels, const std::string& typed) {
    try {
        return migration::find_version(labels, typed);
    } catch (const Failure&) {
        return std::nullopt;
    }
}

Failure not_built(const std::string& version) {
    return {ExitCode::other, fmt::format("{} is not built", version),
            "Build it (cmake --build build), or read its source."};
}

/// What was applied, as the history keeps it.
/// @param known what else there is
Shown from_history(Invocation& invocation, const std::vector<std::string>& known, const std::string& typed) {
    database::Connection connection = connect(invocation);
    const history::History history = look(connection, invocation.settings).history;
    const std::vector<history::Applied> rows = history.read(connection);
    std::vector<std::string> labels = known;
    for (const history::Applied& row : rows)
        if (row.version)
            labels.push_back(row.version->to_string());
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    const std::string version = labels[migration::find_version(labels, typed)];
    const history::Applied* const row = row_called(rows, version);
    if (row == nullptr && !invocation.arguments.has("stored"))
        throw not_built(version);
    if (row == nullptr)
        throw Failure(ExitCode::other,
                      fmt::format("{} is not applied, so the history has no source of it", version),
                      fmt::format("`dibs show {}` shows the source of its library.", version));
    std::map<std::string, std::string> sources = history.read_sources(connection, {row->recorded});
    if (sources.empty())
        throw Failure(ExitCode::other, fmt::format("the history has no source of {}", version),
                      "It was recorded by a program that keeps none, or it is larger than 1 MiB.");
    return {version, std::move(sources.begin()->second), "history", std::nullopt, row->checksum};
}

Shown find(Invocation& invocation) {
    const std::string& typed = invocation.arguments.words().front();
    const std::vector<NamedFile> libraries = files_in(invocation.settings.libraries, ".so");
    std::vector<std::string> labels = labels_of(libraries);
    if (!invocation.arguments.has("stored"))
        if (const std::optional<std::size_t> index = meant(labels, typed))
            return from_library(libraries[*index]);
    for (std::string& label : labels_of(files_in(invocation.settings.source, ".cpp")))
        labels.push_back(std::move(label));
    if (std::holds_alternative<config::NotConfigured>(invocation.settings.database) &&
        !invocation.arguments.has("stored"))
        throw not_built(labels[migration::find_version(labels, typed)]);
    return from_history(invocation, labels, typed);
}

ExitCode run(Invocation& invocation) {
    Shown shown = find(invocation);
    report::Sink& sink = invocation.sink;
    if (invocation.json()) {
        sink.raw(
            report::to_json({{"version", shown.version},
                             {"from", shown.from},
                             {"library", shown.library ? report::Fact(*shown.library) : nullptr},
                             {"checksum", shown.checksum.empty() ? report::Fact(nullptr) : shown.checksum},
                             {"source", shown.source}},
                            sink.redactor()));
        return ExitCode::done;
    }
    if (shown.source.ends_with('\n'))
        shown.source.pop_back();
    sink.out(shown.source);
    return ExitCode::done;
}

} // namespace

Command show_command() {
    return {
        .name = "show",
        .words = "VERSION",
        .word_values = Values::versions,
        .summary = "prints the source that a library was built from",
        .details = "The source is in the library itself, so it is what would run, whatever the source folder "
                   "says. Of a migration that has no library here, what the history keeps. Passwords are "
                   "masked.",
        .json = "{\"version\", \"from\", \"library\", \"checksum\", \"source\"}",
        .examples = {"dibs show 2026_01_24_120000-create_users",
                     "dibs show 2026_01_24_120000-create_users --stored"},
        .options = {{.name = "stored", .help = "what was applied, as the history keeps it"}},
        .least_words = 1,
        .most_words = 1,
        .run = run,
    };
}

} // namespace dibs::cli
