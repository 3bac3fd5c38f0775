#include <fstream>

#include "support/refusal.hpp"
#include "support/scratch_server.hpp"
#include "support/standby.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;

namespace {

void add_good(Project& project) {
    project.add_body("m2026_01_01_000000_good", "ctx.execute(\"CREATE TABLE good ()\");");
}

/// dibs with this --database-url; both commands, one after the other.
void check_both_refuse(const Project& project, const std::string& url, const std::string& what) {
    for (const char* const command : {"status", "migrate"}) {
        const Ran ran = project.dibs({command, "--database-url", url});
        check_refused(ran, 8,
                      "cannot connect to the database: ", "that the server is running and lets you in.");
        INFO(ran.err);
        CHECK(contains(ran.err, what));
        CHECK_FALSE(contains(ran.out + ran.err, "geheim"));
    }
}

/// A role on the shared server, for one test.
class Role {
  public:
    Role(const Project& project, const std::string& kind)
        : project_(project), name_(kind + "_" + project.database().name()) {
        project_.psql("CREATE ROLE " + name_ + " LOGIN");
    }
    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;
    ~Role() { project_.psql("DROP OWNED BY " + name_ + "; DROP ROLE " + name_); }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] Ran dibs(const std::string& command) const {
        return project_.dibs({command, "--database-url", project_.database().conninfo() + " user=" + name_});
    }

  private:
    const Project& project_;
    std::string name_;
};

} // namespace

TEST_CASE("bad input: a server that cannot be reached") {
    Project project;
    add_good(project);
    check_both_refuse(project, "postgresql://app:geheim@127.0.0.1:1/app",
                      "port 1 failed: Connection refused");
    check_both_refuse(project, "host=/nowhere password=geheim",
                      "/nowhere/.s.PGSQL.5432\" failed: No such file");
    check_both_refuse(project, "host=no-such-host.invalid password=geheim", "no-such-host.invalid");
    CHECK(untouched(project));
}

