#pragma once

#include "report/failure.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::process {

/// Whom a child runs as. Supplementary groups are dropped: only what the two ids may do remains.
struct Account {
    uid_t user;
    gid_t group;
};

struct Command {
    std::vector<std::string> argv; ///< argv[0] without a slash is looked up in PATH
    std::optional<std::vector<std::string>> environment = {}; ///< all of it, as NAME=value; else the parent's
    std::filesystem::path directory = {};                     ///< entered after the change of account
    std::optional<Account> account = {};                      ///< needs root
    std::vector<int> keep_open = {}; ///< passed on by their numbers; every other is closed
    bool new_session = false;        ///< out of reach of the signals of the parent\'s terminal
};

/// File descriptors of the parent that become the child's standard streams; borrowed. -1 is /dev/null.
struct Streams {
    int in = -1;
    int out = -1;
    int err = -1;
};

/// How a child ended: one of the two is meant.
struct Exit {
    int code = 0;
    int signal = 0;

    [[nodiscard]] bool ok() const noexcept { return code == 0 && signal == 0; }
    [[nodiscard]] std::string describe() const;
};

/// The program was not started; nothing of it remains.
class SpawnError : public report::Failure {
  public:
    enum class Step { streams, account, directory, program };

    SpawnError(Step step, int error, const Command& command);

    [[nodiscard]] Step step() const noexcept { return step_; }
    [[nodiscard]] int error() const noexcept { return error_; }

  private:
    Step step_;
    int error_;
};

/// A running child. One that was not waited for is killed and reaped by the destructor.
class Child {
  public:
    explicit Child(pid_t pid) noexcept : pid_(pid) {}
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// To be called once.
    Exit wait();

  private:
    pid_t pid_;
};

/// Returns once the program runs (exec has succeeded); throws SpawnError. Ignored signals stay ignored, but
/// SIGPIPE.
Child spawn(const Command& command, Streams streams = {});

struct Result {
    Exit exit;
    std::string out;
    std::string err;
};

/// Runs to the end, with this text as standard input. The output is held in memory.
Result run(const Command& command, std::string_view input = {});

/// The executable file of this name in PATH.
std::optional<std::filesystem::path> find_program(std::string_view name);

} // namespace dibs::process
