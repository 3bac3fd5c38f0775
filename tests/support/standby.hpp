#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "process/child.hpp"
#include "support/scratch_server.hpp"

namespace dibs::tests {

/// A hot standby of a scratch server, in the same socket directory.
class Standby {
  public:
    explicit Standby(const ScratchServer& primary)
        : primary_(primary.server()), folder_(primary.directory() / "standby") {
        run({program("pg_basebackup"), "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--pgdata",
             folder_.string(), "--dbname", primary_.conninfo()});
        run({program("pg_ctl"), "start", "--silent", "--wait", "--pgdata", folder_.string(), "--log",
             (folder_ / "log").string(), "--options", "--port=5433"});
    }
    Standby(const Standby&) = delete;
    Standby& operator=(const Standby&) = delete;
    ~Standby() {
        try {
            run({program("pg_ctl"), "stop", "--silent", "--mode=immediate", "--pgdata", folder_.string()});
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
    }

    [[nodiscard]] std::string conninfo() const { return primary_.conninfo() + " port=5433"; }

  private:
    [[nodiscard]] std::string program(const char* name) const { return primary_.binaries().program(name); }

    /// As the primary's account.
    void run(std::vector<std::string> argv) const {
        process::Command command{.argv = std::move(argv), .directory = "/"};
        struct stat status {};
        if (geteuid() == 0 && stat(primary_.status().cluster.c_str(), &status) == 0) {
            if (!std::filesystem::exists(folder_)) {
                std::filesystem::create_directory(folder_);
                std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
                REQUIRE(chown(folder_.c_str(), status.st_uid, status.st_gid) == 0);
            }
            command.account = {status.st_uid, status.st_gid};
        }
        const process::Result result = process::run(command);
        if (!result.exit.ok())
            throw std::runtime_error(command.argv.front() + ": " + result.out + result.err);
    }

    embedded::Server primary_;
    std::filesystem::path folder_;
};

} // namespace dibs::tests
