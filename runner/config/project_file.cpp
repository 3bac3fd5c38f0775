#include "config/project_file.hpp"

#include "report/failure.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace dibs::config {
namespace fs = std::filesystem;
using report::ExitCode;
using report::Failure;

std::optional<fs::path> find_project_file(const fs::path& folder) {
    for (fs::path here = folder;; here = here.parent_path()) {
        std::error_code ignored; // a folder that may not be searched has no file for us
        const fs::path file = here / "dibs.yaml";
        if (fs::exists(file, ignored) || fs::is_symlink(file, ignored)) {
            return file;
        }
        if (const fs::path misnamed = here / "dibs.yml"; fs::exists(misnamed, ignored)) {
            throw Failure(ExitCode::usage,
                          shown_path(misnamed, folder) + ": dibs does not read a file of this name",
                          "Rename it to dibs.yaml.");
        }
        if (here == here.parent_path()) {
            return std::nullopt;
        }
    }
}

std::string read_project_file(const fs::path& file, const std::string& shown, std::size_t limit) {
    std::error_code ignored;
    if (fs::is_directory(file, ignored)) {
        throw Failure(ExitCode::usage, shown + " is a folder, not a file",
                      "Name the file in it: --config FILE.");
    }
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string text;
    for (std::array<char, 4096> part{}; stream && text.size() <= limit;) {
        stream.read(part.data(), part.size());
        text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
    }
    if (!stream.is_open() || stream.bad()) {
        throw Failure(ExitCode::usage, "cannot read " + shown + ": " + std::strerror(errno),
                      "Check the path and its permissions, or name another file with --config FILE.");
    }
    return text;
}

std::string shown_path(const fs::path& file, const fs::path& folder) {
    const std::string relative = file.lexically_relative(folder).string();
    const std::string absolute = file.string();
    return !relative.empty() && relative.size() <= absolute.size() ? relative : absolute;
}

} // namespace dibs::config
