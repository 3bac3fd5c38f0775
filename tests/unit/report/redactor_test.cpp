#include "report/redactor.hpp"

#include <catch2/catch.hpp>
#include <ctime>
#include <random>
#include <utility>

using dibs::report::redact;
using dibs::report::Redactor;

using Spellings = std::vector<std::pair<std::string, std::string>>;

namespace {

void check(const Spellings& spellings) {
    for (const auto& [text, expected] : spellings) {
        CAPTURE(text);
        CHECK(redact(text) == expected);
        CHECK(redact(redact(text)) == redact(text));
    }
}

} // namespace

TEST_CASE("a password in a URL is removed, however it is spelt") {
    check({
        {"postgres://u:secret@h/db", "postgres://u:***@h/db"},
        {"POSTGRESQL://u:secret@h:5432/db?sslmode=require", "POSTGRESQL://u:***@h:5432/db?sslmode=require"},
        {"postgresql://u:se%40cr%2Fet@h1:1,h2:2,[::1]:3/db", "postgresql://u:***@h1:1,h2:2,[::1]:3/db"},
        {"postgresql://u:sec@ret@h/db", "postgresql://u:***@h/db"},
        {"postgresql://u:sec/ret@h/db", "postgresql://u:***@h/db"},
        {"postgresql://u:1234/secret@h/db", "postgresql://u:***@h/db"},
        {"postgresql://u:sec#ret@h/db", "postgresql://u:***@h/db"},
        {"postgresql://u:sec?ret@h/db", "postgresql://u:***@h/db"},
        {"postgresql://u:s@e/c?r#e@t@h/db?sslmode=require", "postgresql://u:***@h/db?sslmode=require"},
        {"postgresql://u:sec:ret@h/db", "postgresql://u:***@h/db"},
        {"postgresql://:secret@h/db", "postgresql://:***@h/db"},
        {"could not connect to \"postgresql://u:sec ret@h/db\", try again",
         "could not connect to \"postgresql://u:***@h/db\", try again"},
        {"\"postgresql://u:sec\"ret@h/db\"", "\"postgresql://u:***@h/db\""},
        {"postgresql://u:secret", "postgresql://u:***"},
        {"postgresql://u@h/db?password=sec#ret&sslmode=require",
         "postgresql://u@h/db?password=***&sslmode=require"},
        {"postgresql://h/db?user=u&password=secret", "postgresql://h/db?user=u&password=***"},
        {"postgresql://h/db?sslpassword=secret&p%61ssword=secret",
         "postgresql://h/db?sslpassword=***&p%61ssword=***"},
        {"jdbc:postgresql://h/db?user=u&password=secret", "jdbc:postgresql://h/db?user=u&password=***"},
        {"postgresql+psycopg2://u:secret@h/db", "postgresql+psycopg2://u:***@h/db"},
        {"postgres:u:secret@h/db", "postgres:u:***@h/db"},
        {"https://u:secret@example.com/x", "https://u:***@example.com/x"},
        {"from postgres://a:secret@h/x to postgres://b:secret@h/y",
         "from postgres://a:***@h/x to postgres://b:***@h/y"},
    });
}

TEST_CASE("a password in a connection string is removed, however it is spelt") {
    check({
        {"password=secret", "password=***"},
        {"host=h password=secret user=u", "host=h password=*** user=u"},
        {"host=h PassWord = secret user=u", "host=h PassWord = *** user=u"},
        {"password = secret host = h", "password = *** host = h"},
        {"host = h password = secret", "host = h password = ***"},
        {"host=h password='se cr\\'et' user=u", "host=h password='***' user=u"},
        {"host=h password='secret\\\\' user=u", "host=h password='***' user=u"},
        {"host=h password=se\\ cret user=u", "host=h password=*** user=u"},
        {"host=h password='secret", "host=h password='***"},
        {"host=h password=crypt(secret user=u", "host=h password=*** user=u"},
        {"host=h sslpassword=secret", "host=h sslpassword=***"},
        {"host=h password=a=secret", "host=h password=***"},
        {"psql \"host=h password=secret\" -c x", "psql \"host=h password=***\" -c x"},
        {"PGPASSWORD=secret psql", "PGPASSWORD=*** psql"},
        {"PGPASSWORD='sec ret' psql", "PGPASSWORD='***' psql"},
        {"PGPASSWORD=\"sec ret\" psql", "PGPASSWORD=\"***\" psql"},
        {"export POSTGRES_PASSWORD=secret", "export POSTGRES_PASSWORD=***"},
        {"{\"user\": \"u\", \"password\": \"secret\"}", "{\"user\": \"u\", \"password\": \"***\"}"},
        {"localhost:5432:db:u:secret", "localhost:5432:db:u:***"},
        {"*:*:*:u:sec:ret", "*:*:*:u:***"},
    });
}

