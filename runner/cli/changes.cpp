#include "cli/changes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/text.hpp"

namespace dibs::cli {
namespace {

using report::Style;
using schema::Change;
using schema::Hazard;
using schema::Key;
using schema::Plan;

/// "about 12000 rows, 8.0 MB"; empty for what was never counted.
std::string size_text(const schema::Size& size) {
    constexpr double page = 8192;
    constexpr double megabyte = 1e6;
    if (size.rows < 0 && size.pages == 0)
        return {};
    std::string text = size.rows < 0 ? "rows never counted" : fmt::format("about {} rows", size.rows);
    if (size.pages > 0)
        text += fmt::format(", {:.1f} MB", static_cast<double>(size.pages) * page / megabyte);
    return text;
}

std::string size_of(const Key& table, const schema::Model& model) {
    const auto find = [&](const auto& all) -> std::string {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.key == table; });
        return found == all.end() ? std::string() : size_text(found->size);
    };
    return table.kind == schema::Kind::table ? find(model.tables) : find(model.views);
}

Style style_of(char sign) {
    return sign == '+' ? Style::good : sign == '-' ? Style::bad : Style::warning;
}

void print_change(const Change& change, const std::string& indent, const std::string& size,
                  report::Sink& sink) {
    sink.out(fmt::format("{}{} {}{}", indent, sink.paint(style_of(change.sign), std::string(1, change.sign)),
                         report::harmless(change.text), size.empty() ? "" : "  (" + size + ")"));
    for (const Hazard& hazard : change.hazards)
        sink.out(fmt::format("{}    {} {}", indent,
                             sink.paint(hazard.type == Hazard::Type::data_loss ? Style::bad : Style::warning,
                                        fmt::format("! {}:", schema::word(hazard.type))),
                             hazard.text));
    if (!change.remark.empty())
        sink.out(fmt::format("{}    ? {}", indent, report::harmless(change.remark)));
}

} // namespace

void print_changes(const Plan& plan, const schema::Model& from, report::Sink& sink) {
    for (std::size_t i = 0; i < plan.changes.size();) {
        const Key& group = plan.changes[i].group;
        const std::string size = size_of(group, from);
        if (plan.changes[i].sign != '~' && plan.changes[i].object == group) {
            print_change(plan.changes[i++], "", size, sink);
        } else {
            sink.out(fmt::format("{}{}",
                                 sink.paint(Style::strong, report::harmless(schema::described(group))),
                                 size.empty() ? "" : "  (" + size + ")"));
        }
        for (; i < plan.changes.size() && plan.changes[i].group == group; ++i)
            print_change(plan.changes[i], "  ", "", sink);
    }
    for (const std::string& line : plan.unsupported)
        sink.out(sink.paint(Style::bad, "! not supported: ") + report::harmless(line));
}

} // namespace dibs::cli
