#include <fmt/format.h>

#include "report/events.hpp"
#include "report/text.hpp"

namespace dibs::report {
namespace {

/// "950", "12,345", "1,000,000"
std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3 && digits[at - 4] != '-';) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string time_left(std::int64_t seconds) {
    if (seconds < 120)
        return fmt::format("{} s", seconds);
    if (seconds < 7200)
        return fmt::format("{} min", seconds / 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

} // namespace

std::string described(const BackfillProgress& progress) {
    std::string text = fmt::format("backfill of {}", harmless(progress.table));
    if (progress.finished)
        return fmt::format("{}: {} row{} changed", text, grouped(progress.rows),
                           progress.rows == 1 ? "" : "s");
    if (progress.pass > 1)
        text += fmt::format(", once more ({})", progress.pass);
    text += progress.percent ? fmt::format(": {} %, ", *progress.percent) : ": ";
    text += fmt::format("{} rows changed", grouped(progress.rows));
    if (!progress.waits.empty())
        return text + "; waits, " + progress.waits;
    text += fmt::format(", {} rows/s in batches of {}",
                        grouped(static_cast<std::int64_t>(progress.rows_per_second)),
                        grouped(progress.batch_size));
    if (progress.left_s)
        text += fmt::format(", {} left", time_left(*progress.left_s));
    return text;
}

} // namespace dibs::report
