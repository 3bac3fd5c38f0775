#include "report/diff.hpp"

#include <sstream>

#include <dtl/dtl.hpp>

namespace dibs::report {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string& line = lines.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            line += "\n\\ No newline at end of file"; // as diff(1) tells it, and a difference like any other
            break;
        }
        if (line.ends_with('\r'))
            line.pop_back();
        text.remove_prefix(end + 1);
    }
    return lines;
}

} // namespace

Lines unified_diff(std::string_view before, std::string_view after) {
    dtl::Diff<std::string> diff(lines_of(before), lines_of(after), true); // what goes before what comes
    diff.onHuge();
    diff.compose();
    if (diff.getEditDistance() == 0)
        return {};
    diff.composeUnifiedHunks();
    std::stringstream text;
    diff.printUnifiedFormat(text);
    Lines lines;
    for (std::string line; std::getline(text, line);)
        lines.push_back(line);
    return lines;
}

} // namespace dibs::report
