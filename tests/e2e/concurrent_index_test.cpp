#include <csignal>

#include "process/child.hpp"
#include "support/holder.hpp"
#include "support/project.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/text.hpp"

using dibs::process::Child;
using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Holder;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

const char* const stem = "m2026_01_01_000000_index";
const char* const unique_email =
    "ctx.create_index_concurrently({.table = \"users\", .columns = {\"email\"}, .name = \"users_email_key\", "
    ".unique = true});";

void add(Project& project, const std::string& body, const std::string& more_options = "") {
    project.add_body(stem, body, ".transaction = false" + more_options);
}

void create_users(const Project& project) {
    project.psql("CREATE TABLE users (id bigint, email text, org int); "
                 "INSERT INTO users SELECT i, 'user' || i, i % 10 FROM generate_series(1, 1000) i");
}

/// A build by hand that finds two users of one address leaves its index, invalid.
void leave_invalid(const Project& project) {
    project.psql("INSERT INTO users VALUES (1001, 'user7', 1)");
    CHECK_THROWS_WITH(project.psql("CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email)"),
                      Catch::Contains("could not create unique index"));
}

void mend(const Project& project) {
    project.psql("DELETE FROM users WHERE id = 1001");
}

/// "oid|valid" of users_email_key; empty: there is none.
std::string found(const Project& project) {
    return project.psql("SELECT indexrelid, indisvalid FROM pg_index WHERE indexrelid = "
                        "to_regclass('users_email_key')");
}

bool is_valid(const Project& project) {
    return project.psql("SELECT indisvalid AND indisunique FROM pg_index WHERE indexrelid = "
                        "to_regclass('users_email_key')") == "t";
}

std::string builder(const Project& project) {
    return project.psql("SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database()");
}

/// Until a build waits for the transactions that are older.
void await_build(const Project& project) {
    REQUIRE(eventually([&] {
        return project.psql("SELECT phase FROM pg_stat_progress_create_index WHERE datname = "
                            "current_database()") == "waiting for writers before build";
    }));
}

void forget(const Project& project) {
    project.psql("DELETE FROM _dibs_migrations");
}

/// Runs it, and gives what it printed; it must fail with this code.
std::string fails(const Project& project, int code = 6) {
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == code);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    return ran.err;
}

std::string succeeds(const Project& project) {
    Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    return ran.out;
}

} // namespace

TEST_CASE("an index is built concurrently with everything that it may have") {
    Project project;
    project.psql(
        "CREATE SCHEMA \"Shop\"; CREATE TABLE \"Shop\".\"Order lines\" (id bigint, \"note\" text, at date)");
    add(project, R"cpp(
    const std::string order = "at DESC NULLS LAST";
    ctx.create_index_concurrently({.table = "Order lines",
                                   .columns = {"lower(note) text_pattern_ops", order, "(id % 10)"},
                                   .name = "Lines' index",
                                   .unique = true,
                                   .where = "at > '2020-01-01'",
                                   .method = "btree",
                                   .include = {"id", "note"},
                                   .with = "fillfactor = 70",
                                   .tablespace = "pg_default",
                                   .schema = "Shop",
                                   .nulls_not_distinct = true});
    ctx.create_index_concurrently({.table = "Order lines", .columns = {"id"}, .name = "plain", .method = "hash", .schema = "Shop"});
    )cpp");
    const std::string out = succeeds(project);
    CHECK(contains(out, "index \"Shop\".\"Lines' index\" built, "));
    const std::string definitions =
        project.psql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'Shop' ORDER BY 1 DESC");
    CHECK(definitions ==
          "CREATE UNIQUE INDEX \"Lines' index\" ON \"Shop\".\"Order lines\" USING btree (lower(note) "
          "text_pattern_ops, at DESC NULLS LAST, ((id % (10)::bigint))) INCLUDE (id, note) NULLS NOT "
          "DISTINCT WITH "
          "(fillfactor='70') WHERE (at > '2020-01-01'::date)\n"
          "CREATE INDEX plain ON \"Shop\".\"Order lines\" USING hash (id)");
    forget(project);
    const std::string again = succeeds(project);
    CHECK(contains(again, "index \"Shop\".\"Lines' index\" is there already, as wanted\n"));
    CHECK(contains(again, "index \"Shop\".plain is there already, as wanted\n"));
    CHECK(project.psql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'Shop' ORDER BY 1 DESC") ==
          definitions);
}

