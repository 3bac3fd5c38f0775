#pragma once

#include "embedded/server.hpp"
#include "support/temporary_directory.hpp"

#include <chrono>
#include <functional>
#include <string_view>
#include <thread>

namespace dibs::tests {

/// A server of its own for a test that hurts it; nothing is there yet. Stopped, and gone with its directory,
/// at the end.
class ScratchServer {
  public:
    /// In this folder below a temporary one.
    explicit ScratchServer(std::string_view below = "project/.dibs")
        : directory_(temporary_.path() / below) {}
    ScratchServer(const ScratchServer&) = delete;
    ScratchServer& operator=(const ScratchServer&) = delete;
    ~ScratchServer();

    [[nodiscard]] embedded::Server server(embedded::Options options = {}) const;
    std::string psql(std::string_view sql) const;
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    [[nodiscard]] std::filesystem::path cluster() const { return directory_ / "postgres"; }

  private:
    TemporaryDirectory temporary_;
    std::filesystem::path directory_;
};

/// With a cluster, stopped: a copy of one that a Server made, for tests that are not about making it.
class ScratchCluster : public ScratchServer {
  public:
    explicit ScratchCluster(std::string_view below = "project/.dibs");
};

/// Runs it in a forked process, which ends with exit code 0, or 1 after an exception. Returns the process.
pid_t in_child(const std::function<void()>& function);
/// Exit code; -1 for a signal.
int exit_code_of(pid_t child);

/// False if this has not come true within the limit.
template <typename Condition>
bool eventually(Condition condition, std::chrono::seconds limit = std::chrono::seconds(10)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

} // namespace dibs::tests