TEST_CASE("a password that SQL sets is removed, however it is quoted") {
    check({
        {"ALTER ROLE x PASSWORD 'secret'", "ALTER ROLE x PASSWORD '***'"},
        {"alter role x password'secret';", "alter role x password'***';"},
        {"CREATE USER x WITH ENCRYPTED PASSWORD 'sec''ret' LOGIN",
         "CREATE USER x WITH ENCRYPTED PASSWORD '***' LOGIN"},
        {"CREATE ROLE x PASSWORD\n  E'sec\\'ret' LOGIN", "CREATE ROLE x PASSWORD\n  E'***' LOGIN"},
        {"CREATE ROLE x PASSWORD U&'secret'", "CREATE ROLE x PASSWORD U&'***'"},
        {"CREATE ROLE x PASSWORD $$secret$$ LOGIN", "CREATE ROLE x PASSWORD $$***$$ LOGIN"},
        {"CREATE ROLE x PASSWORD $q$sec$$ret$q$", "CREATE ROLE x PASSWORD $q$***$q$"},
        {"ALTER ROLE x PASSWORD /* new */ 'secret'", "ALTER ROLE x PASSWORD /* new */ '***'"},
        {"ALTER ROLE x PASSWORD -- new\n'secret'", "ALTER ROLE x PASSWORD -- new\n'***'"},
        {"ALTER ROLE x PASSWORD 'sec'\n  'ret'", "ALTER ROLE x PASSWORD '***'\n  '***'"},
        {"ALTER ROLE x PASSWORD 'secret' VALID UNTIL '2030-01-01'",
         "ALTER ROLE x PASSWORD '***' VALID UNTIL '2030-01-01'"},
        {"ALTER ROLE x PASSWORD 'secret\\' VALID", "ALTER ROLE x PASSWORD '***' VALID"},
        {"can't run ALTER ROLE x PASSWORD 'secret'", "can't run ALTER ROLE x PASSWORD '***'"},
        {"ALTER ROLE x PASSWORD \"secret\"", "ALTER ROLE x PASSWORD \"***\""},
        {"LINE 1: ALTER ROLE x PASSWORD 'secr...\n   ^", "LINE 1: ALTER ROLE x PASSWORD '***...\n   ^"},
        {"CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password 'secret')",
         "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password '***')"},
        {"ALTER USER MAPPING FOR u SERVER s OPTIONS (SET \"password\" 'secret')",
         "ALTER USER MAPPING FOR u SERVER s OPTIONS (SET \"password\" '***')"},
        {"CREATE SUBSCRIPTION s CONNECTION 'host=h password=secret' PUBLICATION p",
         "CREATE SUBSCRIPTION s CONNECTION 'host=h password=***' PUBLICATION p"},
        {"CREATE SUBSCRIPTION s CONNECTION 'host=h password=''sec ret'' user=u' PUBLICATION p",
         "CREATE SUBSCRIPTION s CONNECTION 'host=h password=''***'' user=u' PUBLICATION p"},
        {"CREATE SUBSCRIPTION s CONNECTION E'host=h password=\\'sec ret\\' user=u' PUBLICATION p",
         "CREATE SUBSCRIPTION s CONNECTION E'host=h password=\\'***\\' user=u' PUBLICATION p"},
        {"CREATE SUBSCRIPTION s CONNECTION 'postgres://u:secret@h/db' PUBLICATION p",
         "CREATE SUBSCRIPTION s CONNECTION 'postgres://u:***@h/db' PUBLICATION p"},
        {"SELECT * FROM dblink('dbname=d password=secret', 'SELECT 1')",
         "SELECT * FROM dblink('dbname=d password=***', 'SELECT 1')"},
        {"EXECUTE 'ALTER ROLE x PASSWORD ''secret''';", "EXECUTE 'ALTER ROLE x PASSWORD ''***''';"},
        {"UPDATE users SET password = 'secret' WHERE id = 1",
         "UPDATE users SET password = '***' WHERE id = 1"},
    });
}

