#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "support/program.hpp"
#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"
#include "support/tls_server.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;

TEST_CASE("all that libpq understands leads to the database, and its password to no output") {
    const ScratchCluster cluster;
    cluster.server().ensure_running();
    cluster.psql("CREATE ROLE app LOGIN PASSWORD 'geheim'");
    const std::string socket = cluster.psql("SELECT trim(current_setting('unix_socket_directories'), '\"')");
    const std::string port = cluster.psql("SHOW port");
    std::ofstream(cluster.cluster() / "pg_hba.conf") << "local all dibs trust\nlocal all all scram-sha-256\n";
    cluster.psql("SELECT pg_reload_conf()");

    const TemporaryDirectory folder;
    std::ofstream(folder.path() / "services")
        << "[shop]\nhost=" << socket << "\nport=" << port << "\nuser=app\ndbname=dibs\npassword=geheim\n";
    std::ofstream(folder.path() / "passwords") << "*:*:*:app:geheim\n";
    fs::permissions(folder.path() / "passwords", fs::perms::owner_read | fs::perms::owner_write);
    const std::string where = "host='" + socket + "' port=" + port + " user=app dbname=dibs";

    struct Case {
        std::string name;
        std::vector<std::string> words;
        std::map<std::string, std::string> environment;
        std::string yaml;
    };
    const std::vector<Case> cases{
        {"key=value pairs", {"--database-url", where + " password=geheim"}, {}, ""},
        {"a URL",
         {"--database-url", "postgresql://app:geheim@/dibs?host=" + socket + "&port=" + port},
         {},
         ""},
        {"a URL in the environment",
         {},
         {{"DATABASE_URL", "postgres://app:geheim@/dibs?host=" + socket + "&port=" + port}},
         ""},
        {"several hosts",
         {"--database-url",
          "host='/nowhere," + socket + "' port=1," + port + " user=app dbname=dibs password=geheim"},
         {},
         ""},
        {"several hosts in a URL",
         {"--database-url", "postgresql://app:geheim@/dibs?host=/nowhere," + socket + "&port=1," + port +
                                "&target_session_attrs=read-write"},
         {},
         ""},
        {"PG* variables",
         {},
         {{"PGHOST", socket},
          {"PGPORT", port},
          {"PGUSER", "app"},
          {"PGDATABASE", "dibs"},
          {"PGPASSWORD", "geheim"}},
         ""},
        {"a service",
         {"--database-url", "service=shop"},
         {{"PGSERVICEFILE", folder.path() / "services"}},
         ""},
        {"a service by a variable",
         {},
         {{"PGSERVICEFILE", folder.path() / "services"}, {"PGSERVICE", "shop"}},
         ""},
        {"a file of passwords", {"--database-url", where}, {{"PGPASSFILE", folder.path() / "passwords"}}, ""},
        {"a file of passwords by its option",
         {"--database-url", where + " passfile='" + (folder.path() / "passwords").string() + "'"},
         {},
         ""},
        {"dibs.yaml with a variable",
         {},
         {{"SHOP_PASSWORD", "geheim"}},
         "database: \"" + where + " password=${SHOP_PASSWORD}\"\n"},
    };
    for (const Case& each : cases) {
        std::ofstream(folder.path() / "dibs.yaml") << each.yaml;
        std::vector<std::string> argv{dibs_program(), "status", "--verbose"};
        argv.insert(argv.end(), each.words.begin(), each.words.end());
        const Ran ran = run_in(folder.path(), argv, each.environment);
        INFO(each.name << '\n' << ran.out << ran.err);
        CHECK(ran.code == 0);
        CHECK(contains(ran.out, "0 applied, 0 pending on dibs on " + socket + ":" + port + " as app"));
        CHECK_FALSE(contains(ran.out + ran.err, "geheim"));
    }
}

TEST_CASE("a password is in no error, however wrong the connection string is") {
    const TemporaryDirectory folder;
    for (const std::string url : {
             "postgresql://app:geheim@127.0.0.1:1/app",
             "postgresql://app:geheim@127.0.0.1:port/app",
             "postgresql://app:geheim@[::1/app",
             "postgresql://app:geheim@127.0.0.1:1/app?no_such=1",
             "postgresql://app:%ggeheim@127.0.0.1:1/app",
             "postgresql://127.0.0.1:1/app?user=app&password=geheim",
             "postgresql://127.0.0.1:1/app?user=app&password=geheim&sslmode=maybe",
             "postgresql://127.0.0.1:1/app?password=geheim&password",
             "host=127.0.0.1 port=1 password=geheim",
             "host=127.0.0.1 port=1 password='geheim",
             "host=127.0.0.1 port=x password=geheim",
             "password=geheim host",
             "password=geheim = =",
             "password = geheim no_such=1",
             "host=127.0.0.1 port=1 sslpassword=geheim no_such=1",
         })
        for (const bool json : {false, true}) {
            std::vector<std::string> argv{dibs_program(), "status", "--verbose", "--database-url", url};
            if (json)
                argv.emplace_back("--json");
            const Ran ran = run_in(folder.path(), argv);
            INFO(url << '\n' << ran.out << ran.err);
            CHECK((ran.code == 2 || ran.code == 8));
            CHECK(contains(ran.err, "error: "));
            CHECK_FALSE(contains(ran.out + ran.err, "geheim"));
        }
}

TEST_CASE(
    "a connection over TCP asks for signs of life, so that one that broke in a long statement is noticed") {
    Project project;
    project.add_body("m2026_01_01_000000_sleeps", "ctx.execute(\"SELECT pg_sleep(60)\");");
    const TlsServer server;
    const std::string own = GENERATE("", " keepalives_idle=7000");
    dibs::process::Child run =
        project.start({"migrate", "--database-url", server.conninfo("anyhow") + own}, "run");
    const auto timers = [&] {
        // A line of proc_net_tcp(5): number, our address, the server's, state, queues, "02:<1/100 s>" for
        // keepalive.
        std::vector<long> found;
        std::ifstream table("/proc/net/tcp");
        for (std::string line; std::getline(table, line);) {
            std::istringstream words(line);
            std::string number;
            std::string local;
            std::string remote;
            std::string state;
            std::string queues;
            std::string timer;
            words >> number >> local >> remote >> state >> queues >> timer;
            if (remote == fmt::format("0100007F:{:04X}", server.port()) && state == "01" &&
                timer.starts_with("02:"))
                found.push_back(std::stol(timer.substr(3), nullptr, 16) / 100);
        }
        return found;
    };
    REQUIRE(eventually([&] {
        return server.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1" &&
               !timers().empty();
    }));
    for (const long seconds : timers())
        CHECK((own.empty() ? seconds <= 30 : seconds > 30));
    kill(run.pid(), SIGINT);
    CHECK(run.wait().code == 130);
}
