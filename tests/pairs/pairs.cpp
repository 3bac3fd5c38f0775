// usage: pairs FOLDER [WORD...]    WORD: only pairs whose name has it; then the statements are printed
//
// For each NAME.from.sql and NAME.to.sql: load both, make the plan, run its statements on `from`. Then
// pg_dump must say the same of both, and another plan must be empty.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "database/connection.hpp"
#include "pairs/dump.hpp"
#include "schema/diff/phases.hpp"
#include "schema/diff/plan.hpp"
#include "schema/read/reader.hpp"
#include "schema/source/migration_source.hpp"
#include "scratch/copy.hpp"
#include "support/server.hpp"

namespace fs = std::filesystem;
namespace schema = dibs::schema;
using dibs::database::Connection;
using dibs::tests::Database;

namespace {

struct Pair {
    std::string name;
    std::string scope;
    std::string from = {};
    std::string to = {};
    bool equal = false; ///< the plan must be empty
};

struct Outcome {
    enum class Kind { ok, unsupported, wrong };
    Kind kind = Kind::wrong;
    std::string why;
    bool in_order = false; ///< phases are as many as the plan's order makes them
};

std::string content(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Pair> listed(const fs::path& folder) {
    std::vector<Pair> pairs;
    std::ifstream in(folder / "index.tsv");
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream columns(line);
        std::vector<std::string> values;
        for (std::string value; std::getline(columns, value, '\t');)
            values.push_back(value);
        const std::string& name = values.at(0);
        pairs.push_back({name, values.at(1), content(folder / (name + ".from.sql")),
                         content(folder / (name + ".to.sql")), values.back() == "1"});
    }
    return pairs;
}

std::vector<Pair> pairs_in(const fs::path& folder) {
    if (fs::exists(folder / "index.tsv"))
        return listed(folder);
    constexpr std::string_view between = "-- becomes\n";
    std::vector<Pair> pairs;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string text = content(entry.path());
        const std::size_t at = text.find(between);
        if (at == std::string::npos)
            throw std::runtime_error(entry.path().string() + " has no line '-- becomes'");
        pairs.push_back({entry.path().stem(), text.starts_with("-- not supported\n") ? "refused" : "core",
                         text.substr(0, at), text.substr(at + between.size())});
    }
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.name < b.name; });
    return pairs;
}

/// Two databases, emptied between pairs: making new ones would take most of the time.
class Bench {
  public:
    Outcome run(const Pair& pair, bool print);
    Outcome in_phases(const Pair& pair, const schema::Plan& plan, const std::string& right, bool print);

  private:
    static void empty(const Database& database);
    static void load(const Database& database, const std::string& sql);

    Database from_;
    Database to_;
};

