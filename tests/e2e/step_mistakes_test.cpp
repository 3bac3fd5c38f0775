#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

const char* const stem = "m2026_01_01_000000_steps";

} // namespace

TEST_CASE("what is wrong with a step is an error that says what to do") {
    Project project;
    project.add_body(stem, R"cpp(
    const auto refused = [&](auto&& f) {
        try { f(); ctx.log("not refused"); }
        catch (const dibs::Error& error) {
            ctx.log(error.message()); ctx.log(error.hint()); ctx.log(std::string(error.file()));
        }
    };
    ctx.step("outer", [&] {
        refused([&] { ctx.step("inner", [] {}); });
    });
    refused([&] { ctx.step("outer", [] {}); });
    refused([&] { ctx.step("", [] {}); });
    refused([&] { ctx.step("two\nlines", [] {}); });
    refused([&] { ctx.step(std::string(201, 'x'), [] {}); });
    refused([&] { ctx.step("open", [&] { ctx.execute("CREATE TABLE stays ()"); ctx.execute("BEGIN; CREATE TABLE gone ()"); }); });
    refused([&] { ctx.step("throws", [] { throw dibs::Error("by itself"); }); });
    ctx.step("throws again", [] {});
    refused([&] { ctx.savepoint([] {}); });
    )cpp",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    for (const char* const said :
         {"the step \"inner\" begins inside the step \"outer\"\n",
          "two steps of this migration are called \"outer\"\n",
          "a step's name is one line of 1 to 200 bytes in UTF-8, not \"\"\n",
          "a step's name is one line of 1 to 200 bytes in UTF-8, not \"two\n",
          "a step's name is one line of 1 to 200 bytes in UTF-8, not \"xxx",
          "the step \"open\" began a transaction and did not end it, so what it did in it is undone\n",
          "End it with COMMIT, or leave BEGIN out", "by itself\n", "m2026_01_01_000000_steps.cpp\n"})
        CHECK(contains(ran.out, said));
    CHECK_FALSE(contains(ran.out, "not refused"));
    CHECK(project.psql("SELECT string_agg(step, ' ' ORDER BY done_at) FROM _dibs_steps") ==
          "outer throws again");
    CHECK(project.psql("SELECT to_regclass('stays') IS NOT NULL, to_regclass('gone') IS NULL") == "t|t");
}

TEST_CASE("a step in a migration with a transaction is refused with the option to set") {
    Project project;
    project.add_body(stem, "ctx.execute(\"CREATE TABLE gone ()\");\nctx.step(\"first\", [] {});");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "  the step \"first\" is in a migration that runs in a transaction"));
    CHECK(contains(ran.err, "say DIBS_MIGRATION(.transaction = false)"));
    CHECK(contains(ran.err, "at m2026_01_01_000000_steps.cpp:16\n"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a migration without a transaction cannot be tried and rolled back, which is said") {
    Project project;
    project.add_body("m2025_12_01_000000_before", "");
    project.add_body(stem, "ctx.step(\"first\", [] {});", ".transaction = false");
    const Ran ran = project.dibs({"migrate", "--dry-run=execute"});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err,
                   "2026_01_01_000000-steps has no transaction, so it cannot be tried and rolled back\n"));
    CHECK(contains(ran.err, "Try those before it with --to 2025_12_01_000000-before. Nothing was changed."));
    CHECK(project.psql("SELECT to_regclass('_dibs_migrations') IS NULL") == "t");
}
