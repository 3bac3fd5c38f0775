#include "support/snapshot.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "config/environment.hpp"

namespace dibs::tests {
namespace {

/// The first line that is another one.
std::string first_difference(std::string_view text, std::string_view expected) {
    const auto [here, there] = std::mismatch(text.begin(), text.end(), expected.begin(), expected.end());
    const auto begin = static_cast<std::size_t>(here - text.begin());
    const std::size_t line = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;
    const auto line_at = [&](std::string_view whole) {
        return whole.substr(line, whole.find('\n', line) - line);
    };
    return fmt::format("line {}\n  is:         {}\n  instead of: {}",
                       std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line), '\n') + 1,
                       line_at(text), line_at(expected));
}

std::string marked(const std::string& text, const std::string& mark) {
    std::string result;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        result += mark + line + "\n";
    return result;
}

} // namespace

void Session::note(const std::string& typed, const Ran& ran) {
    text_ += (text_.empty() ? "" : "\n") + std::string("$ dibs") + (typed.empty() ? "" : " ") + typed + "\n" +
             marked(ran.out, "") + marked(ran.err, "! ");
    if (ran.code != 0)
        text_ += "[exit code " + std::to_string(ran.code) + "]\n";
}

std::string Session::text() const {
    std::string text = text_;
    for (const auto& [secret, shown] : masks_)
        for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += shown.size())
            text.replace(at, secret.size(), shown);
    text =
        std::regex_replace(text, std::regex(R"(\d{4}-\d\d-\d\d(T| )\d\d:\d\d:\d\d)"), "YYYY-MM-DD$1hh:mm:ss");
    text = std::regex_replace(text, std::regex(R"((< )?\b\d+(\.\d)? (us|ms|s)\b)"), "# ms");
    text = std::regex_replace(text, std::regex(R"re(("(duration_[mu]s|round_trips)": )\d+)re"), "$1#");
    return std::regex_replace(text, std::regex("[0-9a-f]{64}"), "<checksum>");
}

void check_snapshot(const std::string& name, std::string_view text) {
    const std::filesystem::path file =
        std::filesystem::path(DIBS_TEST_SOURCES) / "snapshots" / (name + ".txt");
    if (config::process_environment()("DIBS_RENEW_SNAPSHOTS") == "1") {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return;
    }
    std::ifstream stream(file, std::ios::binary);
    const std::string expected{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (text != expected)
        FAIL_CHECK(
            file.string() << ", " << first_difference(text, expected)
                          << "\nIf it shall be so: DIBS_RENEW_SNAPSHOTS=1 ctest --preset dev -R snapshot\n\n"
                          << text);
}

} // namespace dibs::tests
