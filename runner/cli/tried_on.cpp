#include "cli/tried_on.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cli/comparison.hpp"
#include "plugin/checksum.hpp"
#include "schema/diff/canonical.hpp"

namespace dibs::cli {
namespace {

constexpr std::string_view tried_prefix = "Tried on a copy of the schema ";
constexpr std::size_t shown = 16; // digits

} // namespace

std::string fingerprint(const schema::Model& model, const config::Settings& settings) {
    return plugin::source_checksum(schema::canonical_text(
        model, schema::left_out(configured_filter(settings), schema::Inventory(model))));
}

std::string tried_on_line(const std::string& fingerprint) {
    return fmt::format("{}{}.", tried_prefix, fingerprint.substr(0, shown));
}

std::string tried_on(const std::string& source) {
    constexpr std::string_view comment = "// ";
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    std::string_view rest = source;
    if (rest.starts_with(byte_order_mark))
        rest.remove_prefix(byte_order_mark.size());
    while (rest.starts_with(comment)) {
        rest.remove_prefix(comment.size());
        if (rest.starts_with(tried_prefix)) {
            const std::string_view digits = rest.substr(tried_prefix.size(), shown);
            const bool is_one = digits.size() == shown &&
                                digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
            return is_one ? std::string(digits) : "";
        }
        rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    }
    return {};
}

} // namespace dibs::cli
