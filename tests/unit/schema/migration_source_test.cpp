#include "schema/source/migration_source.hpp"

using namespace dibs::schema;

namespace {

std::string source(Piece piece, bool transaction = true) {
    return migration_source("", {transaction, {std::move(piece)}}, std::nullopt);
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Piece index_of(const std::string& definition, bool unique = false) {
    Piece piece;
    piece.way = Piece::Way::build_index;
    piece.index = {Kind::index, "sales", "an \"index\"", ""};
    piece.definition = definition;
    piece.unique = unique;
    return piece;
}

} // namespace

TEST_CASE("a migration's source has the SQL as it is") {
    CHECK(
        source({Piece::Way::transaction, "DROP VIEW v"}) ==
        "#include <dibs/migration.hpp>\n\nDIBS_MIGRATION();\n\nvoid migrate(dibs::MigrationContext& ctx) {\n"
        "    ctx.execute(\"DROP VIEW v\");\n}\n");
    CHECK(contains(
        source({Piece::Way::transaction, "CREATE TABLE t (\n    a int\n)"}),
        "    ctx.execute(R\"sql(\n        CREATE TABLE t (\n            a int\n        )\n    )sql\");\n"));
    // Lines of a body, or of a literal, begin where they began.
    CHECK(contains(source({Piece::Way::transaction, "CREATE FUNCTION f() AS $$\nSELECT 1\n$$"}),
                   "R\"sql(\nCREATE FUNCTION f() AS $$\nSELECT 1\n$$\n)sql\""));
    CHECK(contains(source({Piece::Way::transaction, "COMMENT ON TABLE t IS 'two\nlines'"}),
                   "IS 'two\nlines'\n)sql\""));
    CHECK(contains(source({Piece::Way::transaction, "SELECT \")sql\""}), "R\"sql_("));
    CHECK(contains(source({Piece::Way::transaction, "SELECT '\\'"}), "ctx.execute(\"SELECT '\\\\'\");"));
    CHECK(contains(source({Piece::Way::transaction, "DROP TABLE t", "all rows of t"}),
                   "    // DATA LOSS: all rows of t\n    ctx.execute("));
}

TEST_CASE("an index is built by its parts") {
    const std::string text =
        source(index_of("sales.\"my table\" USING gist (lower((a)::text) COLLATE \"C\" DESC, b gist_ops) "
                        "INCLUDE (c, \"d,e\") NULLS "
                        "NOT DISTINCT WITH (fillfactor='70') WHERE (f = ' WITH (x)'::text)",
                        true),
               false);
    CHECK(contains(text, "DIBS_MIGRATION(.transaction = false);"));
    CHECK(contains(text, "    ctx.create_index_concurrently({\n"
                         "        .table = \"my table\",\n"
                         "        .columns = {\"lower((a)::text) COLLATE \\\"C\\\" DESC\", \"b gist_ops\"},\n"
                         "        .name = \"an \\\"index\\\"\",\n"
                         "        .unique = true,\n"
                         "        .where = \"(f = ' WITH (x)'::text)\",\n"
                         "        .method = \"gist\",\n"
                         "        .include = {\"c\", \"\\\"d,e\\\"\"},\n"
                         "        .with = \"fillfactor='70'\",\n"
                         "        .schema = \"sales\",\n"
                         "        .nulls_not_distinct = true,\n"
                         "    });\n"));
    const std::string plain =
        source(index_of("t USING btree (a) WHERE (f = ' INCLUDE (x) WITH (y) '::text)"), false);
    CHECK_FALSE(contains(plain, ".method"));
    CHECK_FALSE(contains(plain, ".include"));
    CHECK_FALSE(contains(plain, ".with"));
}

TEST_CASE("steps have names that are told apart") {
    const std::string sql = "ALTER TABLE " + std::string(250, 't') + " VALIDATE CONSTRAINT c";
    const Piece piece{Piece::Way::outside, sql};
    const std::string text = migration_source("", {false, {piece, piece}}, std::nullopt);
    CHECK(contains(text, "ctx.step(\"" + sql.substr(0, 200) + "\", [&] {"));
    CHECK(contains(text, "ctx.step(\"" + sql.substr(0, 196) + " (2)\", [&] {"));
}

TEST_CASE("a comment and a way back are written where there are some") {
    const Phase phase{true, {{Piece::Way::transaction, "SELECT 1"}}};
    const std::string text =
        migration_source("one\ntwo", phase, Phase{true, {{Piece::Way::transaction, "SELECT 2"}}});
    CHECK(text.starts_with("// one\n// two\n#include"));
    CHECK(text.ends_with(
        "\nvoid rollback(dibs::MigrationContext& ctx) {\n    ctx.execute(\"SELECT 2\");\n}\n"));
}
