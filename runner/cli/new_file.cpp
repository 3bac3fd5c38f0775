#include "cli/new_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "process/file_descriptor.hpp"
#include "report/failure.hpp"

namespace dibs::cli {

using report::ExitCode;
using report::Failure;

void cannot(std::string_view what, const std::filesystem::path& path) {
    throw Failure(ExitCode::other, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)),
                  "Check the folder's permissions and the disk's space.");
}

void write_new_file(const std::filesystem::path& path, std::string_view text) {
    const process::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file)
        cannot("write", path);
    while (!text.empty()) {
        const ssize_t wrote = write(file.get(), text.data(), text.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            const int error = errno;
            unlink(path.c_str());
            errno = error;
            cannot("write", path);
        }
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/+=:,@%";
    if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos)
        return std::string(text);
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

} // namespace dibs::cli
