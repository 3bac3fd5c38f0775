#include <algorithm>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "cli/library_safety.hpp"
#include "cli/project.hpp"
#include "cli/strict.hpp"
#include "migration/drift.hpp"
#include "report/json.hpp"
#include "report/text.hpp"
#include "worker/host.hpp"

namespace dibs::cli {
namespace {

using migration::Entry;
using migration::State;
using plugin::NamedFile;
using report::ExitCode;
using report::Failure;
using report::Problem;
using report::Style;

/// Everything that is wrong, and the exit code that follows from it.
class Findings {
  public:
    void add(Problem problem, ExitCode code) {
        if (problem.is_error && weight(code) > weight(code_))
            code_ = code;
        problems_.push_back(std::move(problem));
    }
    void add(std::string kind, const Failure& failure, std::optional<std::string> version = std::nullopt) {
        add({std::move(kind), std::move(version), failure.what(), failure.hint(), true}, failure.code());
    }
    [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }
    [[nodiscard]] ExitCode code() const { return code_; }
    [[nodiscard]] std::size_t errors() const {
        return static_cast<std::size_t>(std::count_if(
            problems_.begin(), problems_.end(), [](const Problem& problem) { return problem.is_error; }));
    }

  private:
    /// Without an answer of the database, nobody knows whether the history agrees.
    static int weight(ExitCode code) {
        switch (code) {
        case ExitCode::done:
            return 0;
        case ExitCode::usage:
        case ExitCode::unreachable:
            return 3;
        case ExitCode::disagreement:
            return 2;
        default:
            return 1;
        }
    }

    std::vector<Problem> problems_;
    ExitCode code_ = ExitCode::done;
};

/// One `dibs verify`: goes on where other commands end.
class Verification {
  public:
    explicit Verification(Invocation& invocation)
        : invocation_(invocation), sink_(invocation.sink), safety_(invocation) {}

    ExitCode operator()() {
        read_libraries();
        list_sources();
        if (invocation_.arguments.has("load"))
            load();
        check_database();
        tell();
        return findings_.code();
    }

  private:
    std::vector<NamedFile> list(const std::filesystem::path& folder, std::string_view ending,
                                const std::string& kind) {
        try {
            plugin::Listing listing = plugin::look_for_migrations(folder, ending);
            for (const Failure& mistake : listing.mistakes)
                findings_.add(kind, mistake);
            return std::move(listing.files);
        } catch (const Failure& failure) {
            findings_.add(kind, failure);
            return {};
        }
    }

    void read_libraries() {
        const std::vector<NamedFile> files = list(invocation_.settings.libraries, ".so", "library");
        document_.libraries = files.size();
        std::vector<plugin::ReadLibrary> all = plugin::try_read_libraries(files);
        for (std::size_t i = 0; i < files.size(); ++i) {
            const plugin::Version& version = files[i].version;
            if (const auto* const failure = std::get_if<Failure>(&all[i])) {
                findings_.add("library", *failure, version.to_string());
                unreadable_.insert(version);
                continue;
            }
            const auto& library = std::get<plugin::Library>(all[i]);
            if (const std::optional<plugin::Refusal> refusal = plugin::refusal(library.note))
                findings_.add("library",
                              Failure(ExitCode::other,
                                      fmt::format("{} cannot be loaded: {}", library.path, refusal->reason),
                                      refusal->hint),
                              version.to_string());
            else
                loadable_.push_back(plugin::expected(library));
            libraries_.push_back(std::get<plugin::Library>(std::move(all[i])));
        }
        check_safety(files);
    }

    /// What dibs would not load, it does not load here either.
    void check_safety(const std::vector<NamedFile>& files) {
        try {
            safety_.refuse_exposed(files, libraries_);
        } catch (const Failure& failure) {
            findings_.add("library", failure);
            loadable_.clear();
        }
        for (const plugin::Library& library : libraries_) {
            try {
                safety_.refuse_search_path(library);
            } catch (const Failure& failure) {
                findings_.add("library", failure, library.version.to_string());
                std::erase_if(loadable_,
                              [&](const plugin::Expected& each) { return each.path == library.path; });
            }
        }
    }

    void list_sources() {
        std::error_code error;
        const std::filesystem::path& folder = invocation_.settings.source;
        if (std::filesystem::status(folder, error).type() != std::filesystem::file_type::not_found)
            sources_ = list(folder, ".cpp", "source");
    }

    /// Each in a worker that no other has met.
    void load() {
        for (const plugin::Expected& library : loadable_) {
            const auto host =
                worker::separate_process([&](std::string_view line) { sink_.detail(std::string(line)); });
            try {
                host->load({library});
            } catch (const Failure& failure) {
                findings_.add("library", failure);
            }
        }
    }

