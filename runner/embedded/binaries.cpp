#include "embedded/binaries.hpp"

#include "process/child.hpp"
#include "report/failure.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <vector>

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

std::vector<fs::path> usual_places() {
    std::vector<fs::path> result;
    if (const auto place = told_by_pg_config()) {
        result.push_back(*place);
    }
    std::ranges::copy(debian_places(), std::back_inserter(result));
    if (const auto program = process::find_program("postgres")) {
        result.push_back(program->parent_path());
    }
    return result;
}

class Search {
  public:
    explicit Search(std::optional<int> wanted_major) : wanted_major_(wanted_major) {}

    bool look_in(const fs::path& place) {
        if (std::ranges::find(seen_, place) != seen_.end()) {
            return false;
        }
        seen_.push_back(place);
        if (!is_complete(place)) {
            return false;
        }
        const process::Result said = process::run({.argv = {(place / "postgres").native(), "--version"}});
        Binaries binaries{.directory = place, .version = version_in(said.out), .major = 0};
        binaries.major = major_of(binaries.version);
        if (binaries.major != 0 && binaries.major == wanted_major_.value_or(binaries.major)) {
            found_ = std::move(binaries);
        } else {
            others_ +=
                fmt::format("{}{} in {}", others_.empty() ? "" : ", ", binaries.version, place.native());
        }
        return found_.has_value();
    }

    Binaries result() const {
        if (found_) {
            return *found_;
        }
        if (wanted_major_ && !others_.empty()) {
            throw report::Failure(
                report::ExitCode::unreachable,
                fmt::format("The embedded cluster was made by PostgreSQL {}, but the programs found "
                            "here are of another version: {}.",
                            *wanted_major_, others_),
                installation_hint(wanted_major_) + " To begin anew and lose its data: dibs db reset.");
        }
        std::string looked_in;
        for (const fs::path& place : seen_) {
            looked_in += (looked_in.empty() ? "" : ", ") + place.native();
        }
        throw report::Failure(
            report::ExitCode::unreachable,
            fmt::format("No PostgreSQL server was found (initdb, pg_ctl and postgres, looked for in {}).",
                        looked_in.empty() ? "/usr/lib/postgresql, PATH" : looked_in),
            installation_hint(wanted_major_));
    }

  private:
    std::optional<int> wanted_major_;
    std::optional<Binaries> found_;
    std::vector<fs::path> seen_;
    std::string others_;
};

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

Binaries find_binaries(const std::optional<fs::path>& given, std::optional<int> wanted_major) {
    Search search(wanted_major);
    if (given) {
        search.look_in(*given);
    } else if (!(wanted_major && search.look_in(fmt::format("/usr/lib/postgresql/{}/bin", *wanted_major)))) {
        for (const fs::path& place : usual_places()) {
            if (search.look_in(place)) {
                break;
            }
        }
    }
    return search.result();
}

} // namespace dibs::embedded
