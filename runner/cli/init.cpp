#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/new_file.hpp"
#include "cli/program.hpp"
#include "config/environment.hpp"
#include "plugin/version.hpp"
#include "report/json.hpp"

namespace dibs::cli {
namespace {

namespace fs = std::filesystem;
using report::ExitCode;
using report::Failure;

struct NewFile {
    fs::path path; ///< relative to the project
    std::string text;
};

/// As project() and people can read it; a folder's name may hold anything.
std::string project_name(const fs::path& folder) {
    std::string name = folder.filename().string();
    std::replace_if(
        name.begin(), name.end(),
        [](unsigned char c) { return c >= 128 || (std::isalnum(c) == 0 && c != '-' && c != '_'); }, '_');
    return name.empty() ? "app" : name;
}

std::string first_migration() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return plugin::Version(now, "create_users").stem() + ".cpp";
}

/// dibs.yaml is the last: a folder without it is no project yet.
std::vector<NewFile> files_of(const fs::path& folder) {
    return {
        {fs::path("migrations") / first_migration(), R"(#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        CREATE TABLE users (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            email      text NOT NULL UNIQUE,
            name       text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        )
    )sql");
}
)"},
        {fs::path("schema") / "users.cpp", R"cpp(#include <chrono>
#include <cstdint>
#include <string>

#include <dibs/schema.hpp>

// Add a member, and `dibs diff` tells what the database lacks; `dibs generate-from-diff NAME` writes the migration.
struct User {
    std::int64_t id;
    std::string email;
    std::string name;
    std::chrono::sys_time<std::chrono::microseconds> created_at;
};

DIBS_TABLE(User, "users") {
    table.primary_key(&User::id);
    table.identity(&User::id);
    table.unique(&User::email);
    table.default_to(&User::created_at, "now()");
}
)cpp"},
        {"CMakeLists.txt", fmt::format(R"(cmake_minimum_required(VERSION 3.25)
project({} LANGUAGES CXX)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release) # migrations may go through millions of rows
endif()

find_package(dibs REQUIRED)

# Each migrations/m<UTC timestamp>_<name>.cpp becomes build/migrations/m<UTC timestamp>_<name>.so.
dibs_add_migrations(DIRECTORY migrations)

# The structs in schema/ say what the tables shall be: build/schema.so.
dibs_add_schema(DIRECTORY schema)
)",
                                       project_name(folder))},
        {".gitignore", "/build/\n/.dibs/\n"},
        {"dibs.yaml",
         R"(# A private PostgreSQL server for development, which dibs runs in .dibs/. DATABASE_URL comes before this line.
database: embedded

# What dibs runs first, in this folder, so that the libraries are those of the sources.
build: cmake -S . -B build && cmake --build build

# Where the libraries come with the release: dibs migrate --env production
environments:
  production:
    database: ${DATABASE_URL}
    build: ""
)"},
    };
}

/// What was made so far; unless it is kept, all of it goes again.
class Undo {
  public:
    Undo() = default;
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    ~Undo() {
        std::error_code ignored; // a folder that somebody else uses already is not empty, and stays
        for (auto path = made_.rbegin(); path != made_.rend(); ++path)
            fs::remove(*path, ignored);
    }
    void add(const fs::path& path) { made_.push_back(path); }
    void keep() { made_.clear(); }

  private:
    std::vector<fs::path> made_;
};

void make_folders(const fs::path& folder, Undo& undo) {
    if (folder.empty() || fs::is_directory(folder))
        return;
    make_folders(folder.parent_path(), undo);
    if (mkdir(folder.c_str(), 0777) != 0 && !(errno == EEXIST && fs::is_directory(folder)))
        cannot("make the folder", folder);
    undo.add(folder);
}

