#include "migration/copies.hpp"

using dibs::migration::with_line_of_all;

TEST_CASE("the line in the context of a COPY is counted from the first row of all") {
    CHECK(with_line_of_all("COPY t, line 3, column c: \"x\"", "t", 1000) ==
          "COPY t, line 1003, column c: \"x\"");
    CHECK(with_line_of_all("COPY t2, line 3", "t2", 7) == "COPY t2, line 10");
    CHECK(with_line_of_all("COPY t, Zeile 3, Spalte c", "t", 1) == "COPY t, Zeile 4, Spalte c");
    CHECK(with_line_of_all("PL/pgSQL function f() line 5 at RAISE\nCOPY t, line 3: \"9\"", "t", 10) ==
          "PL/pgSQL function f() line 5 at RAISE\nCOPY t, line 13: \"9\"");
}

TEST_CASE("a context without a line of a COPY stays as it is") {
    CHECK(with_line_of_all("COPY t, line 3", "t", 0) == "COPY t, line 3");
    CHECK(with_line_of_all("", "t", 5).empty());
    CHECK(with_line_of_all("COPY t", "t", 5) == "COPY t");
    CHECK(with_line_of_all("COPY t, line ", "t", 5) == "COPY t, line ");
    CHECK(with_line_of_all("COPY t, line 99999999999999999999999", "t", 5) ==
          "COPY t, line 99999999999999999999999");
    CHECK(with_line_of_all("SQL statement \"SELECT 3\"", "t", 5) == "SQL statement \"SELECT 3\"");
}