TEST_CASE("an index of the same name that is not the wanted one is told and left alone") {
    Project project;
    create_users(project);
    add(project, unique_email);
    SECTION("not unique") {
        project.psql("CREATE INDEX users_email_key ON users (email)");
        const std::string err = fails(project, 5);
        CHECK(contains(err, "there is an index public.users_email_key already, with another definition\n"));
        CHECK(contains(err, "it is: CREATE INDEX users_email_key ON public.users USING btree (email)\n"));
        CHECK(contains(err,
                       "wanted: CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON public.users (email)\n"));
        CHECK(contains(err, "at m2026_01_01_000000_index.cpp:15\n"));
        CHECK(contains(err, "nothing of it stays, and nothing was recorded\n"));
    }
    SECTION("in another way") {
        project.psql("CREATE UNIQUE INDEX users_email_key ON users (email) WHERE id > 0");
        CHECK(contains(fails(project, 5), "with another definition\n"));
    }
    SECTION("on another table") {
        project.psql("CREATE TABLE other (email text); CREATE UNIQUE INDEX users_email_key ON other (email)");
        CHECK(contains(fails(project, 5),
                       "there is an index public.users_email_key already, on another table\n"));
    }
    SECTION("and no index at all") {
        project.psql("CREATE TABLE users_email_key ()");
        CHECK(contains(fails(project, 5),
                       "public.users_email_key is no index, so no index can have this name\n"));
    }
    CHECK(project.psql("SELECT to_regclass('users_email_key') IS NOT NULL") == "t");
}

TEST_CASE("an index that cannot be compared with the wanted one is told with what is missing for it") {
    Project project;
    create_users(project);
    const std::string role = "dibs_index_" + project.database().name();
    project.psql("CREATE UNIQUE INDEX users_email_key ON users (email); CREATE ROLE " + role +
                 "; GRANT CREATE ON SCHEMA public TO " + role + "; ALTER TABLE users OWNER TO " + role +
                 "; REVOKE TEMPORARY ON DATABASE " + project.database().name() + " FROM PUBLIC");
    add(project, "ctx.execute(\"SET ROLE " + role + "\");\n" + unique_email);
    const std::string err = fails(project);
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
    CHECK(contains(
        err, "whether it has this definition cannot be told: permission denied to create temporary tables"));
    CHECK(contains(err, "With GRANT TEMPORARY ON DATABASE dibs can compare them."));
}

TEST_CASE("duplicates that stop a unique index are told, and the next run builds it once they are mended") {
    Project project;
    create_users(project);
    add(project, unique_email);
    SECTION("when they are found by dibs, which leaves nothing of the index") {
        project.psql("INSERT INTO users VALUES (1001, 'user7', 1)");
        const std::string err = fails(project, 5);
        CHECK(contains(err, "  23505: could not create unique index \"users_email_key\"\n"));
        CHECK(contains(err, "Key (email)=(user7) is duplicated.\n"));
        CHECK(contains(
            err, "Mend the rows that stand in the way, and run dibs again. What it left was dropped.\n"));
        CHECK(
            contains(err, "    CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON public.users (email)\n"));
        CHECK(found(project).empty());
    }
    SECTION("when a build before has left the index invalid") {
        leave_invalid(project);
        REQUIRE(contains(found(project), "|f"));
        CHECK(contains(fails(project, 5), "Key (email)=(user7) is duplicated.\n"));
        CHECK(found(project).empty());
        leave_invalid(project);
    }
    mend(project);
    const std::string out = succeeds(project);
    CHECK(contains(out, "index public.users_email_key built, "));
    CHECK(is_valid(project));
}

