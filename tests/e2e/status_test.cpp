#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t number = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++number;
    return number;
}

} // namespace

TEST_CASE("status on a fresh database lists what is pending and writes nothing") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_one", ""}, {"m2026_01_02_000000_two", ""}});
    const Ran ran = project.dibs({"status"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "pending  2026_01_01_000000-one\npending  2026_01_02_000000-two\n"));
    CHECK(contains(ran.out, "0 applied, 2 pending"));
    CHECK(project.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0");
    CHECK(project.dibs({"status", "--exit-code"}).code == 3);
}

TEST_CASE("status tells each state apart") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_applied", ""},
                        {"m2026_01_02_000000_changed", ""},
                        {"m2026_01_03_000000_missing", ""},
                        {"m2026_01_04_000000_edited", ""}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    CHECK(project.dibs({"status", "--exit-code"}).code == 0);

    project.add_body("m2026_01_02_000000_changed", "ctx.log(\"another text\");");
    std::filesystem::remove(project.library("m2026_01_03_000000_missing"));
    std::filesystem::remove(project.source("m2026_01_03_000000_missing"));
    project.write(project.source("m2026_01_04_000000_edited"),
                  dibs::tests::source_around("// not built again"));
    CHECK(project.dibs({"status", "--exit-code"}).code == 7);
    project.add_bodies({{"m2026_02_01_000000_pending", ""}, {"m2026_02_02_000000_stale", ""}});
    project.write(project.source("m2026_02_02_000000_stale"),
                  dibs::tests::source_around("// not built again"));
    project.write(project.source("m2026_02_03_000000_fresh"), dibs::tests::source_around(""));

    Ran ran = project.dibs({"status", "--exit-code"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 3);
    for (const char* line : {"applied    2026_01_01_000000-applied", "changed    2026_01_02_000000-changed",
                             "missing    2026_01_03_000000-missing", "stale      2026_01_04_000000-edited",
                             "pending    2026_02_01_000000-pending", "stale      2026_02_02_000000-stale",
                             "not built  2026_02_03_000000-fresh"})
        CHECK(contains(ran.out, line));
    CHECK(contains(ran.out, "4 applied, 3 pending"));

    ran = project.dibs({"status", "--json"});
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(contains(ran.out, "\"applied\": 4,\n  \"pending\": 3,"));
    CHECK(contains(ran.out, "\"version\": \"2026_02_03_000000-fresh\",\n      \"name\": \"fresh\",\n      "
                            "\"state\": \"not built\",\n"
                            "      \"applied_at\": null,\n      \"duration_ms\": null"));
    CHECK(count(ran.out, "\"state\":") == 7);

    SECTION("and migrate refuses to run what is not built as it stands") {
        ran = project.dibs({"migrate"});
        CHECK(ran.code == 1);
        CHECK(contains(ran.err, "2026_02_02_000000-stale is stale\n  2026_02_03_000000-fresh is not built"));
        CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "4");
    }
    SECTION("and migrate applies nothing on top of what was changed or lost") {
        ran = project.dibs({"migrate", "--to", "2026_02_01"});
        CHECK(ran.code == 7);
        CHECK(contains(ran.err, "2026_01_02_000000-changed was changed after it was applied"));
        CHECK(contains(ran.err, "2026_01_03_000000-missing is applied, but there is no library"));
        CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "4");
    }
}

TEST_CASE("a source with other line endings or a byte order mark is neither stale nor changed") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "ctx.log(\"x\");");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    std::string text = "\xEF\xBB\xBF";
    for (const char c : project.read(project.source("m2026_01_01_000000_one")))
        text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    project.write(project.source("m2026_01_01_000000_one"), text);
    CHECK(project.dibs({"status", "--exit-code"}).code == 0);
    project.add("m2026_01_01_000000_one", text);
    CHECK(project.dibs({"status", "--exit-code"}).code == 0);
}

TEST_CASE("status never loads a library") {
    Project project;
    project.add("m2026_01_01_000000_loud",
                dibs::tests::source_around("") +
                    "static const int crash = (std::signal(SIGSEGV, SIG_DFL), std::raise(SIGSEGV));\n");
    const Ran ran = project.dibs({"status"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "pending  2026_01_01_000000-loud"));
}

TEST_CASE("without a source folder sources are not compared, and --verbose says so") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    std::filesystem::remove_all(project.folder() / "migrations");
    const Ran ran = project.dibs({"status", "--verbose"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "pending  2026_01_01_000000-one"));
    CHECK(contains(ran.err, "sources are not compared"));
}

TEST_CASE("a role that may only read sees the status") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    const std::string role = "reader_" + project.database().name();
    project.psql("CREATE ROLE " + role + " LOGIN; GRANT SELECT ON _dibs_migrations TO " + role +
                 "; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    const std::string conninfo = project.database().conninfo() + " user=" + role;
    CHECK(project.dibs({"status", "--exit-code", "--database-url", conninfo}).code == 0);
    project.add_body("m2026_01_02_000000_two", "");
    const Ran ran = project.dibs({"migrate", "--database-url", conninfo});
    CHECK(ran.code == 1);
    CHECK(contains(ran.err, "permission denied"));
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}
