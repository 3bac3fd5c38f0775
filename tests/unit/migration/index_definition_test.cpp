#include "migration/index_definition.hpp"

using dibs::migration::create_statement;
using dibs::migration::same_definition;
using dibs::worker::IndexDefinition;

TEST_CASE("an index is written as SQL with what is given of it and nothing else") {
    IndexDefinition index;
    index.name = "i";
    index.columns = {"a"};
    CHECK(create_statement(index, "public.t", true) == "CREATE INDEX CONCURRENTLY i ON public.t (a)");
    CHECK(create_statement(index, "pg_temp.t", false) == "CREATE INDEX i ON pg_temp.t (a)");
    index = {"s",    "t",     "\"I\"", "btree", {"a DESC", "lower(b)"}, {"c", "d"}, "fillfactor = 70",
             "fast", "a > 0", true,    true};
    CHECK(create_statement(index, "s.t", true) ==
          "CREATE UNIQUE INDEX CONCURRENTLY \"I\" ON s.t USING btree (a DESC, lower(b)) INCLUDE (c, d) NULLS "
          "NOT "
          "DISTINCT WITH (fillfactor = 70) TABLESPACE fast WHERE a > 0");
    CHECK(create_statement(index, "s.t", false) == "CREATE UNIQUE INDEX \"I\" ON s.t USING btree (a DESC, "
                                                   "lower(b)) INCLUDE (c, d) NULLS NOT DISTINCT WITH "
                                                   "(fillfactor = 70) WHERE a > 0");
}

TEST_CASE("definitions are the same whatever schema their table is in") {
    const std::string one = "CREATE UNIQUE INDEX i ON public.t USING btree (a) WHERE (a > 0)";
    CHECK(same_definition(one, "CREATE UNIQUE INDEX i ON pg_temp.t USING btree (a) WHERE (a > 0)", "t"));
    CHECK(same_definition(one, "CREATE UNIQUE INDEX i ON pg_temp_12.t USING btree (a) WHERE (a > 0)", "t"));
    CHECK_FALSE(same_definition(one, "CREATE INDEX i ON public.t USING btree (a) WHERE (a > 0)", "t"));
    CHECK_FALSE(same_definition(one, "CREATE UNIQUE INDEX i ON public.t USING btree (a) WHERE (a > 1)", "t"));
    CHECK_FALSE(same_definition(one, "CREATE UNIQUE INDEX i ON public.t USING hash (a) WHERE (a > 0)", "t"));
    CHECK(same_definition("CREATE INDEX i ON \"s x\".\"a ON b\" USING btree (a)",
                          "CREATE INDEX i ON pg_temp.\"a ON b\" USING btree (a)", "\"a ON b\""));
}
