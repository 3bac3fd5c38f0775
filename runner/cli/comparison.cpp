#include "cli/comparison.hpp"

#include <fmt/format.h>

namespace dibs::cli {

schema::Filter configured_filter(const config::Settings& settings) {
    schema::Filter filter;
    for (const config::Placed& each : settings.diff_include)
        filter.include.push_back(schema::Pattern::parse(each.text, each.origin));
    for (const config::Placed& each : settings.diff_exclude)
        filter.exclude.push_back(schema::Pattern::parse(each.text, each.origin));
    return filter;
}

void plan(Comparison& comparison, const schema::Filter& filter, report::Sink& sink) {
    for (const schema::Pattern& pattern : schema::unmatched(filter, comparison.current, comparison.wanted))
        sink.warn(fmt::format("{}: the pattern \"{}\" matches nothing, neither in {} nor in {}",
                              pattern.origin, pattern.text, comparison.from, comparison.to));
    const std::vector<std::string> unmet = leave_out(filter, comparison.current, comparison.wanted);
    comparison.plan = schema::plan(comparison.current, comparison.wanted);
    if (unmet.empty())
        return;
    comparison.plan.unsupported.insert(comparison.plan.unsupported.end(), unmet.begin(), unmet.end());
    comparison.plan.statements.clear(); // they would not do
    comparison.plan.needs.clear();
}

} // namespace dibs::cli
