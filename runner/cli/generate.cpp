#include <filesystem>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/new_migration.hpp"
#include "report/json.hpp"

namespace dibs::cli {
namespace {

using plugin::Version;
using report::ExitCode;

std::string text_for(const Version& version) {
    return fmt::format(R"(#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {{
    // All of this runs in one transaction, and is recorded in it: once, or not at all.
    //
    //     ctx.execute("ALTER TABLE users ADD COLUMN bio text");
    //
    // Many rows are better updated in batches that commit one by one, so that no row stays locked for long
    // (PostgreSQL has no UPDATE ... LIMIT). Say DIBS_MIGRATION(.transaction = false) above, and:
    //
    //     ctx.backfill({{.table = "users", .set = "bio = 'No bio yet'", .where = "bio IS NULL"}});
    ctx.log("{} does nothing yet");
}}
)",
                       version.name());
}

ExitCode run(Invocation& invocation) {
    const NewMigration made =
        write_migrations(invocation, {file_name_part(invocation.arguments.words().front())},
                         [](std::size_t, const Version& version) { return text_for(version); })
            .front();
    report::Sink& sink = invocation.sink;
    const std::string shown = std::filesystem::proximate(made.path).string();
    if (invocation.json()) {
        sink.raw(report::to_json({{"path", shown}, {"version", made.version.to_string()}}, sink.redactor()));
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
