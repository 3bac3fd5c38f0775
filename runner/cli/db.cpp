#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>

#include <fmt/format.h>

#include "cli/new_file.hpp"
#include "cli/project.hpp"
#include "process/child.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using embedded::Server;
using embedded::Status;
using report::ExitCode;
using report::Failure;

Server configured_server(const Invocation& invocation) {
    const config::Database& database = config::required_database(invocation.settings);
    if (const auto* embedded = std::get_if<config::Embedded>(&database))
        return server_of(*embedded);
    throw Failure(
        ExitCode::usage,
        fmt::format("dibs db is for the embedded server, and {} names another database",
                    std::get<config::Conninfo>(database).origin),
        "The embedded server is used where dibs.yaml says `database: embedded`, and DATABASE_URL is not "
        "set. Nothing was changed.");
}

std::string name_of(Status::State state) {
    switch (state) {
    case Status::State::absent:
        return "absent";
    case Status::State::stopped:
        return "stopped";
    case Status::State::starting:
        return "starting";
    case Status::State::running:
        return "running";
    case Status::State::stopping:
        return "stopping";
    }
    return {};
}

std::string shown(const std::filesystem::path& path) {
    return std::filesystem::proximate(path).string();
}

void print_facts(Invocation& invocation, const report::Facts& facts) {
    invocation.sink.raw(report::to_json(facts, invocation.sink.redactor()));
}

ExitCode start(Invocation& invocation, Server& server) {
    const bool started = server.status().state != Status::State::running;
    if (started)
        invocation.sink.say("Starting the embedded PostgreSQL server ...");
    invocation.sink.flush();
    server.ensure_running();
    const Status status = server.status();
    if (invocation.json()) {
        print_facts(invocation, {{"started", started}, {"url", status.endpoint.url()}});
        return ExitCode::done;
    }
    invocation.sink.say(fmt::format("The server {}; its data is in {}. Connect to:",
                                    started ? "runs" : "was running already", shown(status.cluster)));
    invocation.sink.out(status.endpoint.url());
    return ExitCode::done;
}

ExitCode stop(Invocation& invocation, Server& server) {
    const bool stopped = server.stop();
    if (invocation.json())
        print_facts(invocation, {{"stopped", stopped}});
    else
        invocation.sink.say(stopped ? "The embedded server is stopped; its data stays."
                                    : "The embedded server was not running.");
    return ExitCode::done;
}

/// Those that `dibs diff` has started. @return whether one ran
bool stop_scratch_servers(const Invocation& invocation) {
    bool stopped = false;
    for (const std::filesystem::path& directory : scratch_directories(invocation.settings))
        stopped = Server({.directory = directory}).stop() || stopped;
    return stopped;
}

ExitCode status(Invocation& invocation, Server& server) {
    const Status status = server.status();
    const bool exists = status.state != Status::State::absent;
    const std::string url = status.endpoint.url();
    if (invocation.json()) {
        report::Facts facts{{"state", name_of(status.state)},  {"version", nullptr},         {"pid", nullptr},
                            {"data", status.cluster.string()}, {"log", status.log.string()}, {"url", url}};
        if (status.major)
            facts[1].second = std::int64_t{*status.major};
        if (status.pid)
            facts[2].second = std::int64_t{*status.pid};
        print_facts(invocation, facts);
        return ExitCode::done;
    }
    const report::Style style =
        status.state == Status::State::running ? report::Style::good : report::Style::warning;
    std::string state = invocation.sink.paint(style, name_of(status.state));
    if (status.pid)
        state += fmt::format(" (process {})", *status.pid);
    std::vector<std::vector<std::string>> rows{{"State", state}};
    if (status.major)
        rows.push_back({"Version", fmt::format("PostgreSQL {}", *status.major)});
    rows.push_back({"Data", shown(status.cluster)});
    if (exists)
        rows.push_back({"Log", shown(status.log)});
    rows.push_back({"URL", url});
    for (const std::string& line : report::aligned(rows))
        invocation.sink.out(line);
    if (status.state != Status::State::running)
        invocation.sink.say("`dibs db start` starts it, and so does every command that needs it.");
    return ExitCode::done;
}

ExitCode url(Invocation& invocation, Server& server) {
    if (invocation.json())
        print_facts(invocation, {{"url", server.url()}});
    else
        invocation.sink.out(server.url());
    return ExitCode::done;
}

std::string psql_of(const Server& server) {
    const embedded::Binaries binaries = server.binaries();
    const std::string own = binaries.program("psql");
    if (access(own.c_str(), X_OK) == 0)
        return own;
    if (const auto other = process::find_program("psql"))
        return other->string();
    throw Failure(
        ExitCode::other, fmt::format("there is no psql in {} or in PATH", binaries.directory.string()),
        fmt::format("Install it (Debian and Ubuntu: apt install postgresql-client-{}).", binaries.major));
}

/// So that psql asks this server, whatever the caller's environment says, and still takes another database of
/// it as a word.
void point_libpq_to(const embedded::Endpoint& endpoint) {
    forget_other_servers();
    const std::array<std::pair<const char*, std::string>, 4> target{
        {{"PGHOST", endpoint.socket_directory.string()},
         {"PGPORT", std::to_string(endpoint.port)},
         {"PGUSER", std::string(embedded::superuser)},
         {"PGDATABASE", std::string(embedded::default_database)}}};
    for (const auto& [name, value] : target)
        setenv(name, value.c_str(), 1);
}

