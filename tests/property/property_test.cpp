// Random schemas. DIBS_PROPERTY_PAIRS: how many pairs (500), a quarter of them a test. DIBS_PROPERTY_SEED:
// the first one's seed; a failure says which it was, and DIBS_PROPERTY_PAIRS=1 repeats just that.

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "database/connection.hpp"
#include "pairs/dump.hpp"
#include "property/random_schema.hpp"
#include "schema/diff/phases.hpp"
#include "schema/diff/plan.hpp"
#include "schema/read/reader.hpp"
#include "scratch/copy.hpp"
#include "scratch/settle.hpp"
#include "support/server.hpp"

namespace schema = dibs::schema;
using dibs::database::Connection;
using dibs::tests::Database;
using dibs::tests::Side;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::stoull(text);
}

/// A database that is emptied between schemas: making new ones would take most of the time.
class Reused {
  public:
    Reused() : connection_(database_.conninfo(), "property") {
        connection_.on_notice([](const dibs::database::Message&) {});
    }

    void load(const std::string& sql) {
        std::ignore =
            connection_
                .script("DO $$DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace WHERE "
                        "nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP EXECUTE "
                        "format('DROP SCHEMA %I CASCADE', s); END LOOP; END$$; CREATE SCHEMA public")
                .or_throw();
        run(sql);
    }

    void run(const std::string& sql) {
        if (const auto outcome = connection_.script(sql); outcome.error)
            FAIL(outcome.error->message << " (at " << outcome.error->position << ")");
    }

    void run(const schema::Plan& plan) {
        for (const schema::Statement& statement : plan.statements)
            if (const auto outcome = connection_.script(statement.sql); outcome.error)
                FAIL(outcome.error->message << "\nin: " << statement.sql);
    }

    [[nodiscard]] schema::Model read() { return schema::read(connection_, {}); }
    [[nodiscard]] std::string dump() const { return dibs::tests::dump(database_.name()); }
    [[nodiscard]] Connection& connection() { return connection_; }

  private:
    Database database_;
    Connection connection_;
};

/// What a plan still has to do, one line each.
std::string left(const schema::Plan& plan) {
    std::string text;
    for (const schema::Change& change : plan.changes)
        text += fmt::format("{} {}: {}\n", change.sign, schema::described(change.object), change.text);
    for (const std::string& line : plan.unsupported)
        text += "not supported: " + line + "\n";
    return text;
}

std::string printed(const schema::Plan& plan) {
    std::string text;
    for (const schema::Statement& statement : plan.statements)
        text += statement.sql + ";\n";
    return text;
}

/// The lines that only one of them has, < or >. Which of two ways to write IN (...) over a varchar PostgreSQL
/// prints depends on how often the text was read and printed.
std::string differing(const std::string& a, const std::string& b) {
    std::multiset<std::string> only_a;
    std::multiset<std::string> only_b;
    const auto lines = [](const std::string& text, std::multiset<std::string>& into) {
        std::istringstream in(text);
        for (std::string line; std::getline(in, line);)
            if (line.find(" ANY (") == std::string::npos && line.find(" ALL (") == std::string::npos)
                into.insert(line);
    };
    lines(a, only_a);
    lines(b, only_b);
    std::string text;
    std::vector<std::string> difference;
    std::set_difference(only_a.begin(), only_a.end(), only_b.begin(), only_b.end(),
                        std::back_inserter(difference));
    for (const std::string& line : difference)
        text += "< " + line + "\n";
    difference.clear();
    std::set_difference(only_b.begin(), only_b.end(), only_a.begin(), only_a.end(),
                        std::back_inserter(difference));
    for (const std::string& line : difference)
        text += "> " + line + "\n";
    return text;
}

class Pairs {
  public:
    void check(std::uint64_t seed, bool with_dump);

  private:
    [[nodiscard]] schema::Plan remaining(const schema::Model& wanted);
    void check_printing(const schema::Model& wanted);
    void check_phases(const std::string& from, const schema::Plan& plan, const schema::Model& wanted);

    Reused from_;
    Reused to_;
};

/// What still makes from_ into to_. What PostgreSQL prints it may print otherwise when it has read it again.
schema::Plan Pairs::remaining(const schema::Model& wanted) {
    schema::Model now = from_.read();
    dibs::scratch::settle(to_.connection(), now, wanted);
    return schema::plan(now, wanted);
}

/// print(read(M)) = M
void Pairs::check_printing(const schema::Model& wanted) {
    const schema::Plan all = schema::plan({}, wanted);
    CHECK(left(all).find("not supported") == std::string::npos);
    from_.load("DROP SCHEMA public");
    from_.run(all);
    INFO("printed:\n" << printed(all));
    REQUIRE(left(remaining(wanted)) == std::string());
}

/// As generate-from-diff has it done.
void Pairs::check_phases(const std::string& from, const schema::Plan& plan, const schema::Model& wanted) {
    std::string wrong;
    for (const schema::Ordering ordering : {schema::Ordering::fewest, schema::Ordering::as_listed}) {
        from_.load(from);
        const auto refused = dibs::scratch::run(from_.connection(), schema::phases(plan, ordering));
        wrong = refused ? refused->message.message + " in " + refused->sql : left(remaining(wanted));
        if (wrong.empty())
            return;
        if (refused)
            std::ignore = from_.connection().script("ROLLBACK");
    }
    FAIL("in phases: " << wrong);
}

void Pairs::check(std::uint64_t seed, bool with_dump) {
    const std::string a = dibs::tests::random_schema(Side(seed, false, 0));
    const std::string b = dibs::tests::random_schema(Side(seed, true, 10 + seed % 7 * 15));
    INFO("DIBS_PROPERTY_SEED=" << seed << "\n-- from\n" << a << "-- to\n" << b);
    to_.load(b);
    const schema::Model wanted = to_.read();
    CHECK(left(schema::plan(wanted, to_.read())) == std::string());
    check_printing(wanted);

    from_.load(a);
    const schema::Plan plan = remaining(wanted);
    INFO("-- plan\n" << printed(plan));
    REQUIRE(plan.unsupported == std::vector<std::string>());
    from_.run(plan);
    REQUIRE(left(remaining(wanted)) == std::string());
    if (with_dump)
        REQUIRE(differing(from_.dump(), to_.dump()) == std::string());
    check_phases(a, plan, wanted);
}

/// Every fourth pair, so that four tests can run side by side.
void check_those(std::uint64_t of_four) {
    const std::uint64_t first = number_from("DIBS_PROPERTY_SEED", 1);
    const std::uint64_t count = number_from("DIBS_PROPERTY_PAIRS", 500);
    constexpr std::uint64_t dumped = 10; // pg_dump takes longer than all the rest
    Pairs pairs;
    for (std::uint64_t seed = first + of_four; seed < first + count; seed += 4)
        pairs.check(seed, count == 1 || seed % dumped == 0);
}

} // namespace

TEST_CASE("of random schemas each becomes the other, prints itself, and does not differ from itself") {
    check_those(0);
}

TEST_CASE("of random schemas each becomes the other, prints itself, and does not differ from itself (2)") {
    check_those(1);
}

TEST_CASE("of random schemas each becomes the other, prints itself, and does not differ from itself (3)") {
    check_those(2);
}

TEST_CASE("of random schemas each becomes the other, prints itself, and does not differ from itself (4)") {
    check_those(3);
}
