#include "migration/transaction_end.hpp"

using dibs::migration::transaction_end;

TEST_CASE("the statement that ends a transaction is found where it begins") {
    CHECK(transaction_end("COMMIT", false) == 0);
    CHECK(transaction_end("BEGIN; SELECT 1; commit work;", false) == 17);
    CHECK(transaction_end("SELECT 1;\n-- done;\n/* ; /* */ */ END ;", false) == 33);
    CHECK(transaction_end("(SELECT 1);abort", false) == 11);
    CHECK(transaction_end("SAVEPOINT a; ROLLBACK AND CHAIN", false) == 13);
    CHECK(transaction_end("Prepare\nTransaction 'a'", false) == 0);
    CHECK(transaction_end(
              "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; COMMIT",
              false) == 84);
    CHECK(transaction_end("DO $$ BEGIN COMMIT; END $$; ROLLBACK;", false) == 28);
    CHECK(transaction_end("SELECT '\\'; COMMIT; --'", false) == 12);
    CHECK(transaction_end("SELECT $1; COMMIT", false) == 11);
    CHECK(transaction_end("SELECT a$b$; COMMIT; SELECT c$b$", false) == 13);
}

TEST_CASE("what only looks as if it ended the transaction is left alone") {
    for (const char* const sql :
         {"",
          ";;",
          "SELECT 'COMMIT; COMMIT'",
          "SELECT 'it''s; COMMIT; '",
          "SELECT E'\\'; COMMIT; '",
          "SELECT U&'\\0041; COMMIT; '",
          "SELECT \"a\"\"; COMMIT; \"",
          "SELECT 1 -- ; COMMIT",
          "SELECT 1 /* ; /* ; COMMIT */ ; COMMIT */",
          "DO $x$ BEGIN; COMMIT; END; $$; COMMIT; $x$",
          "SELECT $\xC3\xA9$; COMMIT; $\xC3\xA9$",
          "ROLLBACK TO a",
          "rollback work to savepoint a",
          "ROLLBACK TRANSACTION TO a",
          "COMMIT PREPARED 'a'",
          "ROLLBACK PREPARED 'a'",
          "PREPARE a AS SELECT 1",
          "SELECT commit FROM t",
          "CREATE RULE r AS ON DELETE TO t DO (DELETE FROM a; END; DELETE FROM b)",
          "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END",
          "create function f() returns int begin atomic select case 1 when 1 then 2 end; end",
          "\"COMMIT\"",
          "_commit",
          "committed",
          "1COMMIT",
          "SELECT 'open; COMMIT",
          "SELECT $$ open; COMMIT"}) {
        INFO(sql);
        CHECK_FALSE(transaction_end(sql, false));
    }
    CHECK_FALSE(transaction_end("SELECT '\\'; COMMIT; --'", true));
}
