#include <catch2/catch.hpp>

#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

/// A role of its own, with a name that must be quoted, gone at the end.
class Role {
  public:
    explicit Role(const Project& project)
        : project_(project), name_("Eigentümer " + project.database().name()) {
        project.psql("CREATE ROLE \"" + name_ + "\"; GRANT CREATE ON SCHEMA public TO \"" + name_ + "\"");
    }
    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;
    ~Role() { project_.psql("DROP OWNED BY \"" + name_ + "\"; DROP ROLE \"" + name_ + "\""); }
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    const Project& project_;
    std::string name_;
};

void use(Project& project, const std::string& role) {
    project.write("dibs.yaml", "database: \"" + project.database().conninfo() + "\"\nrole: " + role + "\n");
}

} // namespace

TEST_CASE("migrations run as the role of dibs.yaml and their history does not") {
    Project project;
    const Role role(project);
    use(project, role.name());
    project.add_bodies(
        {{"m2026_01_01_000000_resets", "ctx.execute(\"CREATE TABLE a ()\"); ctx.execute(\"RESET ROLE\");"},
         {"m2026_01_02_000000_creates", "ctx.execute(\"CREATE TABLE b ()\");"}});
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(project.psql(
              "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE tablename IN ('a', 'b')") ==
          role.name());
    CHECK(project.psql(
              "SELECT count(*) FROM pg_tables WHERE tablename ~ '^_dibs_' AND tableowner = session_user") ==
          "4");
    CHECK(project.psql("SELECT string_agg(DISTINCT applied_by, ',') = session_user FROM _dibs_migrations") ==
          "t");
}

TEST_CASE(
    "a migration without a transaction runs as the role of dibs.yaml too, and cannot do what that may not") {
    Project project;
    const Role role(project);
    use(project, role.name());
    project.psql("CREATE TABLE theirs ()");
    project.add_body("m2026_01_01_000000_drops",
                     "ctx.execute(\"CREATE TABLE mine ()\"); ctx.execute(\"DROP TABLE theirs\");",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "42501: must be owner of table theirs"));
    CHECK(project.psql("SELECT tableowner FROM pg_tables WHERE tablename = 'mine'") == role.name());
}

TEST_CASE("a statement under a role whose name is not ASCII has its caret in its place") {
    Project project;
    const Role role(project);
    use(project, role.name());
    project.add_body("m2026_01_01_000000_wrong", "ctx.execute(\"SELECT nonsense FROM pg_class\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "SELECT nonsense FROM pg_class\n           ^"));
}

TEST_CASE("a role of dibs.yaml that does not exist is refused before anything runs") {
    Project project;
    use(project, "nobody_of_this_name");
    project.add_body("m2026_01_01_000000_a", "ctx.execute(\"CREATE TABLE a ()\");");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 1);
    CHECK(contains(ran.err, "error: cannot become the role \"nobody_of_this_name\" of dibs.yaml: role "
                            "\"nobody_of_this_name\" does not exist\n"));
    CHECK(contains(ran.err, "Nothing was changed."));
    CHECK(project.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0");
}