    void check_database() {
        migration::Plan plan;
        try {
            database::Connection connection = connect(invocation_);
            document_.database = connection.describe();
            const Look seen = look(connection, invocation_.settings);
            std::vector<history::Applied> rows = seen.history.read(connection);
            plan = migration::make_plan(std::move(libraries_), sources_, std::move(rows));
            migration::compare_sources(plan, seen.history, connection);
        } catch (const Failure& failure) {
            findings_.add(document_.database.empty() ? "database" : "history", failure);
            if (plan.entries.empty()) // what is on disk can be told all the same
                plan = migration::make_plan(std::move(libraries_), sources_, {});
        }
        document_.applied = plan.applied_count();
        document_.pending = plan.pending_count();
        check_built(plan);
        check_drift(plan);
    }

    void check_built(migration::Plan& plan) {
        for (Entry& entry : plan.entries) {
            if (entry.version && unreadable_.contains(*entry.version))
                continue;
            try {
                migration::check_stale(entry);
            } catch (const Failure& failure) {
                findings_.add("source", failure, entry.label());
            }
            if (entry.state() == State::not_built)
                add(ExitCode::other, "not built", entry, "is not built", "Build it: cmake --build build");
            else if (entry.stale)
                add(ExitCode::other, "stale", entry,
                    "is stale: its source was edited since the library was built",
                    "Build it: cmake --build build");
            if (entry.out_of_order)
                add(ExitCode::disagreement, "out of order", entry,
                    fmt::format("is pending, and older than {}, which is applied",
                                plan.newest_applied()->to_string()),
                    "Give it a newer timestamp (rename the source); or apply it as it is: dibs migrate "
                    "--allow-out-of-order");
        }
    }

    void check_drift(const migration::Plan& plan) {
        const bool strict = is_strict(invocation_);
        for (const migration::Disagreement& drift : migration::find_drift(plan))
            for (const migration::Drifted& drifted : drift.migrations) {
                const std::optional<plugin::Version> version = plugin::Version::parse(drifted.version);
                if (version && unreadable_.contains(*version))
                    continue;
                const migration::Disagreement alone{drift.kind, {drifted}};
                findings_.add({std::string(name_of(drift.kind)), drifted.version, sentence(alone),
                               resolution(alone), is_refused(drift.kind, strict)},
                              ExitCode::disagreement);
            }
    }

    void add(ExitCode code, const char* kind, const Entry& entry, const std::string& what,
             const std::string& hint) {
        findings_.add({kind, entry.label(), entry.label() + " " + what, hint, true}, code);
    }

    void tell() {
        document_.problems = findings_.problems();
        if (invocation_.json()) {
            sink_.raw(report::to_json(document_, sink_.redactor()));
            return;
        }
        for (const Problem& problem : document_.problems) {
            sink_.out((problem.is_error ? sink_.paint(Style::bad, "error: ")
                                        : sink_.paint(Style::warning, "warning: ")) +
                      report::harmless(problem.message));
            std::string hint = report::harmless(problem.hint);
            for (std::size_t at = 0; (at = hint.find('\n', at)) != std::string::npos; ++at)
                hint.insert(at + 1, "  ");
            if (!hint.empty())
                sink_.out("  " + hint);
        }
        const std::size_t errors = findings_.errors();
        const std::size_t warnings = document_.problems.size() - errors;
        sink_.out(fmt::format("{}, {} applied, {} pending{}: {}{}",
                              document_.libraries == 1 ? "1 library"
                                                       : fmt::format("{} libraries", document_.libraries),
                              document_.applied, document_.pending,
                              document_.database.empty() ? "" : " on " + document_.database,
                              errors == 0 ? "no errors" : report::counted(errors, "error"),
                              warnings == 0 ? "" : ", " + report::counted(warnings, "warning")));
    }

    Invocation& invocation_;
    report::Sink& sink_;
    LibrarySafety safety_;
    Findings findings_;
    std::vector<plugin::Library> libraries_;
    std::vector<plugin::Expected> loadable_;
    std::set<plugin::Version> unreadable_;
    std::optional<std::vector<NamedFile>> sources_;
    report::VerifyDocument document_;
};

ExitCode run(Invocation& invocation) {
    return Verification(invocation)();
}

} // namespace

Command verify_command() {
    return {
        .name = "verify",
        .summary = "checks everything, and writes nothing",
        .details =
            "Reads every library and its source, and holds them against the history: what cannot be "
            "read or loaded, is not built, stale, changed, missing or out of order. Builds nothing and "
            "writes nothing. Ends with 7 when history and libraries disagree, with 1 for anything else "
            "that is wrong, with 0 where there are warnings at most.",
        .json = "{\"database\", \"libraries\", \"applied\", \"pending\", \"problems\": [{\"severity\", "
                "\"kind\", \"version\", \"message\", \"hint\"}]}",
        .examples = {"dibs verify", "dibs verify --load --strict",
                     "dibs verify --json | jq '.problems[].kind'"},
        .options = {{.name = "load",
                     .help = "load every library as well, in a process of its own: finds undefined symbols"},
                    strict_option(),
                    allow_unsafe_option()},
        .run = run,
    };
}

} // namespace dibs::cli
