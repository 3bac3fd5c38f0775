#include "report/diff.hpp"

#include <random>

using dibs::report::unified_diff;
using Lines = std::vector<std::string>;

namespace {

std::string numbered(int lines, int changed = 0) {
    std::string text;
    for (int i = 1; i <= lines; ++i)
        text += std::to_string(i) + (i == changed ? " changed\n" : "\n");
    return text;
}

/// What patch(1) makes of `before` with these hunks.
Lines patched(const Lines& before, const Lines& hunks) {
    Lines after;
    std::size_t at = 0;
    for (const std::string& line : hunks) {
        if (line.starts_with("@@ -")) {
            const std::size_t first = std::stoul(line.substr(4));
            for (; at + 1 < first; ++at)
                after.push_back(before.at(at));
        } else if (line.starts_with('+')) {
            after.push_back(line.substr(1));
        } else {
            CHECK(before.at(at) == line.substr(1));
            if (line.starts_with(' '))
                after.push_back(before.at(at));
            ++at;
        }
    }
    for (; at < before.size(); ++at)
        after.push_back(before[at]);
    return after;
}

} // namespace

TEST_CASE("equal texts have no difference, whatever their line ends and byte order marks") {
    CHECK(unified_diff("", "").empty());
    CHECK(unified_diff("a\nb\n", "\xEF\xBB\xBF"
                                 "a\r\nb\r\n")
              .empty());
}

TEST_CASE("a difference is shown with a few lines around it") {
    CHECK(unified_diff(numbered(20), numbered(20, 8)) ==
          Lines{"@@ -5,7 +5,7 @@", " 5", " 6", " 7", "-8", "+8 changed", " 9", " 10", " 11"});
    CHECK(unified_diff("", "a\n") == Lines{"@@ -1,0 +1,1 @@", "+a"});
    CHECK(unified_diff("a\n", "") == Lines{"@@ -1,1 +1,0 @@", "-a"});
}

TEST_CASE("a missing end of the last line is a difference") {
    CHECK(unified_diff("a", "a\n") == Lines{"@@ -1,1 +1,1 @@", "-a", "\\ No newline at end of file", "+a"});
}

TEST_CASE("what a difference says, done to the one text, gives the other") {
    std::mt19937 random(17);
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    for (int round = 0; round < 500; ++round) {
        Lines before(below(40), "");
        for (std::string& line : before)
            line = std::string(1, static_cast<char>('a' + below(8)));
        Lines after = before;
        for (std::size_t edits = below(8); edits > 0; --edits) {
            if (below(2) == 0 && !after.empty())
                after.erase(after.begin() + static_cast<std::ptrdiff_t>(below(after.size())));
            else
                after.insert(after.begin() + static_cast<std::ptrdiff_t>(below(after.size() + 1)),
                             std::string(1, static_cast<char>('a' + below(26))));
        }
        const auto text = [](const Lines& lines) {
            std::string all;
            for (const std::string& line : lines)
                all += line + "\n";
            return all;
        };
        const Lines hunks = unified_diff(text(before), text(after));
        CHECK(patched(before, hunks) == after);
        CHECK(hunks.empty() == (before == after));
    }
}
