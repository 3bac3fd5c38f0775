#include "report/sink.hpp"

#include <unistd.h>

#include <cstdio>

namespace dibs::report {
namespace {

bool in_colour(Colour colour, bool no_color_set, int descriptor) {
    if (colour != Colour::automatic)
        return colour == Colour::always;
    return !no_color_set && isatty(descriptor) != 0; // no-color.org
}

std::string painted(bool colour, Style style, std::string_view text) {
    static constexpr std::string_view codes[] = {"",         "\x1b[32m", "\x1b[31m",
                                                 "\x1b[33m", "\x1b[2m",  "\x1b[1m"};
    const std::string_view code = codes[static_cast<int>(style)];
    if (!colour || code.empty())
        return std::string(text);
    return std::string(code) + std::string(text) + "\x1b[0m";
}

bool print_to(std::FILE* file, std::string_view line) {
    return std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fputc('\n', file) != EOF;
}

} // namespace

Sink::Sink(Colour colour, bool no_color_set, Verbosity verbosity)
    : verbosity_(verbosity), colour_out_(in_colour(colour, no_color_set, STDOUT_FILENO)),
      colour_error_(in_colour(colour, no_color_set, STDERR_FILENO)) {}

void Sink::out(std::string_view text) {
    print(redactor_(text));
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
    print_to(stderr, redactor_(text));
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
        written_ = print_to(stdout, text) && written_;
}

void Sink::show(LiveLine* line) {
    flush();
    live_ = line;
}

bool Sink::flush() {
    if (live_ != nullptr)
        return written_ = live_->flush() && written_;
    written_ = std::fflush(stdout) == 0 && written_;
    return written_;
}

} // namespace dibs::report