TEST_CASE("a build whose session is ended leaves an invalid index that the next run drops and builds anew") {
    Project project;
    create_users(project);
    add(project, std::string("ctx.step(\"before\", [] {});\n") + unique_email);
    Holder holder(project, "UPDATE users SET org = 1 WHERE id = 1");
    Child run = project.start({"migrate"}, "run");
    await_build(project);
    const bool by_signal = GENERATE(false, true);
    if (by_signal)
        kill(run.pid(), SIGINT);
    else
        project.psql("SELECT pg_terminate_backend(" + builder(project) + ")");
    CHECK(run.wait().code == (by_signal ? 130 : 6));
    const std::string err = project.read("run.err");
    INFO(err);
    CHECK(contains(err, by_signal ? "failed: interrupted (SIGINT)"
                                  : "failed: the connection to the server was lost"));
    CHECK(contains(err, "    CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON public.users (email)\n"));
    CHECK(contains(err, "\"before\" is done; `dibs migrate` goes on from there"));
    CHECK(contains(found(project), "|f"));
    CHECK(contains(project.dibs({"status"}).out, "interrupted  2026_01_01_000000-index\n"));
    holder.leave();
    CHECK(contains(succeeds(project), "a build that did not get to its end has left the index "
                                      "public.users_email_key invalid: it is dropped first\n"));
    CHECK(is_valid(project));
}

TEST_CASE("a runner that is killed while its session builds an index is not overtaken") {
    Project project;
    create_users(project);
    add(project, unique_email);
    Holder holder(project, "UPDATE users SET org = 1 WHERE id = 1");
    Child killed = project.start({"migrate"}, "killed");
    await_build(project);
    kill(killed.pid(), SIGKILL);
    killed.wait();
    const std::string first = found(project);
    const std::string pid = builder(project);
    Child next = project.start({"migrate"}, "next");
    REQUIRE(eventually([&] { return contains(project.read("next.out"), "Waiting for another run: "); }));
    INFO(project.read("next.out"));
    CHECK(contains(project.read("next.out"), "the session with pid " + pid + " (dibs, "));
    CHECK(contains(project.read("next.out"),
                   " s: CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON public.users "
                   "(email)\n"));
    CHECK(contains(project.dibs({"status"}).out, "running  2026_01_01_000000-index\n"));
    holder.leave();
    CHECK(next.wait().code ==
          0); // and that one has waited outside of any transaction, or the build would not end
    CHECK(contains(project.read("next.out"), "index public.users_email_key is there already, as wanted\n"));
    CHECK(is_valid(project));
    CHECK(found(project) == first.substr(0, first.find('|')) + "|t"); // the one that the first has begun
}

TEST_CASE("a build by somebody else is waited for") {
    Project project;
    create_users(project);
    add(project, unique_email);
    Holder holder(project, "UPDATE users SET org = 1 WHERE id = 1");
    const auto psql = dibs::tests::server().binaries().program("psql");
    Child by_hand =
        dibs::process::spawn({.argv = {psql, "-Xq", "-d", project.database().conninfo(), "-c",
                                       "CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users "
                                       "(email)"}});
    await_build(project);
    const std::string first = found(project);
    Child run = project.start({"migrate"}, "run");
    CHECK(eventually([&] {
        return contains(project.read("run.out"),
                        "the session with pid " + builder(project) +
                            " is building the index \"users_email_key\": waiting for it\n");
    }));
    holder.leave();
    CHECK(by_hand.wait().ok());
    CHECK(run.wait().code == 0);
    CHECK(contains(project.read("run.out"), "index public.users_email_key is there already, as wanted\n"));
    CHECK(found(project) == first.substr(0, first.find('|')) + "|t");
}

