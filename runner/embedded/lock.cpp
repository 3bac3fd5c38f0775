#include "embedded/lock.hpp"

#include "report/failure.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace dibs::embedded {

Lock::Lock(const std::filesystem::path& file, std::chrono::milliseconds patience)
    : file_(::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) {
    if (!file_) {
        throw std::filesystem::filesystem_error("cannot open", file, {errno, std::generic_category()});
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            throw std::filesystem::filesystem_error("cannot lock", file, {errno, std::generic_category()});
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            throw report::Failure(
                report::ExitCode::unreachable,
                fmt::format("Another process is starting or stopping the embedded server, and has "
                            "not finished (lock file {}).",
                            file.native()),
                fmt::format("See which one it is with: fuser {}", file.native()));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

} // namespace dibs::embedded
