#include "report/sink.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "report/text.hpp"

namespace dibs::report {
namespace {

bool in_colour(Colour colour, bool no_color_set, int descriptor) {
    if (colour != Colour::automatic)
        return colour == Colour::always;
    return !no_color_set && isatty(descriptor) != 0; // no-color.org
}

constexpr std::string_view codes[] = {"", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m"};
constexpr std::string_view plain_again = "\x1b[0m";

std::string painted(bool colour, Style style, std::string_view text) {
    const std::string_view code = codes[static_cast<int>(style)];
    if (!colour || code.empty())
        return std::string(text);
    return std::string(code) + std::string(text) + std::string(plain_again);
}

/// The code of painted() that the text begins with.
std::string_view leading_code(std::string_view text) {
    if (text.starts_with(plain_again))
        return plain_again;
    const auto* const code = std::find_if(std::begin(codes) + 1, std::end(codes),
                                          [&](std::string_view each) { return text.starts_with(each); });
    return code == std::end(codes) ? std::string_view() : *code;
}

/// Names of files and databases may hold anything; what paint() made is kept.
std::string harmless_but_painted(bool colour, std::string_view text) {
    std::string safe;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::string_view code = colour ? leading_code(text.substr(begin)) : "";
        safe += code;
        begin += code.size();
        const std::size_t end = std::min(text.find('\x1b', begin + (code.empty() ? 1 : 0)), text.size());
        safe += harmless(text.substr(begin, end - begin));
        begin = end;
    }
    return safe;
}

bool print_to(std::FILE* file, std::string_view line) {
    return std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fputc('\n', file) != EOF;
}

} // namespace

Sink::Sink(Colour colour, bool no_color_set, Verbosity verbosity)
    : verbosity_(verbosity), colour_out_(in_colour(colour, no_color_set, STDOUT_FILENO)),
      colour_error_(in_colour(colour, no_color_set, STDERR_FILENO)) {}

void Sink::out(std::string_view text) {
    print(harmless_but_painted(colour_out_, redactor_(text)));
}

void Sink::say(std::string_view text) {
    if (!verbosity_.quiet)
        out(text);
}

void Sink::detail(std::string_view text) {
    if (verbosity_.verbose)
        error(text);
}

void Sink::warn(std::string_view text) {
    error(paint_error(Style::warning, "warning: ") + std::string(text));
}

void Sink::error(std::string_view text) {
    flush(); // in the order in which things happened, where both go to one place
    print_to(stderr, harmless_but_painted(colour_error_, redactor_(text)));
}

void Sink::raw(std::string_view text) {
    print(text);
}

std::string Sink::paint(Style style, std::string_view text) const {
    return painted(colour_out_, style, text);
}

std::string Sink::paint_error(Style style, std::string_view text) const {
    return painted(colour_error_, style, text);
}

void Sink::print(std::string_view text) {
    if (live_ != nullptr)
        live_->print(std::string(text) + "\n");
    else
        note(print_to(stdout, text));
}

void Sink::show(LiveLine* line) {
    flush();
    live_ = line;
}

bool Sink::flush() {
    note(live_ != nullptr ? live_->flush() : std::fflush(stdout) == 0);
    return error_ == 0 || error_ == EPIPE;
}

std::string Sink::trouble() const {
    return std::string("cannot write to standard output: ") + std::strerror(error_);
}

void Sink::note(bool written) {
    if (!written && error_ == 0)
        error_ = errno != 0 ? errno : EIO;
}

} // namespace dibs::report
