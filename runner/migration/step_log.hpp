#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "history/steps.hpp"

namespace dibs::migration {

/// Which named steps of one migration are done: by earlier runs, as the history has it, and by this one.
class StepLog {
  public:
    StepLog() = default;
    explicit StepLog(std::vector<history::Step> earlier) : earlier_(std::move(earlier)) {}

    /// Why a step cannot begin, and what to do.
    struct Refusal {
        std::string reason;
        std::string hint;
    };
    [[nodiscard]] std::optional<Refusal> refusal(std::string_view name) const;

    /// After refusal() had nothing against it. @return the record of an earlier run, when it is done already
    const history::Step* begin(const std::string& name);
    /// The step that runs has ended.
    void leave() { running_ = false; }
    /// The step that has ended is recorded as done.
    void recorded();
    /// Something was done outside of steps.
    void step_outside();

    [[nodiscard]] bool in_step() const { return running_; }
    /// The step that runs, or that ended last and was not recorded; empty: none, or the migration went on
    /// after it.
    [[nodiscard]] const std::string& current() const { return current_; }
    [[nodiscard]] std::vector<std::string> done() const; ///< names, in the order in which they were done
    /// Steps of earlier runs that this one has not come across.
    [[nodiscard]] std::vector<std::string> not_met() const;

  private:
    std::vector<history::Step> earlier_;
    std::vector<std::string> done_now_;
    std::set<std::string, std::less<>> met_;
    std::string current_;
    bool running_ = false;
};

/// "a", "b" and "c": names as people read them in a sentence.
std::string quoted_list(const std::vector<std::string>& names);

} // namespace dibs::migration
