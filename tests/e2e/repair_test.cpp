#include <nlohmann/json.hpp>

#include "support/refusal.hpp"

using namespace dibs::tests;
using nlohmann::json;

namespace {

const char* const first = "m2026_01_01_000000_first";
const char* const second = "m2026_01_02_000000_second";

void fill(Project& project) {
    project.add_bodies({{first, "ctx.log(\"one\");"}, {second, ""}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
}

/// The rows and attempts, which a refusal or a look must not change.
std::string history(const Project& project) {
    return project.psql("SELECT string_agg(t::text, ' ' ORDER BY version) FROM _dibs_migrations t") +
           project.psql("SELECT count(*) FROM _dibs_attempts");
}

std::string repairs(const Project& project) {
    return project.psql("SELECT version || ': ' || message FROM _dibs_attempts WHERE event = 'repaired'");
}

} // namespace

TEST_CASE("repair shows what was changed, and accepts it by name only") {
    Project project;
    fill(project);
    const std::string before = project.psql("SELECT checksum FROM _dibs_migrations WHERE name = 'first'");
    project.add_body(first, "ctx.log(\"two\");");
    const std::string rows = history(project);
    const std::string diff = "--- applied ";
    const std::string hunk = " void migrate(dibs::MigrationContext& ctx) {\n"
                             "-ctx.log(\"one\");\n"
                             "+ctx.log(\"two\");\n"
                             " }\n";
    Ran ran = project.dibs({"repair"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 7);
    CHECK(contains(ran.out, "2026_01_01_000000-first was changed after it was applied\n--- applied "));
    CHECK(contains(ran.out, "+++ built as "));
    CHECK(contains(ran.out, hunk));
    CHECK(contains(ran.out, "Nothing is accepted without a name: dibs repair VERSION..."));
    CHECK(history(project) == rows);

    ran = project.dibs({"repair", "2026_01_01"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, hunk));
    CHECK(contains(ran.out, "Accepted: 2026_01_01_000000-first"));
    const std::string after = project.psql("SELECT checksum FROM _dibs_migrations WHERE name = 'first'");
    CHECK(after != before);
    CHECK(repairs(project) ==
          "2026_01_01_000000-first: checksum sha256-lf " + after + ", was sha256-lf " + before);
    CHECK(project.dibs({"status", "--exit-code", "--strict"}).code == 0);
    CHECK(project.dibs({"show", first, "--stored"}).out == project.read(project.source(first)));

    ran = project.dibs({"repair"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Nothing to repair"));
    CHECK(project.dibs({"repair", "2026_01_01"}).code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'repaired'") == "1");
}

TEST_CASE("repair retires a migration that is gone for good, and its row stays") {
    Project project;
    fill(project);
    const std::string source = project.read(project.source(first));
    std::filesystem::remove(project.library(first));
    std::filesystem::remove(project.source(first));
    project.add_body("m2026_01_03_000000_third", "");
    REQUIRE(project.dibs({"migrate"}).code == 7);
    CHECK(project.dibs({"repair", "2026_01_01_000000-first"}).code == 0);
    CHECK(repairs(project) == "2026_01_01_000000-first: retired: it was missing");
    CHECK(contains(project.dibs({"status"}).out, "retired  2026_01_01_000000-first"));
    const Ran ran = project.dibs({"migrate", "--strict"});
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "3");
    project.add(first, source); // it is back, as after a switch of branches
    CHECK(contains(project.dibs({"status"}).out, "applied  2026_01_01_000000-first"));
    CHECK(project.dibs({"status", "--strict", "--exit-code"}).code == 0);
}

TEST_CASE("repair takes several names, and foreign and double rows") {
    Project project;
    fill(project);
    project.psql("INSERT INTO _dibs_migrations (version) VALUES ('it''s old'), ('m2026_01_01_000000_first'), "
                 "('20250101000000-taken-over')");
    const Ran ran = project.dibs({"repair", "it's old", "2026_01_01", "2025_01_01"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(repairs(project) ==
          "2025_01_01_000000-taken_over: retired: it was taken over\n"
          "it's old: retired: it was foreign\n"
          "2026_01_01_000000-first: removed the row m2026_01_01_000000_first, which 2026_01_01_000000-first "
          "says as well");
    CHECK(project.psql("SELECT string_agg(version, ' ' ORDER BY version) FROM _dibs_migrations") ==
          "20250101000000-taken-over 2026_01_01_000000-first 2026_01_02_000000-second it's old");
    CHECK(project.dibs({"status", "--strict"}).code == 0);
}

TEST_CASE("repair refuses what it cannot mend, and changes nothing then") {
    Project project;
    fill(project);
    project.add_body(first, "ctx.log(\"two\");");
    project.add_body("m2026_01_03_000000_third", "");
    std::string rows = history(project);
    check_refused(project.dibs({"repair", "2026_01_01", "2026_01_03"}), 2,
                  "2026_01_03 is not applied, so there is nothing to repair", "`dibs migrate` applies it");
    check_refused(project.dibs({"repair", "2026_01_01_000000-frist"}), 2, "there is no migration",
                  "Did you mean \"2026_01_01_000000-first\"?");
    project.write(project.source(first), source_around("// not built"));
    check_refused(project.dibs({"repair", "2026_01_01"}), 1, "2026_01_01_000000-first is stale",
                  "cmake --build build");
    CHECK(history(project) == rows);
    project.psql("ALTER TABLE _dibs_migrations DROP CONSTRAINT _dibs_migrations_pkey; INSERT INTO "
                 "_dibs_migrations SELECT * FROM _dibs_migrations WHERE name = 'second'");
    rows = history(project);
    check_refused(project.dibs({"repair", "2026_01_02"}), 1, "is in the history twice, in one spelling",
                  "ADD PRIMARY KEY (version)");
    CHECK(history(project) == rows);
}

TEST_CASE("repair tells a machine what it found and did") {
    Project project;
    fill(project);
    project.add_body(first, "ctx.log(\"two\");");
    Ran ran = project.dibs({"repair", "--json"});
    CHECK(ran.code == 7);
    json told = json::parse(ran.out).at("migrations").at(0);
    CHECK(told.at("version") == "2026_01_01_000000-first");
    CHECK(told.at("kind") == "changed");
    CHECK(told.at("repaired") == false);
    CHECK(told.at("recorded_checksum") != told.at("built_checksum"));
    const json& diff = told.at("diff");
    CHECK(std::count(diff.begin(), diff.end(), "-ctx.log(\"one\");") == 1);
    ran = project.dibs({"repair", "--json", "2026_01_01"});
    CHECK(ran.code == 0);
    CHECK(json::parse(ran.out).at("migrations").at(0).at("repaired") == true);
    CHECK(json::parse(project.dibs({"repair", "--json"}).out).at("migrations").empty());
}

TEST_CASE("a password in a migration is not in the history, and a repair says where only that was changed") {
    Project project;
    project.add_body(first, "ctx.execute(\"SELECT 'ALTER ROLE app PASSWORD ''hush-one'''\");");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT convert_from(source, 'UTF8') LIKE '%hush-one%' FROM _dibs_migrations") == "f");
    CHECK_FALSE(contains(project.dibs({"show", first}).out, "hush-one"));
    CHECK_FALSE(contains(project.dibs({"show", first, "--json"}).out, "hush-one"));
    project.add_body(first, "ctx.execute(\"SELECT 'ALTER ROLE app PASSWORD ''hush-two'''\");");
    const Ran ran = project.dibs({"repair"});
    INFO(ran.out);
    CHECK(contains(ran.out,
                   "2026_01_01_000000-first was changed after it was applied\n  only in what is kept "
                   "secret: the history has no passwords\n  applied  sha256-lf "));
    CHECK_FALSE(contains(ran.out, "hush"));
    CHECK(project.dibs({"repair", "2026_01_01"}).code == 0);
    CHECK(project.dibs({"status", "--strict"}).code == 0);
}

TEST_CASE("any source is kept as it is, in a database of any encoding") {
    Project project;
    const std::string odd = std::string("// \xE2\x86\x92 \xFF \\ ' ") + '\0' + " \x01 \t $1 end\r\n";
    project.add(first, odd + source_around(""));
    const std::string name = project.database().name() + "_latin";
    project.psql("CREATE DATABASE " + name + " ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    const std::string url = server().url(name);
    for (const std::string& database : {url, project.database().url()}) {
        INFO(database);
        const Ran ran = project.dibs({"migrate", "--database-url", database});
        INFO(ran.err);
        REQUIRE(ran.code == 0);
        const std::string stored =
            json::parse(project.dibs({"show", first, "--stored", "--json", "--database-url", database}).out)
                .at("source");
        CHECK(contains(stored, "// \xE2\x86\x92 "));
    }
    CHECK(project.psql("SELECT encode(substring(source FOR 27), 'escape') FROM _dibs_migrations") ==
          "// \\342\\206\\222 \\377 \\\\ ' \\000 \x01 \t $1 end\r");
    // The same bytes in an ASCII-only difference would be shown; here nothing differs.
    project.add(first, odd + source_around(" "));
    CHECK(contains(project.dibs({"status", "--database-url", url}).out, "in comments or white space only"));
    project.psql("DROP DATABASE " + name);
}

TEST_CASE("a source too large to keep is not kept, and the migration is applied all the same") {
    Project project;
    project.add(first, source_around("") + "// " + std::string(std::size_t{1} << 20, 'x') + "\n");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT source IS NULL AND checksum IS NOT NULL FROM _dibs_migrations") == "t");
    check_refused(project.dibs({"show", first, "--stored"}), 1,
                  "the history has no source of 2026_01_01_000000-first", "larger than 1 MiB");
}

TEST_CASE("a role that may not change the history is told what it lacks") {
    Project project;
    fill(project);
    project.add_body(first, "ctx.log(\"two\");");
    const std::string role = "limited_" + project.database().name();
    project.psql("CREATE ROLE " + role +
                 " LOGIN; GRANT SELECT, INSERT ON _dibs_migrations, _dibs_attempts TO " + role);
    const std::string rows = history(project);
    const std::string conninfo = project.database().conninfo() + " user=" + role;
    CHECK(project.dibs({"repair", "--database-url", conninfo}).code == 7);
    check_refused(project.dibs({"repair", "2026_01_01", "--database-url", conninfo}), 1,
                  "cannot write to the history \"public\".\"_dibs_migrations\": permission denied",
                  "The role needs INSERT, UPDATE and DELETE on it. Nothing was changed.");
    CHECK(history(project) == rows);
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}
