#include "schema/diff/phases.hpp"

using namespace dibs::schema;

namespace {

using Way = Piece::Way;

/// A statement of these pieces, and what it needs.
void add(Plan& plan, std::vector<Piece> pieces, std::vector<std::size_t> needs = {}) {
    plan.statements.emplace_back("as one", std::move(pieces));
    plan.needs.push_back(std::move(needs));
}

std::vector<std::vector<std::string>> texts(const std::vector<Phase>& phases) {
    std::vector<std::vector<std::string>> all;
    for (const Phase& phase : phases) {
        all.emplace_back();
        for (const Piece& piece : phase.pieces)
            all.back().push_back((phase.transaction ? "" : "outside: ") + piece.sql);
    }
    return all;
}

using Texts = std::vector<std::vector<std::string>>;

} // namespace

TEST_CASE("what does not depend on each other shares a phase") {
    Plan plan;
    add(plan, {{Way::build_index, "index 1"}});
    plan.statements.emplace_back("table");
    plan.needs.emplace_back();
    add(plan, {{Way::build_index, "index 2"}});
    CHECK(texts(phases(plan, Ordering::fewest)) ==
          Texts{{"table"}, {"outside: index 1", "outside: index 2"}});
    CHECK(texts(phases(plan, Ordering::as_listed)) ==
          Texts{{"outside: index 1"}, {"table"}, {"outside: index 2"}});
}

TEST_CASE("what needs another comes after it") {
    Plan plan;
    add(plan, {{Way::build_index, "index"}, {Way::transaction, "constraint"}});
    plan.statements.emplace_back("foreign key");
    plan.needs.push_back({0});
    plan.statements.emplace_back("other");
    plan.needs.emplace_back();
    CHECK(texts(phases(plan, Ordering::fewest)) ==
          Texts{{"other"}, {"outside: index"}, {"constraint", "foreign key"}});
}

TEST_CASE("a value is committed before it is used, and what nobody awaits holds nobody up") {
    Plan plan;
    plan.statements.emplace_back("add value");
    plan.statements.back().alone = true;
    plan.needs.emplace_back();
    plan.statements.emplace_back("use value");
    plan.needs.push_back({0});
    Piece validate{Way::outside, "validate"};
    validate.awaited = false;
    add(plan, {{Way::transaction, "check"}, validate});
    plan.statements.emplace_back("after the check");
    plan.needs.push_back({2});
    CHECK(texts(phases(plan, Ordering::fewest)) ==
          Texts{{"add value"}, {"use value", "check", "after the check"}, {"outside: validate"}});
}

TEST_CASE("bodies of functions are left unchecked in the transactions that make some, and only there") {
    Plan plan;
    plan.statements.emplace_back(std::string(unchecked_bodies));
    plan.needs.emplace_back();
    plan.statements.emplace_back("CREATE TABLE t ()");
    plan.needs.emplace_back();
    plan.statements.emplace_back("CREATE FUNCTION f()");
    plan.needs.emplace_back();
    add(plan, {{Way::build_index, "index"}});
    CHECK(texts(phases(plan, Ordering::fewest)) ==
          Texts{{"SET LOCAL check_function_bodies = off", "CREATE TABLE t ()", "CREATE FUNCTION f()"},
                {"outside: index"}});
}