TEST_CASE("a lock time-out does not end a build, and is in force again after it") {
    Project project;
    create_users(project);
    add(project,
        std::string(unique_email) + "\nctx.log(ctx.query(\"SHOW lock_timeout\").one().get<std::string>(0));",
        ", .lock_timeout = \"70ms\"");
    Holder holder(project, "UPDATE users SET org = 1 WHERE id = 1");
    Child run = project.start({"migrate"}, "run");
    await_build(project);
    const auto begun = std::chrono::steady_clock::now();
    CHECK(eventually(
        [&] { return std::chrono::steady_clock::now() - begun > std::chrono::milliseconds(500); }));
    await_build(project);
    holder.leave();
    CHECK(run.wait().code == 0);
    CHECK(contains(project.read("run.out"), "70ms\n"));
    CHECK(is_valid(project));
}

TEST_CASE("how far a build is and who holds it up is told, on a terminal in place") {
    Project project;
    create_users(project);
    add(project, unique_email);
    Holder holder(project, "UPDATE users SET org = 1 WHERE id = 1");
    const bool terminal = GENERATE(true, false);
    const std::string said = "index users_email_key: waiting for writers before build, 0 of 1, held by pid ";
    if (terminal) {
        dibs::tests::PseudoTerminal screen(300);
        Child run = dibs::process::spawn(
            dibs::tests::command_in(project.folder(), {dibs::tests::dibs_program().string(), "migrate"},
                                    {{"TERM", "xterm"}}),
            {screen.inside(), screen.inside(), screen.inside()});
        screen.close_inside();
        std::string shown;
        while (!contains(shown, said + "")) {
            const std::string some = screen.read_some();
            REQUIRE_FALSE(some.empty());
            shown += some;
        }
        CHECK(contains(shown, "  1/1  2026_01_01_000000-index  " + said));
        holder.leave();
        for (std::string some = screen.read_some(); !some.empty(); some = screen.read_some())
            shown += some;
        CHECK(run.wait().code == 0);
        const std::vector<std::string> lines = dibs::tests::screen(shown);
        CHECK(std::none_of(lines.begin(), lines.end(),
                           [](const std::string& line) { return contains(line, "waiting for writers"); }));
    } else { // a line every ten seconds
        Child run = project.start({"migrate"}, "run");
        CHECK(eventually([&] { return contains(project.read("run.out"), "       " + said); },
                         std::chrono::seconds(30)));
        holder.leave();
        CHECK(run.wait().code == 0);
        const std::string out = project.read("run.out");
        CHECK(contains(out, "(shop, active for 1"));
        CHECK(out.find(said) == out.rfind(said));
    }
}

TEST_CASE("an index is dropped concurrently, and one that is gone is no error when a run goes on") {
    Project project;
    create_users(project);
    project.psql("CREATE INDEX users_org_idx ON users (org); CREATE TABLE gate ()");
    add(project, R"cpp(
    ctx.drop_index_concurrently({.name = "never_was", .if_exists = true});
    ctx.drop_index_concurrently({.name = "users_org_idx", .schema = "public"});
    if (!ctx.query("SELECT to_regclass('gate') IS NULL").one().get<bool>(0))
        throw dibs::Error("closed");
    )cpp");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.out, "there is no index \"never_was\" (any more), so there is nothing to drop\n"));
    CHECK(contains(ran.out, "index public.users_org_idx dropped\n"));
    CHECK(project.psql("SELECT to_regclass('users_org_idx') IS NULL") == "t");
    project.psql("DROP TABLE gate");
    CHECK(contains(
        succeeds(project),
        "there is no index \"users_org_idx\" in schema \"public\" (any more), so there is nothing to "
        "drop\n"));
}

TEST_CASE("an index may be built in a step and in the process of dibs itself") {
    Project project;
    create_users(project);
    add(project, std::string("ctx.step(\"index\", [&] { ") + unique_email + " });");
    const Ran ran = project.dibs({"migrate", "--in-process"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "index public.users_email_key built, "));
    CHECK(contains(ran.out, "step \"index\" done, "));
    CHECK(is_valid(project));
}