TEST_CASE("what libpq repeats of a malformed connection string is removed") {
    check({
        {"missing \"=\" after \"secret\" in connection info string",
         "missing \"=\" after \"***\" in connection info string"},
        {"invalid percent-encoded token: \"se%zzcret\"", "invalid percent-encoded token: \"***\""},
        {"forbidden value %00 in percent-encoded value: \"%00secret\"",
         "forbidden value %00 in percent-encoded value: \"***\""},
        {"invalid integer value \"secret\" for connection option \"port\"",
         "invalid integer value \"***\" for connection option \"port\""},
        {"invalid port number: \"secret\"", "invalid port number: \"***\""},
        {"could not translate host name \"secret@localhost\" to address: Name or service not known",
         "could not translate host name \"***@localhost\" to address: Name or service not known"},
        {"invalid connection option \"tomato\"", "invalid connection option \"***\""},
        {"end of string reached when looking for matching \"]\" in IPv6 host address in URI: "
         "\"postgres://u:secret@[::1/db\"",
         "end of string reached when looking for matching \"]\" in IPv6 host address in URI: "
         "\"postgres://u:***@[::1/db\""},
        {"unexpected character \"x\" at position 26 in URI (expected \":\" or \"/\"): \"postgres://u:sec\"r "
         "et@[::1]x/db\"",
         "unexpected character \"x\" at position 26 in URI (expected \":\" or \"/\"): "
         "\"postgres://u:***@[::1]x/db\""},
    });
}

TEST_CASE("text without a password stays as it is") {
    const std::vector<std::string> texts{
        "",
        "CREATE TABLE users (id bigint PRIMARY KEY, encrypted_password text NOT NULL DEFAULT '')",
        "CREATE TABLE users (password varchar(255), password_hash text, \"password\" text)",
        "ALTER TABLE users ADD COLUMN password text DEFAULT 'none', ADD note text",
        "UPDATE users SET password = crypt(password, gen_salt('bf')) WHERE id = 1",
        "UPDATE users SET password=public.crypt($1, gen_salt('bf')), name = 'x'",
        "UPDATE users SET password = NULL, email = lower(email)",
        "INSERT INTO u (password) VALUES ($1) ON CONFLICT (id) DO UPDATE SET password = excluded.password",
        "SELECT 1 FROM users WHERE password = $1 AND email = 'a@b.c'",
        "UPDATE users SET encrypted_password = 'x' WHERE encrypted_password = ''",
        "IF new.password = old.password THEN RAISE EXCEPTION 'wrong password'; END IF;",
        "RAISE EXCEPTION 'Enter the password ' || name || ' again' USING HINT = 'ask'",
        "COMMENT ON COLUMN users.password IS 'a bcrypt hash'",
        "ALTER ROLE x PASSWORD NULL VALID UNTIL '2030-01-01'",
        "SET password_encryption = 'scram-sha-256'",
        "CREATE FUNCTION f() RETURNS text AS $$ SELECT password $$ LANGUAGE sql; SELECT $$x$$",
        "EXECUTE format('ALTER ROLE %I PASSWORD %L', name, word)",
        "FATAL:  password authentication failed for user \"shop\"",
        "connection to server at \"localhost\" (127.0.0.1), port 5432 failed: fe_sendauth: no password "
        "supplied",
        "invalid port number: \"70000\"",
        "invalid connection option \"passwd\"",
        "could not translate host name \"db.example.com\" to address: Name or service not known",
        "postgres://localhost:5432/db",
        "postgres://u@localhost:5432/db?sslmode=require",
        "postgres://[::1]:5432/db, or ask admin@example.com",
        "postgres://h1:1,h2:2/db?user=me@server&sslmode=require",
        "postgres://u:@h/db",
        "image postgres:15@sha256:0123, postgres:15-alpine",
        "https://example.com:8080/@scope/package?a=b:c@d",
        "migrations/m2026_01_24_120000_x.cpp:12:5: error: expected ';'",
        "docs at https://www.postgresql.org/docs/15/sql-alterrole.html",
        "2026-01-24 12:00:00.123 UTC [123] LOG:  statement: BEGIN",
        "Set the password: with PGPASSWORD or a password file (~/.pgpass).",
    };
    for (const std::string& text : texts) {
        CAPTURE(text);
        CHECK(redact(text) == text);
    }
}

