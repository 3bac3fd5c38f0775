#include <filesystem>
#include <fstream>
#include <map>

#include "support/program.hpp"
#include "support/scratch_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

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