void Bench::empty(const Database& database) {
    Connection connection(database.conninfo(), "pairs");
    (void)connection
        .script(
            "SET client_min_messages = error; DO $$DECLARE s text; BEGIN "
            "FOR s IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP "
            "EXECUTE format('DROP EXTENSION %I CASCADE', s); END LOOP; "
            "FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> "
            "'information_schema' "
            "LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END$$; "
            "CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC; "
            "COMMENT ON SCHEMA public IS 'standard public schema'; "
            // What a pair has said of all schemas.
            "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
        .or_throw();
}

void Bench::load(const Database& database, const std::string& sql) {
    empty(database);
    Connection connection(database.conninfo(), "pairs");
    connection.on_notice([](const dibs::database::Message&) {});
    if (connection.script(sql).error)
        database.psql(sql); // what may not run in one transaction
}

Outcome Bench::run(const Pair& pair, bool print) {
    load(from_, pair.from);
    load(to_, pair.to);
    Connection from(from_.conninfo(), "pairs");
    Connection to(to_.conninfo(), "pairs");
    const schema::Model wanted = schema::read(to, {});
    const schema::Plan plan = schema::plan(schema::read(from, {}), wanted);
    if (print) {
        for (const schema::Change& change : plan.changes)
            fmt::print("{} [{}] {}{}\n", change.sign, schema::described(change.group), change.text,
                       change.remark.empty() ? "" : "  (" + change.remark + ")");
        for (const schema::Statement& statement : plan.statements)
            fmt::print("{};{}\n", statement.sql, statement.loss.empty() ? "" : " -- loses " + statement.loss);
    }
    if (!plan.unsupported.empty())
        return {Outcome::Kind::unsupported, plan.unsupported.front()};
    if (pair.equal && !plan.empty())
        return {Outcome::Kind::wrong, "should be empty: " + plan.statements.front().sql};
    for (const schema::Statement& statement : plan.statements)
        if (const dibs::database::Outcome outcome = from.script(statement.sql); outcome.error)
            return {Outcome::Kind::wrong, outcome.error->message + "\n      in: " + statement.sql};
    const std::string left = dibs::tests::dump(from_.name());
    const std::string right = dibs::tests::dump(to_.name());
    const schema::Plan again = schema::plan(schema::read(from, {}), wanted);
    if (left != right) {
        std::istringstream a(left);
        std::istringstream b(right);
        std::string line_a;
        std::string line_b;
        while (true) {
            const bool more_a = static_cast<bool>(std::getline(a, line_a));
            const bool more_b = static_cast<bool>(std::getline(b, line_b));
            if ((!more_a && !more_b) || line_a != line_b)
                break;
            line_a = line_b = "";
        }
        if (print)
            fmt::print("--- is\n{}--- shall be\n{}", left, right);
        return {Outcome::Kind::wrong,
                fmt::format("the dumps differ\n      is:  {}\n      not: {}", line_a, line_b)};
    }
    if (!again.empty())
        return {Outcome::Kind::wrong,
                "the second plan is not empty: " +
                    (again.statements.empty() ? again.unsupported.front() : again.statements.front().sql)};
    const auto online = [](const schema::Statement& each) { return each.alone || !each.online.empty(); };
    if (std::any_of(plan.statements.begin(), plan.statements.end(), online))
        return in_phases(pair, plan, right, print);
    return {Outcome::Kind::ok, {}};
}

/// The same as generate-from-diff has it done: by several migrations, as few as can be, else in order.
Outcome Bench::in_phases(const Pair& pair, const schema::Plan& plan, const std::string& right, bool print) {
    std::string why;
    for (const schema::Ordering ordering : {schema::Ordering::fewest, schema::Ordering::as_listed}) {
        load(from_, pair.from);
        Connection from(from_.conninfo(), "pairs");
        const std::vector<schema::Phase> phases = schema::phases(plan, ordering);
        if (print)
            for (const schema::Phase& phase : phases)
                fmt::print("{}\n", schema::migration_source("", phase, std::nullopt));
        if (const auto refused = dibs::scratch::run(from, phases))
            why = refused->message.message + "\n      in: " + refused->sql;
        else if (dibs::tests::dump(from_.name()) != right)
            why = "the dumps differ";
        else
            return {Outcome::Kind::ok, {}, ordering == schema::Ordering::as_listed};
    }
    return {Outcome::Kind::wrong, "in phases: " + why};
}

} // namespace

int main(int argc, char** argv) {
    const fs::path folder = argc > 1 ? argv[1] : "";
    if (!fs::is_directory(folder)) {
        fmt::print("there is no folder {}\n", folder.string());
        return 77;
    }
    const std::vector<std::string> words(argv + 2, argv + argc);
    std::vector<Pair> pairs;
    for (Pair& pair : pairs_in(folder))
        if (words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
                return pair.name.find(word) != std::string::npos;
            }))
            pairs.push_back(std::move(pair));
    dibs::tests::server();

    std::vector<Outcome> outcomes(pairs.size());
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> workers;
    for (int i = 0; i < 2; ++i)
        workers.emplace_back([&] {
            Bench bench;
            for (std::size_t at = next++; at < pairs.size(); at = next++) {
                try {
                    outcomes[at] = bench.run(pairs[at], !words.empty());
                } catch (const std::exception& error) {
                    outcomes[at] = {Outcome::Kind::wrong, error.what()};
                }
            }
        });
    workers.clear();

    std::map<std::string, std::map<Outcome::Kind, int>> counts;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        ++counts[pairs[i].scope][outcomes[i].kind];
        if (outcomes[i].in_order)
            fmt::print("{}: what may change places did not do\n", pairs[i].name);
        if (outcomes[i].kind != Outcome::Kind::ok && pairs[i].scope != "refused")
            fmt::print("{:<5} {:<13} {}\n      {}\n", pairs[i].scope,
                       outcomes[i].kind == Outcome::Kind::wrong ? "WRONG" : "not supported", pairs[i].name,
                       outcomes[i].why);
    }
    bool good = true;
    for (auto& [scope, count] : counts) {
        const int ok = count[Outcome::Kind::ok];
        const int unsupported = count[Outcome::Kind::unsupported];
        const int wrong = count[Outcome::Kind::wrong];
        fmt::print("{}: {} ok, {} not supported, {} wrong\n", scope, ok, unsupported, wrong);
        // Of those with more than tables, one in ten may be refused; none may be done wrong.
        const bool as_wanted = scope == "core"      ? unsupported == 0
                               : scope == "refused" ? ok == 0
                                                    : unsupported * 10 <= ok + unsupported;
        good = good && wrong == 0 && as_wanted;
    }
    return good ? 0 : 1;
}