TEST_CASE("bad input: a wrong password, and none") {
    const ScratchCluster cluster;
    cluster.server().ensure_running();
    cluster.psql("CREATE ROLE app LOGIN PASSWORD 'right'");
    std::ofstream(cluster.cluster() / "pg_hba.conf") << "local all dibs trust\nlocal all all scram-sha-256\n";
    cluster.psql("SELECT pg_reload_conf()");
    const std::string conninfo = cluster.server().conninfo() + " user=app";
    Project project;
    add_good(project);
    // Until the server has read its file again.
    REQUIRE(eventually([&] { return project.dibs({"status", "--database-url", conninfo}).code == 8; }));
    check_both_refuse(project, conninfo + " password=geheim",
                      "password authentication failed for user \"app\"");
    check_both_refuse(project, conninfo, "no password supplied");
    CHECK(project.dibs({"status", "--database-url", conninfo + " password=right"}).code == 0);
    CHECK(cluster.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0");
}

TEST_CASE("bad input: a database that is not there") {
    Project project;
    add_good(project);
    check_both_refuse(project, server().conninfo("no such 'database'") + " password=geheim",
                      "database \"no such 'database'\" does not exist");
    check_both_refuse(project, server().conninfo("\x1b[2J"), "database \"\\x1b[2J\" does not exist");
}

TEST_CASE("bad input: a database with a name that needs every kind of quote works") {
    const std::string name = "it's=\"odd\"; \\ %41 \xc3\xbc";
    struct Dropped {
        ~Dropped() { psql(server(), "dibs", "DROP DATABASE \"it's=\"\"odd\"\"; \\ %41 \xc3\xbc\""); }
    };
    psql(server(), "dibs", "CREATE DATABASE \"it's=\"\"odd\"\"; \\ %41 \xc3\xbc\"");
    const Dropped at_the_end;
    Project project;
    project.add_body(
        "m2026_01_01_000000_good",
        "ctx.execute(\"SELECT pg_sleep(1)\"); ctx.execute(\"CREATE TABLE watched AS SELECT FROM "
        "pg_stat_activity WHERE datname = current_database() AND application_name = 'dibs watch'\");");
    const std::string url = GENERATE_REF(server().url(name), server().conninfo(name));
    const Ran ran = project.dibs({"migrate", "--database-url", url});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Applying 1 migration to " + name + " on "));
    CHECK(psql(server(), name, "SELECT count(*) FROM _dibs_migrations") == "1");
    CHECK(psql(server(), name, "SELECT count(*) FROM watched") == "1"); // by a connection beside the first
    CHECK(untouched(project));
}

TEST_CASE("bad input: a role that may not create") {
    Project project;
    add_good(project);
    project.psql("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    const Role role(project, "humble");
    CHECK(role.dibs("status").code == 0);
    check_refused(role.dibs("migrate"), 1,
                  "cannot prepare the history \"public\".\"_dibs_migrations\": permission denied for schema "
                  "public (42501)",
                  "The role needs CREATE on the schema for the first run");
    CHECK(untouched(project));
}

TEST_CASE("bad input: a role that may only read: status works, migrate is refused") {
    Project project;
    add_good(project);
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body("m2026_01_02_000000_next", "ctx.execute(\"CREATE TABLE next ()\");");
    const Role role(project, "reader");
    check_refused(role.dibs("status"), 1,
                  "cannot read the history \"public\".\"_dibs_migrations\": permission denied",
                  "The role needs SELECT on it");
    project.psql("GRANT SELECT ON _dibs_migrations TO " + role.name());
    const Ran status = role.dibs("status");
    CHECK(status.code == 0);
    CHECK(contains(status.out, "1 applied, 1 pending"));
    check_refused(role.dibs("migrate"), 1, "permission denied for table _dibs_attempts (42501)",
                  "SELECT and INSERT on the tables");
    CHECK(project.psql("SELECT (SELECT count(*) FROM _dibs_migrations) || ' ' || (SELECT count(*) FROM "
                       "_dibs_attempts)") == "1 2");
    CHECK(project.psql("SELECT to_regclass('next') IS NULL") == "t");
}

TEST_CASE("bad input: a hot standby: what only reads works, what writes is refused") {
    const ScratchCluster cluster;
    cluster.server().ensure_running();
    Project project;
    add_good(project);
    REQUIRE(project.dibs({"migrate", "--database-url", cluster.server().conninfo()}).code == 0);
    project.add_body("m2026_01_02_000000_next", "ctx.execute(\"CREATE TABLE next ()\");");
    const Standby standby(cluster);
    const Ran status = project.dibs({"status", "--database-url", standby.conninfo()});
    INFO(status.err);
    CHECK(status.code == 0);
    CHECK(contains(status.out, "1 applied, 1 pending"));
    check_refused(project.dibs({"migrate", "--database-url", standby.conninfo()}), 1,
                  "this server is a standby: it can be read only", "Connect to the primary");
    CHECK(project.dibs({"migrate", "--dry-run", "--database-url", standby.conninfo()}).code == 0);
    for (const char* const command : {"verify", "history", "repair"})
        CHECK(project.dibs({command, "--database-url", standby.conninfo()}).code == 0);
    CHECK(project.dibs({"show", "2026_01_01", "--stored", "--database-url", standby.conninfo()}).code == 0);
    project.write("dibs.yaml", "scratch: {url: \"" + dibs::tests::server().url() + "\"}\n");
    project.write("schema.sql", "CREATE TABLE wanted (a int)");
    const Ran diff =
        project.dibs({"diff", "--schema-file", "schema.sql", "--database-url", standby.conninfo()});
    INFO(diff.err);
    CHECK(diff.code == 0);
    CHECK(contains(diff.out, "+ table public.wanted\n"));
    project.add_body("m2026_01_01_000000_good", "");
    check_refused(project.dibs({"repair", "2026_01_01", "--database-url", standby.conninfo()}), 1,
                  "this server is a standby: it can be read only", "Connect to the primary");
    CHECK(cluster.psql("SELECT count(*) FROM _dibs_migrations") == "1");
}
