#include <csignal>
#include <fstream>

#include <fmt/format.h>

#include "support/refusal.hpp"
#include "support/tls_server.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;
using std::chrono::steady_clock;

namespace {

/// A migration that notes how its own session is connected.
void add_witness(Project& project) {
    project.add_body("m2026_01_01_000000_witness",
                     "ctx.execute(\"CREATE TABLE witness AS SELECT ssl FROM pg_stat_ssl WHERE pid = "
                     "pg_backend_pid()\");");
}

/// `dibs migrate`, with nothing of the account's own ~/.postgresql.
Ran migrate(const Project& project, const std::string& conninfo,
            std::map<std::string, std::string> environment = {}) {
    environment.emplace("HOME", project.folder());
    return run_in(project.folder(), {dibs_program(), "migrate", "--verbose", "--database-url", conninfo},
                  std::move(environment));
}

bool nothing_there(const TlsServer& server) {
    return server.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0";
}

/// What the witness saw, if the migration was applied; then it is as if it never was.
std::string testimony(const TlsServer& server) {
    if (nothing_there(server))
        return "not applied";
    return server.psql("SELECT ssl FROM witness; DROP TABLE witness, _dibs_migrations, _dibs_attempts");
}

} // namespace

TEST_CASE("migrations run over TLS as the connection string says it, and no password is printed") {
    Project project;
    add_witness(project);
    const TlsServer server;
    const Certificate client = server.authority().issue("certified");
    const fs::path behind_passphrase = encrypted(client.key, "schlüssel");
    const std::string root = server.authority().root();
    const std::string app = server.conninfo("app") + " password=geheim";
    const std::string certified = fmt::format("{} sslrootcert={} sslcert={}", server.conninfo("certified"),
                                              root, client.certificate.string());

    struct Case {
        std::string conninfo;
        std::map<std::string, std::string> environment;
        std::string over_tls;
    };
    const std::vector<Case> cases{
        {server.conninfo("anyhow") + " sslmode=disable", {}, "f"}, // what the witness can say, too
        {app + " sslmode=require", {}, "t"},
        {app + " sslmode=verify-ca sslrootcert=" + root, {}, "t"},
        {server.conninfo("app", "other.example") + " password=geheim sslmode=verify-ca sslrootcert=" + root,
         {},
         "t"},
        {app + " sslmode=verify-full sslrootcert=" + root, {}, "t"},
        {fmt::format("postgresql://app:geheim@db.example:{}/"
                     "dibs?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={}",
                     server.port(), root),
         {},
         "t"},
        {app, {{"PGSSLMODE", "verify-full"}, {"PGSSLROOTCERT", root}}, "t"},
        {certified + " sslmode=verify-full sslkey=" + client.key.string(), {}, "t"},
        {certified + " sslmode=verify-full sslpassword=schlüssel sslkey=" + behind_passphrase.string(),
         {},
         "t"},
    };
    for (const Case& each : cases) {
        const Ran ran = migrate(project, each.conninfo, each.environment);
        INFO(each.conninfo << '\n' << ran.out << ran.err);
        CHECK(ran.code == 0);
        CHECK(testimony(server) == each.over_tls);
        CHECK_FALSE(contains(ran.out + ran.err, "geheim"));
        CHECK_FALSE(contains(ran.out + ran.err, "schlüssel"));
    }
}

