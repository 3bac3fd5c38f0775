#include <algorithm>

#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

std::vector<std::string> sources(const Project& project) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(project.folder() / "migrations"))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string after_timestamp(const std::string& file) {
    return file.substr(std::string("m2026_01_01_000000_").size());
}

} // namespace

TEST_CASE("generate writes a migration that builds, runs and sorts last") {
    Project project;
    const Ran first = project.dibs({"generate", "backfill-user-data"});
    const Ran second = project.dibs({"generate", "Then_This"});
    CHECK(first.code == 0);
    const std::vector<std::string> files = sources(project);
    REQUIRE(files.size() == 2);
    CHECK(after_timestamp(files[0]) == "backfill_user_data.cpp");
    CHECK(after_timestamp(files[1]) == "then_this.cpp"); // though both came in one second
    CHECK(first.out.substr(0, first.out.find('\n')) == "migrations/" + files[0]);
    CHECK(contains(first.out, "cmake --build build"));
    CHECK(contains(first.out, "dibs migrate"));
    for (const std::string& file : files)
        project.add(file.substr(0, file.size() - 4), project.read("migrations/" + file));
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");
}

TEST_CASE("a generated migration sorts after one from the future") {
    Project project;
    project.write("migrations/m2099_12_31_235959_future.cpp", "");
    CHECK(project.dibs({"generate", "next"}).code == 0);
    CHECK(sources(project).back() == "m2100_01_01_000000_next.cpp");
}

TEST_CASE("a generated path is JSON, whatever it is called") {
    Project project;
    project.write("dibs.yaml", "migrations:\n  source: 'a \"quoted\" folder'\n");
    const Ran ran = project.dibs({"generate", "next", "--json"});
    CHECK(ran.code == 0);
    CHECK(ran.out.starts_with("{\n  \"path\": \"a \\\"quoted\\\" folder/m2"));
}

TEST_CASE("generates at the same moment give files of different times") {
    Project project;
    std::vector<dibs::process::Child> children;
    for (const char* name : {"a", "b", "c", "d", "e"})
        children.push_back(project.start({"generate", name}, name));
    for (dibs::process::Child& child : children)
        CHECK(child.wait().ok());
    const std::vector<std::string> files = sources(project);
    REQUIRE(files.size() == 5);
    for (std::size_t i = 1; i < files.size(); ++i)
        CHECK(files[i - 1].substr(0, 18) < files[i].substr(0, 18));
}

TEST_CASE("a bad name is refused with a word on good ones, and nothing is written") {
    Project project;
    for (const std::string& name :
         {std::string("with space"), std::string(300, 'x'), std::string("../../evil"), std::string(),
          std::string("ümlaut"), std::string("a.b"), std::string("---")}) {
        const Ran ran = project.dibs({"generate", "--", name});
        INFO(name);
        CHECK(ran.code == 2);
        CHECK(contains(ran.err, "is no name for a migration"));
        CHECK(contains(ran.err, "backfill-user-data"));
    }
    CHECK(project.dibs({"generate"}).code == 2);
    CHECK(project.dibs({"generate", "two", "words"}).code == 2);
    CHECK(sources(project).empty());
}

TEST_CASE("the batched update in the generated comments is right") {
    Project project;
    REQUIRE(project.dibs({"generate", "backfill"}).code == 0);
    const std::string file = "migrations/" + sources(project).front();
    // Uncomment the call, and say what the comment says.
    std::string text = project.read(file);
    const std::size_t begin = text.find("    //     ctx.backfill(");
    const std::size_t end = text.find("    ctx.log(");
    REQUIRE(begin != std::string::npos);
    std::string call = text.substr(begin, end - begin);
    for (std::size_t at = call.find("//"); at != std::string::npos; at = call.find("//"))
        call.erase(at, 2);
    text = text.substr(0, text.find("    // All of this")) + call + "}\n";
    text.replace(text.find("DIBS_MIGRATION()"), 16, "DIBS_MIGRATION(.transaction = false)");

    project.psql("CREATE TABLE users (id bigint PRIMARY KEY, bio text); INSERT INTO users SELECT i * 3, CASE "
                 "WHEN i % 10 = 0 "
                 "THEN 'mine' END FROM generate_series(1, 12345) i");
    project.add("m2026_01_01_000000_backfill", text);
    std::filesystem::remove(project.folder() / file);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql(
              "SELECT bio, count(*), count(DISTINCT xmin::text) > 2 FROM users GROUP BY bio ORDER BY bio") ==
          "No bio yet|11111|t\nmine|1234|f"); // each batch in a transaction of its own
}

TEST_CASE("the JSON of generate is JSON, whatever the folder's name") {
    Project project;
    project.write("dibs.yaml", project.read("dibs.yaml") + "migrations: {source: 'a \"quoted\" folder'}\n");
    const Ran ran = project.dibs({"generate", "x", "--json"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "\"path\": \"a \\\"quoted\\\" folder/m"));
}
