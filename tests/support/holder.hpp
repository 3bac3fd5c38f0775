#pragma once

#include <optional>
#include <string>

#include "process/child.hpp"
#include "support/project.hpp"
#include "support/scratch_server.hpp"

namespace dibs::tests {

/// A session of an application, called "shop", that has begun a transaction and has the table `busy`, or
/// whatever its SQL takes, in its hands until it is told to end.
class Holder {
  public:
    explicit Holder(const Project& project, const std::string& lock = "LOCK TABLE busy") : project_(project) {
        const auto psql = server().binaries().program("psql");
        child_.emplace(process::spawn(
            {.argv = {psql, "-Xq", "-d", project.database().conninfo() + " application_name=shop", "-c",
                      "BEGIN", "-c", lock, "-c", "SELECT pg_sleep(60)"}}));
        REQUIRE(eventually([&] {
            return project.psql(
                       "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = to_regclass('busy') AND "
                       "granted) OR "
                       "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'shop' AND datname = "
                       "current_database() AND wait_event = 'PgSleep')") == "t";
        }));
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    ~Holder() { leave(); }

    void leave() {
        if (!child_)
            return;
        project_.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop' AND "
            "datname = current_database()");
        child_->wait();
        child_.reset();
    }

  private:
    const Project& project_;
    std::optional<process::Child> child_;
};

} // namespace dibs::tests