ExitCode psql(Invocation& invocation, Server& server) {
    if (invocation.json())
        throw Failure(ExitCode::usage, "dibs db psql prints what psql prints: it has no --json",
                      "psql itself has --csv: dibs db psql -- --csv -c 'SELECT 1'");
    if (server.status().state != Status::State::running)
        invocation.sink.detail("Starting the embedded PostgreSQL server ...");
    const embedded::Endpoint endpoint = server.ensure_running();
    const std::string program = psql_of(server);
    point_libpq_to(endpoint);
    std::vector<std::string> words = invocation.arguments.words();
    words.front() = program;
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    invocation.sink.flush();
    std::signal(SIGPIPE, SIG_DFL); // what is ignored stays ignored across exec
    execv(program.c_str(), argv.data());
    cannot("run", program);
}

std::string project_name(const config::Settings& settings) {
    const std::string name = settings.root.filename().string();
    return name.empty() ? settings.root.string() : name;
}

std::string asked_name(Invocation& invocation, const std::string& name,
                       const std::filesystem::path& cluster) {
    if (const auto given = invocation.arguments.value("yes"))
        return *given;
    if (invocation.json() || isatty(STDIN_FILENO) == 0)
        throw Failure(ExitCode::usage,
                      "dibs db reset deletes all data of the embedded database, and nobody can be asked",
                      fmt::format("If that is meant, name the project: dibs db reset --yes {}. Nothing was "
                                  "changed.",
                                  shell_word(name)));
    invocation.sink.error(
        fmt::format("This deletes the embedded database in {} with all its data.", shown(cluster)));
    invocation.sink.error(fmt::format("Type the project's name, {}, to go on:", name));
    std::string typed;
    std::getline(std::cin, typed);
    return typed;
}

ExitCode reset(Invocation& invocation, Server& server) {
    const Status before = server.status();
    const bool exists = before.state != Status::State::absent;
    if (exists) {
        const std::string name = project_name(invocation.settings);
        const std::string typed = asked_name(invocation, name, before.cluster);
        if (typed != name)
            throw Failure(ExitCode::usage, fmt::format("'{}' is not the project's name, {}", typed, name),
                          "Nothing was changed.");
        server.reset();
    }
    if (invocation.json())
        print_facts(invocation, {{"deleted", exists}, {"data", before.cluster.string()}});
    else
        invocation.sink.say(exists
                                ? fmt::format("Deleted {}. The next command that needs it makes a new one.",
                                              shown(before.cluster))
                                : "There is no embedded database yet: nothing to delete.");
    return ExitCode::done;
}

struct Action {
    Choice choice;
    ExitCode (*run)(Invocation&, Server&);
};

const std::vector<Action>& actions() {
    static const std::vector<Action> all{
        {{"start", "makes and starts it, as every command does that needs it"}, start},
        {{"stop", "ends its sessions and stops it; the data stays"}, stop},
        {{"status", "tells whether it runs, its version, its data, its log"}, status},
        {{"url", "prints where to connect, and nothing else; changes nothing"}, url},
        {{"psql", "runs psql on its database; what follows -- is for psql"}, psql},
        {{"reset", "deletes it with all its data, when the project's name (its folder's) is typed or given"},
         reset}};
    return all;
}

ExitCode run(Invocation& invocation) {
    const std::vector<std::string>& words = invocation.arguments.words();
    const Action& action = *std::find_if(actions().begin(), actions().end(), [&](const Action& each) {
        return each.choice.name == words.front(); // which check_words() has found
    });
    const std::string& name = action.choice.name;
    if (words.size() > 1 && name != "psql")
        throw Failure(ExitCode::usage, fmt::format("dibs db {}: '{}' is one word too many", name, words[1]),
                      fmt::format("Usage: dibs db {}", name));
    if (invocation.arguments.has("yes") && name != "reset")
        throw Failure(ExitCode::usage, fmt::format("dibs db {} does not ask: it has no --yes", name),
                      "Only reset takes --yes NAME.");
    const bool scratch_stopped = name == "stop" && stop_scratch_servers(invocation);
    if (scratch_stopped && !std::holds_alternative<config::Embedded>(invocation.settings.database)) {
        if (invocation.json())
            print_facts(invocation, {{"stopped", true}});
        else
            invocation.sink.say("The server on which schemas are tried out is stopped.");
        return ExitCode::done;
    }
    Server server = configured_server(invocation);
    return action.run(invocation, server);
}

} // namespace

Command db_command() {
    std::vector<Choice> subcommands;
    for (const Action& action : actions())
        subcommands.push_back(action.choice);
    return {
        .name = "db",
        .subcommands = std::move(subcommands),
        .summary = "runs the embedded development server",
        .details =
            "A private PostgreSQL server in .dibs/, beside a dibs.yaml that says `database: embedded`. It "
            "listens on a Unix socket only, and goes on when dibs ends. `stop` stops also the one on which "
            "`dibs "
            "diff` tries schemas out, where it has started one.",
        .json =
            "{\"started\", \"url\"} for start, {\"stopped\"} for stop, {\"state\", \"version\", \"pid\", "
            "\"data\", \"log\", \"url\"} for status, {\"url\"} for url, {\"deleted\", \"data\"} for reset; "
            "psql has none",
        .examples = {"dibs db psql", "dibs db psql -- -c 'SELECT * FROM users'",
                     "DATABASE_URL=$(dibs db url) ./shop  # the application, on the same database",
                     "dibs db reset --yes shop"},
        .options = {{.name = "yes",
                     .value = "NAME",
                     .help = "reset: the project's name, where nobody can be asked"}},
        .least_words = 1,
        .most_words = std::numeric_limits<std::size_t>::max(),
        .scope = Scope::project,
        .run = run,
    };
}

} // namespace dibs::cli
