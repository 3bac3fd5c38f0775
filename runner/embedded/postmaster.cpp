#include "embedded/postmaster.hpp"

#include "process/file_descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace dibs::embedded {
namespace {

namespace fs = std::filesystem;
using process::FileDescriptor;

/// Enough for what is read here; the pid file is shorter than a page.
std::optional<std::string> beginning_of(const fs::path& file) {
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 8192> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
    const ssize_t size = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
    if (size < 0) {
        return std::nullopt;
    }
    return std::string(buffer.data(), static_cast<std::size_t>(size));
}

template <typename Number>
Number number_in(std::string_view text) {
    Number result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
}

bool is_postgres(const std::string& process) {
    return beginning_of(process + "/comm") == "postgres\n";
}

} // namespace

std::optional<PidFile> parse_pid_file(std::string_view text) {
    std::array<std::string_view, 8> lines;
    for (std::string_view& line : lines) {
        const std::size_t end = text.find('\n');
        line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    PidFile result{.pid = number_in<pid_t>(lines[0]),
                   .data_directory = lines[1],
                   .endpoint = {.socket_directory = lines[4], .port = number_in<int>(lines[3])},
                   .state = std::string(lines[7].substr(0, lines[7].find(' ')))};
    if (result.pid <= 0) {
        return std::nullopt;
    }
    return result;
}

std::optional<PidFile> read_pid_file(const fs::path& cluster) {
    const auto text = beginning_of(cluster / "postmaster.pid");
    return text ? parse_pid_file(*text) : std::nullopt;
}

bool is_postmaster(pid_t pid, const fs::path& cluster) {
    const std::string process = fmt::format("/proc/{}", pid);
    struct stat there {};
    struct stat here {};
    return is_postgres(process) && ::stat((process + "/cwd").c_str(), &there) == 0 &&
           ::stat(cluster.c_str(), &here) == 0 && there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

std::vector<ServerProcess> server_processes(const fs::path& cluster) {
    std::vector<ServerProcess> result;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
        const auto pid = number_in<pid_t>(entry.path().filename().native());
        if (pid == 0 || !is_postgres(entry.path().native())) {
            continue;
        }
        const fs::path working = fs::read_symlink(entry.path() / "cwd", error);
        if (!error && (working == cluster || working == cluster.native() + " (deleted)")) {
            result.push_back({.pid = pid, .directory_deleted = working != cluster});
        }
    }
    return result;
}

bool accepts_connections(const fs::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.native().size() >= sizeof address.sun_path) {
        return false;
    }
    socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
    const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void disown_pid_file(const fs::path& cluster) {
    constexpr std::string_view nobody = "2147483647"; // Linux gives at most 2^22 (PID_MAX_LIMIT)
    const fs::path file = cluster / "postmaster.pid";
    std::string text = beginning_of(file).value_or("");
    text.replace(0, text.find('\n'), nobody);
    const FileDescriptor fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd || ::pwrite(fd.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        throw std::system_error(errno, std::generic_category(), file.native());
    }
}

} // namespace dibs::embedded
