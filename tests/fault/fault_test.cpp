#include <fcntl.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "database/connection.hpp"
#include "process/child.hpp"
#include "support/program.hpp"
#include "support/scratch_server.hpp"

using dibs::database::Connection;
using dibs::process::Child;
using dibs::process::Exit;
using dibs::tests::eventually;
using dibs::tests::Ran;
using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

/// How often each fault is tried; `./dev fault` says more.
unsigned rounds(unsigned otherwise, unsigned part = 1) {
    const char* const said = std::getenv("DIBS_FAULT_ROUNDS");
    return said == nullptr ? otherwise : std::max(1U, static_cast<unsigned>(std::stoul(said)) / part);
}

/// 30 migrations, and a server of their own to break them on.
class Subject {
  public:
    Subject() {
        server_.server({.settings = {{"deadlock_timeout", "100ms"}}}).ensure_running();
        reset();
        const auto begun = steady_clock::now();
        REQUIRE(start().wait().ok());
        whole_ = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
        undisturbed_ = state();
        REQUIRE(query("SELECT count(*) FROM _dibs_migrations") == "30");
    }

    [[nodiscard]] const dibs::tests::ScratchCluster& server() const { return server_; }
    std::string query(const std::string& sql) const {
        Connection connection(server_.server().conninfo(), "test");
        const auto outcome = connection.script(sql).or_throw();
        const auto& rows = outcome.results.back();
        std::string text;
        for (std::size_t row = 0; row < rows.rows(); ++row)
            text += std::string(row == 0 ? "" : "\n") + std::string(rows.text(row, 0));
        return text;
    }

    void reset() const {
        query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE ran (migration int)");
    }

    [[nodiscard]] Child start() const {
        auto command =
            dibs::tests::command_in(DIBS_TEST_FAULT_PROJECT, {dibs::tests::dibs_program().string(), "migrate",
                                                              "--database-url", server_.server().conninfo()});
        return dibs::process::spawn(command, {-1, log(), log()});
    }

    /// A run with something breaking at some moment of it, and others until one ends well; then all must be
    /// as it is without. @return whether the fault met a run at all
    bool survives(const std::function<bool(const Child&)>& fault) {
        reset();
        std::uniform_int_distribution<microseconds::rep> moment(0, whole_.count());
        Child disturbed = start();
        std::this_thread::sleep_for(microseconds(moment(random_)));
        const bool met = fault(disturbed);
        const bool was_done = disturbed.wait().ok();
        unsigned more = 0;
        bool done = was_done;
        for (; !done && more < 5; ++more)
            done = start().wait().ok();
        CHECK(done);
        CHECK(eventually([&] { return sessions() == "0"; }));
        CHECK(query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
        CHECK(query("SELECT count(*) - count(DISTINCT migration) FROM ran") == "0");
        CHECK(state() == undisturbed_);
        return met && !was_done;
    }

    [[nodiscard]] std::string sessions() const {
        return query("SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^dibs'");
    }

  private:
    /// Everything that the migrations leave: structure, validity, rows and history.
    [[nodiscard]] std::string state() const {
        return query(
            "SELECT format('%s %s %s %s', c.relname, a.attname, a.atttypid::regtype, a.attnotnull) FROM "
            "pg_class c JOIN "
            "pg_attribute a ON a.attrelid = c.oid AND attnum > 0 WHERE c.relnamespace = "
            "'public'::regnamespace UNION ALL "
            "SELECT format('%s %s', pg_get_indexdef(indexrelid), indisvalid) FROM pg_index WHERE "
            "indrelid::regclass::text !~ '^pg_' UNION ALL SELECT 'ran ' || migration FROM ran UNION ALL "
            "SELECT 'applied ' || version FROM _dibs_migrations UNION ALL SELECT format('step %s of %s', "
            "step, "
            "version) FROM _dibs_steps UNION ALL SELECT table_name || "
            "(xpath('/row/n/text()', "
            "query_to_xml('SELECT count(*) n FROM ' || quote_ident(table_name), false, true, '')))[1] FROM "
            "information_schema.tables WHERE table_schema = 'public' AND table_name !~ '^_dibs' ORDER BY 1");
    }
    static int log() {
        static const int file =
            open(DIBS_TEST_FAULT_PROJECT "/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        return file;
    }

    dibs::tests::ScratchCluster server_;
    microseconds whole_{0};
    std::string undisturbed_;
    std::mt19937 random_{std::random_device{}()};
};

std::vector<pid_t> children(pid_t parent) {
    std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", parent));
    std::vector<pid_t> all;
    for (pid_t child = 0; file >> child;)
        all.push_back(child);
    return all;
}

void print(const char* what, unsigned met, unsigned of) {
    std::cout << fmt::format("{}: {} rounds, {} met a run that was not done\n", what, of, met);
}

} // namespace

TEST_CASE("a runner that is killed at any moment leaves what the next one completes") {
    Subject subject;
    const unsigned count = rounds(15);
    unsigned met = 0;
    for (unsigned i = 0; i < count; ++i)
        met += subject.survives([](const Child& runner) { return kill(runner.pid(), SIGKILL) == 0; }) ? 1 : 0;
    print("SIGKILL of the runner", met, count);
    CHECK(met > 0);
}

TEST_CASE("a worker that is killed at any moment leaves what the next one completes") {
    Subject subject;
    const unsigned count = rounds(15);
    unsigned met = 0;
    for (unsigned i = 0; i < count; ++i)
        met += subject.survives([](const Child& runner) {
            const std::vector<pid_t> workers = children(runner.pid());
            return !workers.empty() && kill(workers.front(), SIGKILL) == 0;
        })
                   ? 1
                   : 0;
    print("SIGKILL of the worker", met, count);
    CHECK(met > 0);
}

TEST_CASE("a session that is ended at any moment leaves what the next run completes") {
    Subject subject;
    const unsigned count = rounds(15);
    unsigned met = 0;
    for (unsigned i = 0; i < count; ++i)
        met += subject.survives([&](const Child&) {
            return subject.query(
                       "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE "
                       "application_name ~ '^dibs' ORDER BY random() LIMIT 1) one") == "1";
        })
                   ? 1
                   : 0;
    print("pg_terminate_backend", met, count);
    CHECK(met > 0);
}

TEST_CASE("a server that is stopped at once at any moment leaves what the next run completes") {
    Subject subject;
    const unsigned count = rounds(4, 6);
    unsigned met = 0;
    const auto server = subject.server().server();
    for (unsigned i = 0; i < count; ++i)
        met += subject.survives([&](const Child&) {
            const pid_t postmaster = server.status().pid.value();
            kill(postmaster, SIGQUIT); // what pg_ctl stop -m immediate sends
            REQUIRE(eventually([&] { return kill(postmaster, 0) != 0; }));
            subject.server().server().ensure_running();
            return true;
        })
                   ? 1
                   : 0;
    print("an immediate shutdown", met, count);
    CHECK(met > 0);
}
