#include "embedded/binaries.hpp"

#include "process/child.hpp"
#include "report/failure.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace dibs::embedded {
namespace {

namespace fs = std::filesystem;

bool is_complete(const fs::path& place) {
    return std::ranges::all_of(std::vector{"initdb", "pg_ctl", "postgres"},
                               [&](const char* name) { return ::access((place / name).c_str(), X_OK) == 0; });
}

std::optional<fs::path> told_by_pg_config() {
    if (!process::find_program("pg_config")) {
        return std::nullopt;
    }
    std::string out = process::run({.argv = {"pg_config", "--bindir"}}).out;
    out.erase(out.find_last_not_of('\n') + 1);
    return out;
}

std::vector<fs::path> debian_places() {
    std::vector<std::pair<int, fs::path>> found;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        found.emplace_back(major_of(entry.path().filename().native()), entry.path() / "bin");
    }
    std::ranges::sort(found, std::greater{});
    std::vector<fs::path> result;
    for (auto& [major, place] : found) {
        result.push_back(std::move(place));
    }
    return result;
}

std::string installation_hint(std::optional<int> major) {
    const std::string package = major ? fmt::format("postgresql-{}", *major) : "postgresql";
    return fmt::format(
        "Install the server (Debian and Ubuntu: apt install {}), or say where its programs are with "
        "the place that `pg_config --bindir` prints for it.",
        package);
}

std::string listed(const std::vector<fs::path>& places) {
    std::string result;
    for (const fs::path& place : places) {
        result += (result.empty() ? "" : ", ") + place.native();
    }
    return result.empty() ? "/usr/lib/postgresql, PATH" : result;
}

} // namespace

std::string version_in(std::string_view output) {
    constexpr std::string_view mark = "(PostgreSQL) ";
    const std::size_t at = output.find(mark);
    if (at == std::string_view::npos) {
        return {};
    }
    output.remove_prefix(at + mark.size());
    return std::string(output.substr(0, output.find_first_of(" \n")));
}

int major_of(std::string_view version) {
    int result = 0;
    std::from_chars(version.data(), version.data() + version.size(), result);
    return result;
}

std::vector<fs::path> places(const std::optional<fs::path>& given, std::optional<int> wanted_major) {
    if (given) {
        return {*given};
    }
    std::vector<fs::path> result;
    const auto add = [&](const fs::path& place) {
        if (std::ranges::find(result, place) == result.end()) {
            result.push_back(place);
        }
    };
    if (wanted_major) {
        add(fmt::format("/usr/lib/postgresql/{}/bin", *wanted_major));
    }
    if (const auto place = told_by_pg_config()) {
        add(*place);
    }
    for (const fs::path& place : debian_places()) {
        add(place);
    }
    if (const auto program = process::find_program("postgres")) {
        add(program->parent_path());
    }
    return result;
}

Binaries find_binaries(const std::vector<fs::path>& places, std::optional<int> wanted_major) {
    std::string others;
    for (const fs::path& place : places) {
        if (!is_complete(place)) {
            continue;
        }
        const process::Result result = process::run({.argv = {(place / "postgres").native(), "--version"}});
        const std::string version = version_in(result.out);
        const int major = major_of(version);
        if (result.exit.ok() && major != 0 && major == wanted_major.value_or(major)) {
            return {.directory = place, .version = version, .major = major};
        }
        others += fmt::format("{}{} in {}", others.empty() ? "" : ", ", version, place.native());
    }
    if (wanted_major && !others.empty()) {
        throw report::Failure(
            report::ExitCode::unreachable,
            fmt::format("The embedded cluster was made by PostgreSQL {}, but the programs found "
                        "here are of another version: {}.",
                        *wanted_major, others),
            installation_hint(wanted_major) + " To begin anew and lose its data: dibs db reset.");
    }
    throw report::Failure(
        report::ExitCode::unreachable,
        fmt::format("No PostgreSQL server was found (initdb, pg_ctl and postgres, looked for in {}).",
                    listed(places)),
        installation_hint(wanted_major));
}

} // namespace dibs::embedded
