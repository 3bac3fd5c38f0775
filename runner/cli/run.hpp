#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/project.hpp"
#include "cli/run_times.hpp"
#include "migration/executor.hpp"
#include "report/json.hpp"

namespace dibs::cli {

/// How a run speaks of what it does. {} stands for "3 migrations", and in the first three for the database.
struct RunWords {
    std::string_view would;
    std::string_view does;
    std::string_view tries;
    std::string_view tried;
    std::string_view has_done;
};

/// What is worth knowing, in a list of what is to be run, of one that was begun before.
std::string remark_of(const migration::Entry& entry);

/// One call of a command that runs functions of migrations: everything that can be known without SQL is
/// checked first, then the libraries are loaded, then the lock is taken, and what to do is decided again.
class Run {
  public:
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    virtual ~Run() = default;

    report::ExitCode operator()();

  protected:
    Run(Invocation& invocation, RunWords words);

    /// What is to be run, in order.
    /// @param again under the lock: what another run did in the meantime counts
    /// @throws report::Failure for what speaks against it; nothing was changed then
    virtual std::vector<migration::Pending> choose(migration::Plan& plan, const Look& seen, bool again) = 0;
    /// When there is nothing to do.
    [[nodiscard]] virtual std::string nothing_to_do(const migration::Plan& plan) const = 0;
    /// Of how many migrations so many functions are.
    [[nodiscard]] virtual std::size_t migrations(std::size_t functions) const { return functions; }
    /// Fills in the document's lists of what was not done.
    virtual void note_left(report::RunDocument& document, const std::vector<migration::Pending>& todo) = 0;

    Invocation& invocation_;
    report::Sink& sink_;
    const std::optional<std::string> dry_run_; ///< "plan" or "execute"
    const RunTimes times_;
    Files files_;
    database::Connection connection_;
    report::RunDocument document_;

  private:
    struct Seen {
        Look look;
        history::Contents contents;
    };
    Seen ask();
    [[nodiscard]] std::string counted(std::size_t functions) const;
    void list(const std::vector<migration::Pending>& todo);
    report::ExitCode carry_out(Look& seen, const std::vector<migration::Pending>& first);
    report::ExitCode execute(Look& seen, const history::Lock& lock,
                             const std::vector<migration::Pending>& todo, worker::Host& host,
                             report::Events& events);
    void check_role();
    void finish(std::chrono::microseconds took);
    [[nodiscard]] std::string summary() const;

    RunWords words_;
    migration::Plan plan_;
    bool nothing_ = false;   ///< was to be done
    std::size_t wanted_ = 0; ///< functions, under the lock
    migration::RunResult result_;
};

/// The options that runs have in common.
Option dry_run_option(std::string help);
std::vector<Option> run_options();

} // namespace dibs::cli
