#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <dibs/abi.hpp>

namespace dibs {
inline namespace abi_v1 {

namespace detail {

// Not constexpr, never defined: a constant expression that would call one of these does not compile, and the
// compiler names it.
void a_duration_is_a_whole_number_and_ms_s_min_or_h_as_in_500ms_or_5s();
void a_duration_is_at_most_24_days();
void a_description_is_one_line_without_control_characters();

} // namespace detail

/// A time span, checked when the migration is compiled: "500ms", "5s", "2min", "1h"; "0" is none at all.
struct Duration {
    static constexpr std::int64_t unset = -1;

    std::int64_t milliseconds = unset;

    consteval Duration() = default;
    consteval Duration(int) : Duration("") {} // a number without a unit gets the message of any wrong text
    consteval Duration(const char* text) {
        const char* at = text;
        std::int64_t number = 0;
        if (*at < '0' || *at > '9')
            detail::a_duration_is_a_whole_number_and_ms_s_min_or_h_as_in_500ms_or_5s();
        for (; *at >= '0' && *at <= '9'; ++at) {
            number = number * 10 + (*at - '0');
            if (number > 2'147'483'647)
                detail::a_duration_is_at_most_24_days();
        }
        while (*at == ' ')
            ++at;
        const std::string_view unit = at;
        if (unit == "ms" || (unit.empty() && number == 0))
            milliseconds = number;
        else if (unit == "s")
            milliseconds = number * 1'000;
        else if (unit == "min")
            milliseconds = number * 60'000;
        else if (unit == "h")
            milliseconds = number * 3'600'000;
        else
            detail::a_duration_is_a_whole_number_and_ms_s_min_or_h_as_in_500ms_or_5s();
        if (milliseconds > 2'147'483'647) // PostgreSQL keeps time-outs in an int of milliseconds
            detail::a_duration_is_at_most_24_days();
    }
};

/// One line of text, known when the migration is compiled.
struct Line {
    std::string_view text;

    consteval Line() = default;
    consteval Line(const char* line) : text(line) {
        for (const char c : text)
            if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
                detail::a_description_is_one_line_without_control_characters();
    }
};

/// What DIBS_MIGRATION(...) takes, by name and in this order; new ones come at the end.
struct Options {
    /// false: each execute() and query() commits by itself, for what PostgreSQL refuses in a transaction
    /// (CREATE INDEX CONCURRENTLY, VACUUM): several statements in one execute() are a transaction still. A
    /// failure leaves what was done before it.
    bool transaction = true;
    /// How long a statement may wait for a lock; "0" waits for ever. Unset: as the runner decides.
    Duration lock_timeout = {};
    /// What the migration is for, shown by `dibs status --verbose`.
    Line description = {};
    /// How often the migration is tried, in all, when it does not get its locks within lock_timeout: it runs
    /// again from its beginning, in a new transaction. 1: once. Unset (0): as the runner decides.
    unsigned lock_attempts = 0;
};

} // namespace abi_v1
} // namespace dibs
