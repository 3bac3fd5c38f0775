#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "process/child.hpp"
#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

/// pgbouncer before the tests' server.
class Pooler {
  public:
    Pooler(const Project& project, const std::string& mode) : child_(start(project, mode)) {
        REQUIRE(eventually([&] { return std::filesystem::exists(folder_.path() / ".s.PGSQL.6432"); }));
    }
    Pooler(const Pooler&) = delete;
    Pooler& operator=(const Pooler&) = delete;
    ~Pooler() { kill(child_.pid(), SIGKILL); }

    [[nodiscard]] std::string conninfo(const Project& project) const {
        return "host='" + folder_.path().string() +
               "' port=6432 user=dibs dbname=" + project.database().name();
    }

  private:
    dibs::process::Child start(const Project& project, const std::string& mode) {
        std::ofstream(folder_.path() / "users") << "\"dibs\" \"\"\n";
        std::ofstream(folder_.path() / "ini")
            << "[databases]\n* = host="
            << project.psql("SELECT trim(current_setting('unix_socket_directories'), '\"')")
            << " port=" << project.psql("SHOW port")
            << " user=dibs\n[pgbouncer]\nlisten_addr=\nlisten_port=6432\n"
            << "unix_socket_dir=" << folder_.path().string()
            << "\nauth_type=trust\nauth_file=" << (folder_.path() / "users").string()
            << "\npool_mode=" << mode << "\n";
        dibs::process::Command command{.argv = {"pgbouncer", "-q", (folder_.path() / "ini").string()}};
        if (geteuid() == 0) { // which it refuses
            const passwd* const account = getpwnam("postgres");
            std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
            command.account = {account->pw_uid, account->pw_gid};
        }
        return dibs::process::spawn(command);
    }

    dibs::tests::TemporaryDirectory folder_;
    dibs::process::Child child_;
};

} // namespace

TEST_CASE("through a pooler that pools by session a migration runs as it does without") {
    Project project;
    project.add_body("m2026_01_01_000000_first", "ctx.execute(\"CREATE TABLE first ()\");");
    const Pooler pooler(project, "session");
    const Ran ran = project.dibs({"migrate", "--database-url", pooler.conninfo(project)});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
}

TEST_CASE("a pooler that shares sessions between clients is refused, also when nobody else uses it") {
    const std::string mode = GENERATE("transaction", "statement");
    Project project;
    project.add_body("m2026_01_01_000000_first", "ctx.execute(\"CREATE TABLE first ()\");");
    const Pooler pooler(project, mode);
    const Ran ran = project.dibs({"migrate", "--database-url", pooler.conninfo(project)});
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "through a pooler that shares sessions between clients: "));
    CHECK(contains(ran.err, "Connect to the server itself"));
    CHECK(project.psql("SELECT to_regclass('first') IS NULL AND to_regclass('_dibs_migrations') IS NULL") ==
          "t");

    const Ran status = project.dibs({"status", "--database-url", pooler.conninfo(project)});
    CHECK(status.code == 0);
    CHECK(contains(status.out, "0 applied, 1 pending"));
    // The session that others will get is left as it was.
    CHECK(dibs::process::run({.argv = {"psql", "-XqAtc", "SHOW row_security", pooler.conninfo(project)}}, "")
              .out == "on\n");
}
