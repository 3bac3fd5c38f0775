#include "schema/diff/conversion.hpp"

#include <utility>

using dibs::schema::Conversion;
using dibs::schema::conversion;
using dibs::schema::Model;

namespace {

Model with_casts() {
    Model model;
    model.casts = {{"integer", "bigint", true, false},
                   {"text", "character varying", true, true},
                   {"character varying", "text", true, true},
                   {"boolean", "integer", false, false}};
    dibs::schema::Domain domain;
    domain.key = {dibs::schema::Kind::domain, "public", "amount", ""};
    domain.type = "numeric(10,2)";
    model.domains.push_back(domain);
    return model;
}

Conversion change(const std::string& from, const std::string& to) {
    return conversion("c", from, to, with_casts(), with_casts());
}

} // namespace

TEST_CASE("A wider type of the same kind needs no rewrite and a narrower one may refuse values") {
    CHECK_FALSE(change("character varying(5)", "character varying(10)").rewrite);
    CHECK_FALSE(change("character varying(5)", "character varying").rewrite);
    CHECK_FALSE(change("character varying(5)", "text").rewrite);
    CHECK_FALSE(change("numeric(5,2)", "numeric(8,2)").rewrite);
    CHECK(change("numeric(5,2)", "numeric(8,3)").rewrite);
    CHECK(change("character varying(10)", "character varying(5)").may_fail);
    CHECK(change("character(5)", "character(10)").rewrite);
    CHECK(change("integer", "bigint").rewrite);
    CHECK_FALSE(change("integer", "bigint").may_fail);
}

TEST_CASE("A number may be out of the range of a narrower type, not of a wider one") {
    Model model;
    for (const auto& [from, to] : {std::pair("bigint", "integer"), std::pair("integer", "bigint"),
                                   std::pair("numeric", "real"), std::pair("real", "numeric")})
        model.casts.push_back({from, to, true, false});
    const auto may_fail = [&](const char* from, const char* to) {
        return conversion("c", from, to, model, model).may_fail;
    };
    CHECK(may_fail("bigint", "integer"));
    CHECK(may_fail("numeric", "real"));
    CHECK_FALSE(may_fail("integer", "bigint"));
    CHECK_FALSE(may_fail("real", "numeric"));
}

TEST_CASE("A value is never cut off by an explicit cast") {
    CHECK(change("text", "character varying(3)").expression.empty());
    CHECK(change("text", "character varying(3)").may_fail);
    CHECK(change("text", "character varying(3)").rewrite);
}

TEST_CASE("Types without an assignment cast are converted by an expression") {
    CHECK(change("boolean", "integer").expression == "c::integer");
    CHECK(change("text", "uuid").expression == "c::uuid");
    CHECK(change("integer", "uuid").expression == "c::text::uuid");
    CHECK(change("public.a[]", "public.b[]").expression == "c::text[]::public.b[]");
    CHECK(change("integer", "integer[]").expression == "ARRAY[c]::integer[]");
    CHECK(change("uuid", "integer[]").expression == "ARRAY[c::text::integer]::integer[]");
    CHECK(change("uuid", "text").expression.empty());
}

TEST_CASE("A domain has the values of the type below it") {
    CHECK_FALSE(change("public.amount", "numeric").rewrite);
    CHECK(change("numeric", "public.amount").may_fail);
}

TEST_CASE("The old type is what its own schema says, also where another one of its name takes its place") {
    Model before; // public.amount is an enum there
    before.casts = with_casts().casts;
    CHECK(conversion("c", "public.amount", "numeric", before, with_casts()).expression == "c::text::numeric");
}

TEST_CASE("A parenthesis in a quoted type name is no modifier") {
    CHECK(dibs::schema::without_modifier("\"a(b)\"") == "\"a(b)\"");
    CHECK(dibs::schema::without_modifier("timestamp(3) without time zone") == "timestamp without time zone");
    CHECK(dibs::schema::without_modifier("character varying(20)[]") == "character varying[]");
}

TEST_CASE("What a cast takes from values without an error is told") {
    CHECK(change("numeric", "integer").loss == "fractions are rounded to whole numbers");
    CHECK(change("public.amount", "bigint").loss == "fractions are rounded to whole numbers");
    CHECK(change("numeric(10,2)", "numeric(12,1)").loss == "values are rounded to 1 digits behind the point");
    CHECK(change("numeric", "numeric(12,4)").loss == "values are rounded to 4 digits behind the point");
    CHECK(change("double precision", "real").loss == "digits that real does not hold are rounded away");
    CHECK(change("timestamp with time zone", "date").loss == "times of day are cut off");
    CHECK(change("timestamp without time zone", "timestamp(0) without time zone").loss ==
          "seconds are rounded to 0 digits behind the point");
    CHECK(change("json[]", "jsonb[]").loss == "blanks, the order of keys and repeated keys are not kept");
    for (const auto& [from, to] : {std::pair("integer", "bigint"),
                                   {"real", "double precision"},
                                   {"numeric(10,2)", "numeric(12,2)"},
                                   {"numeric(10,2)", "numeric"},
                                   {"integer", "numeric(5,0)"},
                                   {"date", "timestamp with time zone"},
                                   {"time(3) without time zone", "time(6) without time zone"},
                                   {"text", "character varying(3)"},
                                   {"integer", "smallint"}})
        CHECK(change(from, to).loss.empty()); // or an error
}

TEST_CASE("Where there is no cast, values go by way of their text") {
    CHECK(change("integer", "uuid").by_text);
    CHECK_FALSE(change("integer", "bigint").by_text);
    CHECK_FALSE(change("text", "uuid").by_text);
}