fs::path checked_folder(const Arguments& arguments) {
    const fs::path typed = arguments.words().empty() ? "." : arguments.words().front();
    if (typed.empty())
        throw Failure(ExitCode::usage, "dibs init: the folder's name is empty",
                      "Name a folder, or leave it out for the current one.");
    std::error_code error;
    const fs::path folder = (fs::current_path() / typed).lexically_normal();
    const fs::file_status status = fs::status(folder, error);
    if (status.type() != fs::file_type::directory && status.type() != fs::file_type::not_found)
        throw Failure(ExitCode::usage,
                      fmt::format("dibs init: {} {}", typed.string(),
                                  status.type() == fs::file_type::none ? "cannot be used: " + error.message()
                                                                       : "is a file, not a folder"),
                      "Name another folder. Nothing was written.");
    return folder.has_filename() ? folder : folder.parent_path();
}

/// All of it, before the first is written.
void check_nothing_is_there(const fs::path& folder, const std::vector<NewFile>& files) {
    std::string there;
    const auto found = [&](const fs::path& path) { there += (there.empty() ? "" : ", ") + path.string(); };
    std::error_code ignored;
    for (const NewFile& file : files)
        if (!file.path.has_parent_path() && fs::exists(fs::symlink_status(folder / file.path, ignored)))
            found(file.path);
    for (const char* const name : {"migrations", "schema"})
        if (const fs::path inner = folder / name;
            fs::exists(fs::symlink_status(inner, ignored)) &&
            !(fs::is_directory(inner, ignored) && fs::is_empty(inner, ignored)))
            found(name);
    if (there.empty())
        return;
    const bool known = fs::exists(folder / "dibs.yaml", ignored);
    throw Failure(ExitCode::usage,
                  fmt::format("dibs init overwrites nothing, and {} has {}", folder.string(), there),
                  known ? "It is a dibs project already. `dibs generate NAME` begins a migration."
                        : "Make the project in a folder of its own (dibs init DIR) and take from it what you "
                          "need. Nothing was written.");
}

ExitCode run(Invocation& invocation) {
    const fs::path folder = checked_folder(invocation.arguments);
    const std::vector<NewFile> files = files_of(folder);
    check_nothing_is_there(folder, files);
    Undo undo;
    make_folders(folder / "migrations", undo);
    make_folders(folder / "schema", undo);
    for (const NewFile& file : files) {
        write_new_file(folder / file.path, file.text);
        undo.add(folder / file.path);
    }
    undo.keep();

    report::Sink& sink = invocation.sink;
    const std::string dibs = how_to_call_dibs();
    const fs::path shown = fs::proximate(folder);
    std::vector<std::string> next{dibs + " migrate", dibs + " status"};
    if (shown == ".")
        next.push_back(dibs + " generate add-something");
    else
        next.insert(next.begin(), "cd " + shell_word(shown.string()));
    if (invocation.json()) {
        std::vector<std::string> written;
        for (const NewFile& file : files)
            written.push_back(file.path.string());
        sink.raw(report::to_json({{"folder", folder.string()}, {"files", written}, {"next", next}},
                                 sink.redactor()));
    } else {
        for (const NewFile& file : files)
            sink.out((shown == "." ? file.path : shown / file.path).string());
        sink.say("\nNext:");
        for (const std::string& command : next)
            sink.say("  " + command);
    }
    if (config::process_environment()("DATABASE_URL"))
        sink.warn("DATABASE_URL is set: dibs will use that database, not the embedded one.");
    return ExitCode::done;
}

} // namespace

Command init_command() {
    return {
        .name = "init",
        .words = "[DIR]",
        .word_values = Values::folders,
        .summary = "writes a project that builds and migrates as it is",
        .details =
            "Writes CMakeLists.txt, dibs.yaml (on the embedded server), .gitignore and a first migration "
            "into "
            "DIR, or the current folder. Overwrites nothing: when one of them is there, none is written.",
        .json = "{\"folder\", \"files\": [...], \"next\": [...]}",
        .examples = {"dibs init shop", "mkdir shop && cd shop && dibs init"},
        .most_words = 1,
        .scope = Scope::nothing,
        .run = run,
    };
}

} // namespace dibs::cli
