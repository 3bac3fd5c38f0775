#include "schema/diff/conversion.hpp"

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
    return conversion("c", from, to, with_casts());
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
    CHECK(change("uuid", "text").expression.empty());
}

TEST_CASE("A domain has the values of the type below it") {
    CHECK_FALSE(change("public.amount", "numeric").rewrite);
    CHECK(change("numeric", "public.amount").may_fail);
}

TEST_CASE("A parenthesis in a quoted type name is no modifier") {
    CHECK(dibs::schema::without_modifier("\"a(b)\"") == "\"a(b)\"");
    CHECK(dibs::schema::without_modifier("timestamp(3) without time zone") == "timestamp without time zone");
    CHECK(dibs::schema::without_modifier("character varying(20)[]") == "character varying[]");
}
