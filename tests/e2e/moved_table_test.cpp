#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "support/project.hpp"
#include "support/sql_project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Ran;
namespace fs = std::filesystem;

namespace {

/// A project whose structs are in one file.
class Structs {
  public:
    Structs() {
        project_.write("dibs.yaml", "database: \"" + project_.database().url() + "\"\nscratch:\n  url: \"" +
                                        dibs::tests::server().url() + "\"\n");
        fs::create_directories(project_.folder() / "build");
    }

    void declares(const std::string& text) const {
        const fs::path library = dibs::tests::build_library(
            project_.folder(), "schema",
            "#include <dibs/schema_library.hpp>\nDIBS_SCHEMA_LIBRARY(\"schema\");\n" + text);
        fs::rename(library, project_.folder() / "build/schema.so");
    }

    dibs::tests::Project& project() { return project_; }

  private:
    dibs::tests::Project project_;
};

constexpr const char* before = "enum class State { open, closed };"
                               "struct Order { std::int64_t id; State state; };";

} // namespace

TEST_CASE("renamed_from with a schema moves a table and an enum there, with the rows, and back") {
    Structs structs;
    dibs::tests::Project& project = structs.project();
    project.psql("CREATE SCHEMA sales; CREATE TYPE sales.state AS ENUM ('open', 'closed'); CREATE TABLE "
                 "sales.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state sales.state NOT "
                 "NULL); INSERT INTO sales.orders (state) VALUES ('open')");
    structs.declares(std::string(before) +
                     "DIBS_ENUM(State, \"state\", .schema = \"shop\", .renamed_from = \"sales.state\");"
                     "DIBS_TABLE(Order, \"purchases\") { table.schema(\"shop\"); "
                     "table.renamed_from(\"sales.orders\"); "
                     "table.primary_key(&Order::id); table.identity(&Order::id); }");
    const Ran written = project.dibs({"generate-from-diff", "move"});
    INFO(written.out << written.err);
    REQUIRE(written.code == 0);
    CHECK(written.out.starts_with("+ schema shop\nenum shop.state\n  ~ moved from sales.state\ntable "
                                  "shop.purchases\n  ~ moved from sales.orders\n"));
    CHECK(contains(written.out, "(with its rollback)")); // it was tried there and back
    const fs::path source = fs::directory_iterator(project.folder() / "migrations")->path();
    project.add(source.stem().string(), project.read("migrations/" + source.filename().string()));
    REQUIRE(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT id, state FROM shop.purchases") == "1|open");
    CHECK(project.dibs({"diff", "--exit-code"}).code == 0);
    REQUIRE(project.dibs({"rollback"}).code == 0);
    CHECK(project.psql("SELECT id, state FROM sales.orders") == "1|open");
}

TEST_CASE("a table that is declared in another schema than before is not silently a new one") {
    Structs structs;
    structs.project().psql("CREATE SCHEMA sales; CREATE TABLE sales.orders (id bigint)");
    structs.declares("struct Order { std::int64_t id; };"
                     "DIBS_TABLE(Order, \"orders\") { table.schema(\"shop\"); }");
    const Ran ran = structs.project().dibs({"diff"});
    INFO(ran.out << ran.err);
    CHECK(contains(ran.out,
                   "+ table shop.orders\n    ? sales.orders stays; renamed_from(\"sales.orders\") would "
                   "move it here\n"));
}

TEST_CASE("a schema's source that is newer than the library is warned of where nothing builds it") {
    Structs structs;
    const dibs::tests::Project& project = structs.project();
    structs.declares("struct Order { std::int64_t id; }; DIBS_TABLE(Order, \"orders\") {}");
    fs::create_directories(project.folder() / "schema");
    project.write("schema/orders.cpp", "");
    const fs::path library = project.folder() / "build/schema.so";
    const fs::path source = project.folder() / "schema/orders.cpp";
    fs::last_write_time(source, fs::last_write_time(library) - std::chrono::seconds(1));
    CHECK(structs.project().dibs({"schema"}).err.empty());
    fs::last_write_time(source, fs::last_write_time(library) + std::chrono::seconds(1));
    CHECK(structs.project().dibs({"schema"}).err ==
          "warning: schema/orders.cpp is newer than build/schema.so, "
          "which may declare something else: build it\n");
}

TEST_CASE("what a URL belongs to is told when its server is not there") {
    dibs::tests::SqlProject project;
    project.wants("");
    const std::string nowhere = "postgresql://127.0.0.1:1/x";
    const Ran to = project.project().dibs({"diff", "--to", nowhere});
    CHECK(to.code == 8);
    CHECK(contains(to.err, "error: --to: cannot connect to the database: "));
    project.project().write("dibs.yaml", "database: \"" + project.project().database().url() +
                                             "\"\nscratch:\n  url: \"" + nowhere + "\"\n");
    const Ran scratch = project.diff();
    CHECK(scratch.code == 8);
    CHECK(contains(scratch.err, "error: scratch.url: cannot connect to the database: "));
    CHECK(contains(scratch.err, "Check scratch.url, and that the server is running"));
}

TEST_CASE("A table that is renamed is left out under both names, or under neither") {
    Structs structs;
    dibs::tests::Project& project = structs.project();
    project.psql("CREATE TABLE orders (id bigint PRIMARY KEY, sum int); CREATE TABLE other (id bigint)");
    structs.declares("struct Order { std::int64_t id; std::optional<std::int32_t> total; };"
                     "struct Other { std::optional<std::int64_t> id; };"
                     "DIBS_TABLE(Order, \"purchases\") { table.schema(\"shop\"); "
                     "table.renamed_from(\"public.orders\"); table.primary_key(&Order::id); "
                     "table.column(&Order::total).renamed_from(\"sum\"); }"
                     "DIBS_TABLE(Other, \"other\") {}");
    const std::string settings = project.read(project.folder() / "dibs.yaml");
    const auto diff = [&](const std::string& patterns) {
        project.write("dibs.yaml", settings + "diff: {exclude: [" + patterns + "]}\n");
        return project.dibs({"diff"});
    };
    CHECK(contains(diff("\"table:third\"").out, "table shop.purchases\n  ~ moved from public.orders\n"));
    for (const char* const one :
         {"\"table:purchases\"", "\"table:orders\"", "\"column:sum\"", "\"schema:shop\""}) {
        const Ran ran = diff(one);
        CAPTURE(one, ran.out, ran.err);
        CHECK(ran.code == 2);
        CHECK(contains(ran.err, "which the structs declare to be the same"));
        CHECK(contains(ran.err, "Leave out both, or neither."));
    }
    const Ran both = diff("\"table:purchases\", \"table:orders\"");
    CAPTURE(both.out, both.err);
    CHECK(both.code == 0);
    CHECK_FALSE(contains(both.out, "orders"));
    CHECK_FALSE(contains(both.out, "purchases"));
}