TEST_CASE("what is wrong about TLS is said, and nothing is changed") {
    Project project;
    add_witness(project);
    const TlsServer server;
    const CertificateAuthority stranger(server.folder(), "stranger");
    const Certificate client = server.authority().issue("certified");
    const Certificate impostor = stranger.issue("certified");
    const Certificate other = server.authority().issue("somebody");
    const fs::path behind_passphrase = encrypted(client.key, "schlüssel");
    const fs::path readable = server.folder() / "readable.key";
    fs::copy_file(client.key, readable);
    fs::permissions(readable, fs::perms(0644));
    const std::string root = server.authority().root();
    const std::string app = server.conninfo("app") + " password=geheim";
    const auto certified = [&](const fs::path& certificate, const fs::path& key) {
        return fmt::format("{} sslmode=verify-full sslrootcert={} sslcert={} sslkey={}",
                           server.conninfo("certified"), root, certificate.string(), key.string());
    };

    const std::vector<std::pair<std::string, std::string>> cases{
        {app + " sslmode=disable",
         "no pg_hba.conf entry for host \"127.0.0.1\", user \"app\", database \"dibs\", no encryption"},
        {app + " sslmode=verify-ca sslrootcert=" + stranger.root().string(), "certificate verify failed"},
        {app + " sslmode=verify-full sslrootcert=" + stranger.root().string(), "certificate verify failed"},
        {server.conninfo("app", "other.example") + " password=geheim sslmode=verify-full sslrootcert=" + root,
         "server certificate for \"db.example\" does not match host name \"other.example\""},
        {app + " sslmode=verify-full sslrootcert=/nowhere/root.crt",
         "root certificate file \"/nowhere/root.crt\" does not exist"},
        {app + " sslmode=verify-full", ".postgresql/root.crt\" does not exist"},
        {app + " sslmode=sometimes", "invalid sslmode value: \"sometimes\""},
        {certified("/nowhere/client.crt", client.key), "connection requires a valid client certificate"},
        {certified(client.certificate, "/nowhere/client.key"),
         "but not private key file \"/nowhere/client.key\""},
        {certified(client.certificate, other.key), "key values mismatch"},
        {certified(client.certificate, readable), "readable.key\" has group or world access"},
        {certified(impostor.certificate, impostor.key), "unknown ca"},
        {certified(other.certificate, other.key), "certificate authentication failed for user \"certified\""},
        {certified(client.certificate, behind_passphrase) + " sslpassword=schlüzzel",
         "could not load private key file"},
        {certified(client.certificate, behind_passphrase),
         "A key with a passphrase needs sslpassword in the connection string: dibs does not ask for it."},
    };
    for (const auto& [conninfo, what] : cases) {
        const Ran ran = migrate(project, conninfo);
        INFO(conninfo);
        check_refused(ran, 8,
                      "cannot connect to the database: ", "that the server is running and lets you in.");
        CHECK(contains(ran.err, what));
        CHECK_FALSE(contains(ran.out + ran.err, "geheim"));
        CHECK_FALSE(contains(ran.out + ran.err, "schlüzzel"));
        CHECK_FALSE(contains(ran.out + ran.err, "pass phrase:"));
    }
    CHECK(nothing_there(server));

    const auto begun = steady_clock::now();
    const Ran impatient = project.dibs({"migrate", "--wait", "60", "--database-url",
                                        app + " sslmode=verify-ca sslrootcert=" + stranger.root().string()});
    check_refused(impatient, 8, "certificate verify failed", "Check --database-url");
    CHECK_FALSE(contains(impatient.err, "Waiting"));
    CHECK(steady_clock::now() - begun < std::chrono::seconds(20));

    server.psql("ALTER SYSTEM SET ssl = off");
    server.psql("SELECT pg_reload_conf()");
    const std::string anyhow = server.conninfo("anyhow");
    Ran ran;
    REQUIRE(eventually([&] { return (ran = migrate(project, anyhow + " sslmode=require")).code == 8; }));
    check_refused(ran, 8, "server does not support SSL, but SSL was required", "Check --database-url");
    CHECK(nothing_there(server));
    CHECK(migrate(project, anyhow).code == 0);
    CHECK(testimony(server) == "f");
}

TEST_CASE("a run over TLS is watched and cancelled as one without") {
    Project project;
    project.add_body("m2026_01_01_000000_waits", "ctx.execute(\"ALTER TABLE busy ADD COLUMN j int\");");
    const TlsServer server;
    server.psql("CREATE TABLE busy (i int); ALTER TABLE busy OWNER TO certified; GRANT ALL ON busy TO "
                "anyhow; GRANT pg_read_all_stats TO certified");
    dibs::process::Child holder =
        dibs::process::spawn({.argv = {dibs::tests::server().binaries().program("psql"), "-Xq", "-d",
                                       server.conninfo("anyhow") + " application_name=shop", "-c", "BEGIN",
                                       "-c", "LOCK TABLE busy", "-c", "SELECT pg_sleep(60)"}});
    REQUIRE(eventually([&] {
        return server.psql("SELECT count(*) FROM pg_locks WHERE relation = 'busy'::regclass AND granted") ==
               "1";
    }));
    const Certificate client = server.authority().issue("certified");
    const std::string url =
        fmt::format("{} sslmode=verify-full sslrootcert={} sslcert={} sslkey={} sslpassword=geheim",
                    server.conninfo("certified"), server.authority().root().string(),
                    client.certificate.string(), encrypted(client.key, "geheim").string());

    SECTION("who is in the way is asked over TLS as well") {
        const Ran ran =
            project.dibs({"migrate", "--database-url", url, "--lock-timeout", "1s", "--lock-attempts", "1"});
        INFO(ran.err);
        CHECK(ran.code == 5);
        CHECK(contains(ran.err, "(shop, active for "));
    }
    SECTION("a signal cancels the statement on the server") {
        dibs::process::Child run =
            project.start({"migrate", "--database-url", url, "--lock-timeout", "60s"}, "run");
        REQUIRE(eventually([&] {
            return server.psql(
                       "SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE ssl AND "
                       "(application_name = 'dibs watch' OR application_name = 'dibs' AND wait_event_type = "
                       "'Lock')") == "2";
        }));
        const auto told = steady_clock::now();
        kill(run.pid(), SIGINT);
        CHECK(run.wait().code == 130);
        CHECK(steady_clock::now() - told < std::chrono::seconds(20)); // of the 60 that it would have waited
        CHECK(contains(project.read("run.err"), "rolled back; nothing was recorded"));
        CHECK(server.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dibs%'") ==
              "0");
    }
    CHECK(server.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop'");
    holder.wait();
}
