#include "migration/step_log.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "report/text.hpp"

namespace dibs::migration {
namespace {

constexpr std::size_t longest_name = 200; ///< bytes: with the version it is the key of a row

bool is_one_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

} // namespace

std::optional<StepLog::Refusal> StepLog::refusal(std::string_view name) const {
    if (name.empty() || name.size() > longest_name || !is_one_line(name) || report::first_not_utf8(name))
        return Refusal{fmt::format("a step's name is one line of 1 to {} bytes in UTF-8, not \"{}\"",
                                   longest_name, report::harmless(name.substr(0, longest_name))),
                       "The name is what dibs knows the step by when the migration is run again."};
    if (running_)
        return Refusal{fmt::format("the step \"{}\" begins inside the step \"{}\"", name, current_),
                       "A step is done as a whole or not at all: let the one end before the other begins."};
    if (met_.contains(name))
        return Refusal{fmt::format("two steps of this migration are called \"{}\"", name),
                       "Give each a name of its own: by it dibs knows which is done."};
    return std::nullopt;
}

const history::Step* StepLog::begin(const std::string& name) {
    met_.insert(name);
    current_.clear();
    const auto earlier = std::find_if(earlier_.begin(), earlier_.end(),
                                      [&](const history::Step& step) { return step.name == name; });
    if (earlier != earlier_.end())
        return &*earlier;
    current_ = name;
    running_ = true;
    return nullptr;
}

void StepLog::recorded() {
    done_now_.push_back(std::exchange(current_, {}));
}

void StepLog::step_outside() {
    if (!running_)
        current_.clear();
}

std::vector<std::string> StepLog::done() const {
    std::vector<std::string> names;
    for (const history::Step& step : earlier_)
        names.push_back(step.name);
    names.insert(names.end(), done_now_.begin(), done_now_.end());
    return names;
}

std::vector<std::string> StepLog::not_met() const {
    std::vector<std::string> names;
    for (const history::Step& step : earlier_)
        if (!met_.contains(step.name))
            names.push_back(step.name);
    return names;
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i)
        list += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
    return list;
}

} // namespace dibs::migration
