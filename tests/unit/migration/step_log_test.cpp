#include "migration/step_log.hpp"

using dibs::history::Step;
using dibs::migration::quoted_list;
using dibs::migration::StepLog;

namespace {

Step earlier(const std::string& name) {
    return {name, "checksum", "sha256-lf", "2026-01-01T00:00:00Z", 1};
}

std::string reason(const StepLog& log, const std::string& name) {
    const auto refusal = log.refusal(name);
    return refusal ? refusal->reason : "";
}

} // namespace

TEST_CASE("a step that an earlier run has done is passed over, and one that is not is run") {
    StepLog log({earlier("a"), earlier("b")});
    REQUIRE(log.begin("a") != nullptr);
    CHECK(log.begin("a")->done_at == "2026-01-01T00:00:00Z");
    CHECK_FALSE(log.in_step());
    CHECK(log.begin("c") == nullptr);
    CHECK(log.in_step());
    CHECK(log.current() == "c");
    log.leave();
    log.recorded();
    CHECK(log.current().empty());
    CHECK(log.done() == std::vector<std::string>{"a", "b", "c"});
    CHECK(log.not_met() == std::vector<std::string>{"b"});
}

TEST_CASE("a step that ended and is not recorded is where it failed, until the migration goes on") {
    StepLog log;
    log.begin("a");
    log.step_outside(); // within it
    log.leave();
    CHECK(log.current() == "a");
    CHECK(log.done().empty());
    log.step_outside();
    CHECK(log.current().empty());
    log.begin("b");
    log.leave();
    log.begin("c");
    CHECK(log.current() == "c");
}

TEST_CASE("steps cannot be nested, share a name, or have one that is no line") {
    StepLog log({earlier("done")});
    CHECK(reason(log, "done").empty());
    log.begin("done");
    CHECK(reason(log, "done") == "two steps of this migration are called \"done\"");
    log.begin("a");
    CHECK(reason(log, "b") == "the step \"b\" begins inside the step \"a\"");
    log.leave();
    CHECK(reason(log, "b").empty());
    CHECK(reason(log, "a") == "two steps of this migration are called \"a\"");
    const std::string longest(200, 'x');
    CHECK(reason(log, longest).empty());
    CHECK(reason(log, "ü €").empty());
    for (const std::string& wrong : {std::string(), longest + "x", std::string("a\nb"), std::string("a\x7f"),
                                     std::string("a\0b", 3), std::string("\xff")})
        CHECK(reason(log, wrong).starts_with("a step's name is one line of 1 to 200 bytes in UTF-8, not "));
}

TEST_CASE("names are listed as in a sentence") {
    CHECK(quoted_list({}).empty());
    CHECK(quoted_list({"a"}) == "\"a\"");
    CHECK(quoted_list({"a", "b"}) == "\"a\" and \"b\"");
    CHECK(quoted_list({"a", "b", "c"}) == "\"a\", \"b\" and \"c\"");
}