TEST_CASE("no part of a password gets through in any correct spelling of it") {
    const std::string_view alphabet = "abcXYZ019'\"\\ $@:/?#&=%;,.()`<>[]{}|~!^+-_";
    const auto percent_encoded = [](const std::string& secret) {
        std::string result;
        for (const char c : secret) {
            constexpr std::string_view digits = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            result += {'%', digits[byte / 16], digits[byte % 16]};
        }
        return result;
    };
    const auto sql = [](const std::string& secret) {
        std::string result;
        for (const char c : secret) {
            result += c == '\'' ? std::string("''") : std::string{c};
        }
        return "'" + result + "'";
    };
    const auto conninfo = [](const std::string& secret) {
        std::string result;
        for (const char c : secret) {
            result += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
        }
        return "'" + result + "'";
    };
    std::mt19937 random(20260125); // NOLINT: the same run each time
    for (int run = 0; run < 2'000; ++run) {
        std::string secret = "s";
        for (int i = 0; i < 8; ++i) {
            secret += alphabet[random() % alphabet.size()];
        }
        secret += 't';
        CAPTURE(secret);
        CHECK(redact("x \"postgres://u:" + percent_encoded(secret) + "@h/d\"") ==
              "x \"postgres://u:***@h/d\"");
        CHECK(redact("in URI: \"postgres://u:" + secret + "@[h/d\"") == "in URI: \"postgres://u:***@[h/d\"");
        CHECK(redact("host=h password=" + conninfo(secret) + " user=u") == "host=h password='***' user=u");
        CHECK(redact("ALTER ROLE x PASSWORD " + sql(secret) + ";") == "ALTER ROLE x PASSWORD '***';");
        CHECK(redact("ALTER ROLE x PASSWORD E" + conninfo(secret) + ";") == "ALTER ROLE x PASSWORD E'***';");
        CHECK(redact("ALTER ROLE x PASSWORD $q$" + secret + "$q$;") == "ALTER ROLE x PASSWORD $q$***$q$;");
        CHECK(redact("OPTIONS (user 'u', password " + sql(secret) + ")") ==
              "OPTIONS (user 'u', password '***')");
        CHECK(redact("CONNECTION " + sql("password=" + conninfo(secret) + " user=u") + " PUBLICATION p") ==
              "CONNECTION 'password=''***'' user=u' PUBLICATION p");
        CHECK(redact("EXECUTE " + sql("ALTER ROLE x PASSWORD " + sql(secret)) + ";") ==
              "EXECUTE 'ALTER ROLE x PASSWORD ''***''';");
    }
}

TEST_CASE("redacting twice changes nothing more, in whatever order the pieces come") {
    const std::vector<std::string> pieces{"password",
                                          "PASSWORD ",
                                          "=",
                                          " = ",
                                          "'",
                                          "''",
                                          "\"",
                                          "\\",
                                          " ",
                                          "\n",
                                          "$$",
                                          "postgres://",
                                          "u:",
                                          "@",
                                          "h",
                                          "/",
                                          "?",
                                          "&",
                                          "secret",
                                          "host=",
                                          "(",
                                          ",",
                                          "E'",
                                          ":",
                                          "#",
                                          "***",
                                          "...",
                                          "--",
                                          "/*",
                                          "in URI: \"",
                                          "PGPASSWORD=",
                                          "$1",
                                          "missing \"=\" after \"",
                                          "\" in connection info string",
                                          "role ",
                                          ";"};
    std::mt19937 random(20260124); // NOLINT: the same run each time
    for (int run = 0; run < 20'000; ++run) {
        std::string text;
        for (auto left = random() % 12; left > 0; --left) {
            text += pieces[random() % pieces.size()];
        }
        const std::string once = redact(text);
        if (redact(once) != once) {
            CAPTURE(text, once);
            REQUIRE(redact(once) == once);
        }
    }
}

TEST_CASE("a password known by its value is removed wherever it stands") {
    Redactor redactor;
    redactor.know("hunter2");
    redactor.know("hunter2-long");
    redactor.know("ab");
    redactor.know("");
    redactor.know("**");
    CHECK(redactor("xhunter2y hunter2-long hunter2") == "x***y *** ***");
    CHECK(redactor("ab cab ab.") == "*** cab ***.");
    CHECK(redactor("*** ** nothing") == "*** ** nothing");
    CHECK(redactor("password=other") == "password=***");
}

TEST_CASE("the pieces of a password into which libpq splits it are known from the connection string") {
    Redactor redactor;
    redactor.know_those_in("postgres://shop:tomato/lettuce@onion%21@localhost/db");
    CHECK(redactor("could not translate host name \"onion%21@localhost\"") ==
          "could not translate host name \"***@localhost\"");
    CHECK(redactor("no database \"lettuce\", no tomato, no onion!") ==
          "no database \"***\", no ***, no onion!");
    CHECK(redactor("tomato/lettuce@onion!") == "***");
    CHECK(redactor("user shop at localhost") == "user shop at localhost");
}

TEST_CASE("a megabyte is redacted in well under a second") {
    for (const std::string piece :
         {"password", "password '", "postgres://a:b", "PASSWORD $$", "password=", "://", "''", "u:@"}) {
        std::string text;
        while (text.size() < (1U << 20)) {
            text += piece;
        }
        CAPTURE(piece);
        const std::clock_t begin = std::clock(); // of the processor: others may use it as well
        CHECK(redact(text).size() <= 2 * text.size());
        CHECK(std::clock() - begin < DIBS_TEST_SLOWER * CLOCKS_PER_SEC);
    }
}
