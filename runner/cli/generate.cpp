#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/new_file.hpp"
#include "plugin/directory.hpp"
#include "process/file_descriptor.hpp"
#include "report/json.hpp"

namespace dibs::cli {
namespace {

using plugin::Version;
using process::FileDescriptor;
using report::ExitCode;
using report::Failure;

std::string file_name_part(const std::string& typed) {
    std::string name = typed;
    std::replace(name.begin(), name.end(), '-', '_');
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 128 ? std::tolower(c) : c); });
    const bool has_letter = std::any_of(name.begin(), name.end(), [](char c) { return c != '_'; });
    if (!plugin::valid_name(name) || !has_letter)
        throw Failure(ExitCode::usage, fmt::format("'{}' is no name for a migration", typed),
                      "A name has letters a-z, digits, '_' and '-', and at most 200 characters, like "
                      "backfill-user-data. Nothing was written.");
    return name;
}

/// Now, or a second after the newest there is: what is written last always comes last.
std::chrono::sys_seconds next_moment(const Invocation& invocation) {
    auto moment = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const auto& [folder, ending] :
         {std::pair(invocation.settings.source, ".cpp"), std::pair(invocation.settings.libraries, ".so")}) {
        if (!std::filesystem::is_directory(folder))
            continue;
        const plugin::Listing listing = plugin::list_migrations(folder, ending);
        if (!listing.files.empty() && listing.files.back().version.moment() >= moment)
            moment = listing.files.back().version.moment() + std::chrono::seconds(1);
    }
    return moment;
}

std::string text_for(const Version& version) {
    return fmt::format(R"(#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {{
    // All of this runs in one transaction, and is recorded in it: once, or not at all.
    //
    //     ctx.execute("ALTER TABLE users ADD COLUMN bio text");
    //
    // Many rows are better updated in batches that commit one by one, so that no row stays locked for long.
    // Take the keys in order (PostgreSQL has no UPDATE ... LIMIT), and say DIBS_MIGRATION(.transaction = false)
    // above; what is done already must do no harm when it is done again. With #include <cstdint> and <optional>:
    //
    //     std::optional<std::int64_t> last = 0;
    //     while (last) {{
    //         last = ctx.query("WITH batch AS (SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT 5000), "
    //                          "done AS (UPDATE users SET bio = 'No bio yet' FROM batch "
    //                          "WHERE users.id = batch.id AND users.bio IS NULL) "
    //                          "SELECT max(id) AS last FROM batch",
    //                          last)
    //                    .one()
    //                    .get<std::optional<std::int64_t>>("last");
    //     }}
    ctx.log("{} does nothing yet");
}}
)",
                       version.name());
}

ExitCode run(Invocation& invocation) {
    const std::string name = file_name_part(invocation.arguments.words().front());
    const std::filesystem::path& folder = invocation.settings.source;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const FileDescriptor lock(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock || flock(lock.get(), LOCK_EX) != 0) // another generate at the same moment takes the next second
        cannot("open the folder", folder);
    const Version version(next_moment(invocation), name);
    const std::filesystem::path path = folder / (version.stem() + ".cpp");
    write_new_file(path, text_for(version));

    report::Sink& sink = invocation.sink;
    const std::string shown = std::filesystem::proximate(path).string();
    if (invocation.json()) {
        sink.raw(report::to_json({{"path", shown}, {"version", version.to_string()}}, sink.redactor()));
        return ExitCode::done;
    }
    sink.out(shown);
    sink.say("");
    sink.say("Write what it should do, then:");
    if (invocation.settings.build.value_or("").empty()) {
        sink.say("  cmake --build build    # build it");
        sink.say("  dibs migrate           # apply it");
    } else {
        sink.say("  dibs migrate           # build it and apply it");
    }
    return ExitCode::done;
}

} // namespace

Command generate_command() {
    return {
        .name = "generate",
        .words = "NAME",
        .summary = "writes a blank migration",
        .details = "Writes <source>/m<UTC timestamp>_<name>.cpp, ready to build, and prints its path. It "
                   "sorts after "
                   "every migration that is there.",
        .json = "{\"path\", \"version\"}",
        .examples = {"dibs generate create-users", "dibs generate backfill-user-data"},
        .least_words = 1,
        .most_words = 1,
        .scope = Scope::project,
        .run = run,
    };
}

} // namespace dibs::cli
