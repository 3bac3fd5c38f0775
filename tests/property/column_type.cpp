#include "property/column_type.hpp"

#include <fmt/format.h>

namespace dibs::tests {

const std::vector<ColumnType>& builtin_types() {
    static const std::vector<ColumnType> types = {
        {"smallint", Family::number, {"7", "-1", "(1 + 2)"}, true},
        {"integer", Family::number, {"0", "-42", "length('abc')", "NULL"}, true},
        {"bigint", Family::number, {"0", "9223372036854775807", "abs(-5)"}, true},
        {"numeric", Family::number, {"1.50", "1e3", "round(2.5)"}},
        {"numeric(10,2)", Family::number, {"0", "19.99"}},
        {"numeric(12,2)", Family::number, {"0.00", "random()"}},
        {"real", Family::number, {"1.5", "'Infinity'"}},
        {"double precision", Family::number, {"0.1", "random()", "pi()"}},
        {"boolean", Family::truth, {"true", "false", "(1 = 1)"}},
        {"text", Family::text, {"''", "'it''s'", "'a::b'", "lower('X')", "CURRENT_USER", R"(E'a\nb')"}},
        {"varchar", Family::text, {"'x'", "'a\\b'"}},
        {"varchar(10)", Family::text, {"'ten'", "'100%'"}},
        {"varchar(40)", Family::text, {"'ten'", "upper('y')"}},
        {"char(3)", Family::text, {"'EUR'", "'a'"}},
        {"bytea", Family::other, {R"('\xdeadbeef')", "''"}},
        {"date", Family::date, {"CURRENT_DATE", "'2024-02-29'"}},
        {"time", Family::other, {"'12:30'", "LOCALTIME"}},
        {"time(3) with time zone", Family::other, {"'12:30+02'"}},
        {"timestamp", Family::date, {"now()", "LOCALTIMESTAMP", "'2001-02-03 04:05:06'"}},
        {"timestamp(3)", Family::date, {"CURRENT_TIMESTAMP"}},
        {"timestamptz", Family::date, {"now()", "CURRENT_TIMESTAMP", "clock_timestamp()"}},
        {"timestamptz(0)", Family::date, {"now()"}},
        {"interval", Family::other, {"'1 day 2 hours'", "make_interval(days => 3)"}},
        {"interval day to second(2)", Family::other, {"'3 days'"}},
        {"uuid", Family::other, {"gen_random_uuid()", "'00000000-0000-0000-0000-000000000000'"}},
        {"json", Family::other, {"'{}'", R"('{"a": [1, 2]}')"}, false, false},
        {"jsonb", Family::json, {"'{}'", "'[]'", R"(jsonb_build_object('k', 1))"}},
        {"inet", Family::other, {"'127.0.0.1'"}},
        {"cidr", Family::other, {"'10.0.0.0/8'"}},
        {"macaddr", Family::other, {"'08:00:2b:01:02:03'"}},
        {"money", Family::other, {"0"}},
        {"bit(4)", Family::other, {"B'1010'"}},
        {"bit varying(8)", Family::other, {"B'101'"}},
        {"point", Family::other, {"'(1,2)'", "point(0, 0)"}, false, false},
        {"tsvector", Family::other, {"''", "to_tsvector('simple', 'a b')"}},
        {"int4range", Family::range, {"'[1,5)'", "'empty'"}},
        {"tstzrange", Family::range, {"'(,)'"}},
        {"integer[]", Family::list, {"'{}'", "ARRAY[1, 2]"}},
        {"text[]", Family::list, {"'{}'", "ARRAY['a', 'b,c']", "'{\"x y\"}'"}},
        {"varchar(10)[]", Family::list, {"'{}'", "ARRAY['q']"}},
        {"numeric(6,3)[]", Family::list, {"'{1.5}'"}},
        {"oid", Family::other, {"0"}},
        {"name", Family::text, {"'n'", "CURRENT_USER"}},
    };
    return types;
}

std::vector<std::string> conditions(Family family, const std::string& column) {
    std::vector<std::string> found{column + " IS NOT NULL"};
    const auto add = [&](std::initializer_list<std::string_view> forms) {
        for (const std::string_view form : forms)
            found.push_back(fmt::format(fmt::runtime(form), column));
    };
    switch (family) {
    case Family::number:
        add({"{0} > 0", "{0} BETWEEN 1 AND 10", "{0} IN (1, 2, 3)", "{0} <> 5 OR {0} IS NULL", "{0} + 1 >= 0",
             "CASE WHEN {0} > 2 THEN true ELSE {0} = 1 END", "NOT ({0} = 3)"});
        break;
    case Family::text:
        add({"length({0}) > 2", "{0} IN ('a', 'b')", "{0} ~ '^[a-z]+$'", "{0} <> ''", "lower({0}) = {0}",
             "{0} LIKE 'a%'", "{0} NOT IN ('x', 'it''s')", "{0} IS DISTINCT FROM 'q'",
             "coalesce({0}, 'z') > 'b'"});
        break;
    case Family::truth:
        add({"{0}", "{0} IS NOT FALSE", "NOT {0}"});
        break;
    case Family::date:
        add({"{0} > '2000-01-01'", "{0} BETWEEN '2000-01-01' AND '2100-01-01'", "{0} <> 'infinity'"});
        break;
    case Family::range:
        add({"NOT isempty({0})", "lower({0}) IS NOT NULL"});
        break;
    case Family::list:
        add({"cardinality({0}) < 5", "{0} <> '{{}}'"});
        break;
    case Family::json:
        add({"jsonb_typeof({0}) = 'object'", "{0} ? 'k'", "{0} ->> 'a' = 'b'"});
        break;
    case Family::label:
    case Family::other:
        break;
    }
    return found;
}

std::vector<std::string> index_expressions(Family family, const std::string& column) {
    switch (family) {
    case Family::number:
        return {fmt::format("({} + 1)", column), fmt::format("abs({})", column)};
    case Family::text:
        return {fmt::format("lower({}::text)", column), fmt::format("({}::text || 'x')", column),
                fmt::format("coalesce({}, 'none')", column)};
    case Family::truth:
        return {fmt::format("(NOT {})", column)};
    case Family::json:
        return {fmt::format("({} ->> 'name')", column)};
    case Family::list:
        return {fmt::format("cardinality({})", column)};
    case Family::range:
        return {fmt::format("lower({})", column)};
    case Family::date:
    case Family::label:
    case Family::other:
        return {};
    }
    return {};
}

} // namespace dibs::tests
