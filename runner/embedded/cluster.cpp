#include "embedded/cluster.hpp"

#include "embedded/connection_string.hpp"
#include "report/failure.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace dibs::embedded {
namespace {

namespace fs = std::filesystem;
using process::FileDescriptor;
using report::ExitCode;
using report::Failure;

constexpr std::string_view leftover_mark = ".unfinished-";
constexpr const char* settings_name = "dibs.conf";

[[noreturn]] void fail(const char* what, const fs::path& path) {
    throw fs::filesystem_error(what, path, {errno, std::generic_category()});
}

/// By descriptor, so that a link put in the folder's place is not followed.
void give_to_server(const fs::path& folder, const Location& location) {
    const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd || ::fchmod(fd.get(), 0700) != 0 ||
        (location.account && ::fchown(fd.get(), location.account->user, location.account->group) != 0)) {
        fail("cannot give to the server's account", folder);
    }
}

fs::path unfinished_beside(const fs::path& cluster) {
    std::string name = cluster.native() + std::string(leftover_mark) + "XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        fail("cannot create", name);
    }
    return name;
}

void must_succeed(const process::Result& result, std::string_view what) {
    if (!result.exit.ok()) {
        throw Failure(ExitCode::unreachable,
                      fmt::format("Making the embedded cluster failed: {}: {}.\n{}{}", what,
                                  result.exit.describe(), result.out, result.err),
                      "Nothing was left behind; a next try begins anew.");
    }
}

/// In single-user mode: no server, no socket, no client library.
void create_database(const Binaries& binaries, const fs::path& cluster, process::Command command) {
    command.argv = {binaries.program("postgres"), "--single", "-F",    "-c",
                    "exit_on_error=on",           "-D",       cluster, "postgres"};
    must_succeed(process::run(command, fmt::format("CREATE DATABASE {};\n", default_database)),
                 "CREATE DATABASE");
}

std::string setting_value(std::string_view value) {
    std::string result = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            result += c;
        }
        result += c;
    }
    return result + "'";
}

void write(const fs::path& file, std::ios::openmode mode, std::string_view text) {
    std::ofstream stream(file, mode);
    stream << text << std::flush;
    if (!stream) {
        fail("cannot write", file);
    }
}

} // namespace

std::optional<int> cluster_version(const fs::path& cluster) {
    std::ifstream file(cluster / "PG_VERSION");
    std::string version;
    if (std::getline(file, version) && major_of(version) != 0) {
        return major_of(version);
    }
    if (fs::exists(cluster) && !(fs::is_directory(cluster) && fs::is_empty(cluster))) {
        throw Failure(
            ExitCode::unreachable,
            fmt::format("{} is not a PostgreSQL cluster: it has no readable PG_VERSION.", cluster.native()),
            "The embedded server keeps its data there. Move what it is out of the way.");
    }
    return std::nullopt;
}

process::Command server_command(const Location& location, const fs::path& directory,
                                std::vector<std::string> argv) {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view variable = *entry;
        if (!variable.starts_with("PG") && !variable.starts_with("LC_") && !variable.starts_with("LANG")) {
            environment.emplace_back(variable);
        }
    }
    environment.emplace_back("LC_ALL=C"); // messages in the language of the log's reader: this module's tests
    return {.argv = std::move(argv),
            .environment = std::move(environment),
            .directory = directory,
            .account = location.account};
}

void create_cluster(const Location& location, const Binaries& binaries, const Lock& lock) {
    if (fs::create_directories(location.cluster.parent_path())) {
        fs::permissions(location.cluster.parent_path(), fs::perms(0711)); // whatever the umask says
    }
    if (location.cluster != location.entry() && !fs::is_symlink(location.entry())) {
        fs::create_directory_symlink(location.cluster, location.entry());
    }
    const fs::path unfinished = unfinished_beside(location.cluster);
    give_to_server(unfinished, location);

    process::Command command = server_command(
        location, unfinished,
        {binaries.program("initdb"), "--pgdata", unfinished, "--username", std::string(superuser), "--auth",
         "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"});
    command.keep_open = {lock.descriptor()};
    try {
        must_succeed(process::run(command), "initdb");
        create_database(binaries, unfinished, command);
        write(unfinished / "postgresql.conf", std::ios::app,
              fmt::format("\n# Written by dibs at each start.\ninclude_if_exists = '{}'\n", settings_name));
        fs::rename(unfinished, location.cluster);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(unfinished, ignored);
        throw;
    }
}

void remove_leftovers(const Location& location) {
    const fs::path parent = location.cluster.parent_path();
    const std::string prefix = location.cluster.filename().native() + std::string(leftover_mark);
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, absent)) {
        if (entry.path().filename().native().starts_with(prefix)) {
            fs::remove_all(entry.path());
        }
    }
}

void remove_cluster(const Location& location) {
    if (fs::exists(location.cluster)) {
        const fs::path doomed = unfinished_beside(location.cluster); // so that half a cluster is never used
        fs::rename(location.cluster, doomed);
        fs::remove_all(doomed);
    }
    fs::remove(location.entry()); // the symlink
    fs::remove_all(location.sockets);
}

std::string as_list_element(std::string_view path) {
    std::string result = "\"";
    for (const char c : path) {
        result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + '"';
}

std::string settings_file(const Settings& settings) {
    std::string result =
        "# Written by dibs at each start; a change here is lost. Own settings: in dibs.yaml.\n";
    for (const auto& [name, value] : settings) {
        result += fmt::format("{} = {}\n", name, setting_value(value));
    }
    return result;
}

void write_settings(const Location& location, const Settings& settings) {
    const fs::path file = location.cluster / settings_name;
    fs::remove(file);
    write(file, std::ios::out, settings_file(settings));
    if (location.account && ::lchown(file.c_str(), location.account->user, location.account->group) != 0) {
        fail("cannot give to the server's account", file);
    }
}

void prepare_socket_directory(const Location& location) {
    const fs::path& folder = location.sockets;
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        fail("cannot create", folder);
    }
    struct stat status {};
    const uid_t owner = location.account ? location.account->user : ::geteuid();
    if (::lstat(folder.c_str(), &status) != 0) {
        fail("cannot read", folder);
    }
    if (!S_ISDIR(status.st_mode) || (status.st_uid != owner && status.st_uid != ::geteuid())) {
        throw Failure(
            ExitCode::unreachable,
            fmt::format("{}, where the embedded server's socket belongs, is not a directory of its account "
                        "(user id {}).",
                        folder.native(), owner),
            "Somebody else made it. Find out who, and remove it.");
    }
    give_to_server(folder, location);
}

} // namespace dibs::embedded
