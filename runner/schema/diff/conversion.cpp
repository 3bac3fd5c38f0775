#include "schema/diff/conversion.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace dibs::schema {
namespace {

std::vector<int> modifiers(const std::string& type) {
    std::vector<int> numbers;
    const std::size_t open = type.find('(');
    if (open == std::string::npos)
        return numbers;
    const char* at = type.data() + open + 1;
    const char* const end = type.data() + type.size();
    while (at < end && *at != ')') {
        int number = 0;
        const auto [next, error] = std::from_chars(at, end, number);
        if (error != std::errc())
            break;
        numbers.push_back(number);
        at = next < end && *next == ',' ? next + 1 : next;
    }
    return numbers;
}

bool is_array(const std::string& type) {
    return type.ends_with("[]");
}

std::string element(std::string type) {
    if (is_array(type))
        type.resize(type.size() - 2);
    return type;
}

/// A domain's values are those of the type below it.
std::string below_domains(std::string type, const Model& model) {
    for (int depth = 0; depth < 16; ++depth) {
        const auto domain = std::find_if(model.domains.begin(), model.domains.end(),
                                         [&](const Domain& each) { return qualified(each.key) == type; });
        if (domain == model.domains.end())
            break;
        type = without_modifier(domain->type);
    }
    return type;
}

/// PostgreSQL writes and reads every type as text: to these by itself, from these when asked to.
bool is_text(const std::string& type) {
    return type == "text" || type == "character varying" || type == "character" || type == "name";
}

/// Of one type: whether all values of the old one are values of the new one as they are stored.
bool widens(const std::string& base, const std::vector<int>& from, const std::vector<int>& to) {
    if (from == to || to.empty())
        return true;
    if (from.empty())
        return false;
    if (base == "numeric") {
        const int old_scale = from.size() > 1 ? from[1] : 0;
        const int new_scale = to.size() > 1 ? to[1] : 0;
        return old_scale == new_scale && from[0] <= to[0];
    }
    // character(n) is padded: more of it is another value. Bits are not cut.
    return base != "character" && base != "bit" && from[0] <= to[0];
}

/// Digits behind the point of a second that a type keeps.
std::optional<int> second_digits(const std::string& type) {
    constexpr int all = 6;
    const std::string base = without_modifier(type);
    if (!base.starts_with("timestamp") && !base.starts_with("time ") && base != "interval")
        return std::nullopt;
    const std::vector<int> given = modifiers(type);
    return given.empty() ? all : given[0];
}

/// Whether some numbers of one type are out of the other's range.
bool overflows(const std::string& from, const std::string& to) {
    constexpr std::string_view by_range[] = {"smallint", "integer",          "bigint",
                                             "real",     "double precision", "numeric"};
    const auto* const old_rank = std::find(std::begin(by_range), std::end(by_range), from);
    const auto* const new_rank = std::find(std::begin(by_range), std::end(by_range), to);
    return old_rank != std::end(by_range) && new_rank < old_rank;
}

/// What PostgreSQL's casts between these take away without an error.
std::string silent_loss(const std::string& from, const std::string& to) {
    const std::string old_base = without_modifier(from);
    const std::string new_base = without_modifier(to);
    const auto is_one_of = [](const std::string& type, std::initializer_list<std::string_view> types) {
        return std::find(types.begin(), types.end(), type) != types.end();
    };
    const bool whole = is_one_of(new_base, {"smallint", "integer", "bigint"});
    if (whole && is_one_of(old_base, {"numeric", "double precision", "real"}))
        return "fractions are rounded to whole numbers";
    if (old_base == "numeric" && new_base == "numeric" && !modifiers(to).empty()) {
        const std::vector<int> old_limits = modifiers(from);
        const std::vector<int> new_limits = modifiers(to);
        const int scale = new_limits.size() > 1 ? new_limits[1] : 0;
        if (old_limits.empty() || scale < (old_limits.size() > 1 ? old_limits[1] : 0))
            return fmt::format("values are rounded to {} digits behind the point", scale);
    }
    if ((new_base == "real" && is_one_of(old_base, {"numeric", "double precision", "bigint", "integer"})) ||
        (new_base == "double precision" && is_one_of(old_base, {"numeric", "bigint"})))
        return fmt::format("digits that {} does not hold are rounded away", new_base);
    if (new_base == "date" && old_base.starts_with("timestamp"))
        return "times of day are cut off";
    if (old_base == "json" && new_base == "jsonb")
        return "blanks, the order of keys and repeated keys are not kept";
    const std::optional<int> old_digits = second_digits(from);
    const std::optional<int> new_digits = second_digits(to);
    if (old_digits && new_digits && *new_digits < *old_digits)
        return fmt::format("seconds are rounded to {} digits behind the point", *new_digits);
    return {};
}

} // namespace

std::string without_modifier(const std::string& type) {
    const std::size_t open = type.find('(');
    // A quoted name may have one of its own.
    if (open == std::string::npos || type.find('"') < open)
        return type;
    const std::size_t close = type.find(')', open);
    return type.substr(0, open) + (close == std::string::npos ? "" : type.substr(close + 1));
}

namespace {

/// How the values become the others, but for what they lose.
Conversion converted(const std::string& column, const std::string& from, const std::string& to,
                     const Model& old_model, const Model& new_model) {
    const std::string old_base = without_modifier(from);
    const std::string new_base = without_modifier(to);
    if (old_base == new_base) {
        const bool wide = widens(element(old_base), modifiers(from), modifiers(to));
        return {"", !wide, !wide};
    }
    const std::string explicitly = fmt::format("{}::{}", column, to);
    const std::string by_text = fmt::format("{}::text{}::{}", column, is_array(from) ? "[]" : "", to);
    if (is_array(old_base) != is_array(new_base)) {
        if (is_array(new_base) && !is_array(old_base)) {
            const Conversion one = converted(column, from, element(to), old_model, new_model);
            return {fmt::format("ARRAY[{}]::{}", one.expression.empty() ? column : one.expression, to), true,
                    true};
        }
        return is_text(new_base) ? Conversion{"", true, false}
                                 : Conversion{by_text.substr(0, by_text.find("[]")) + "::" + to, true, true};
    }
    const std::string source = below_domains(element(old_base), old_model);
    const std::string destination = element(new_base);
    const bool to_domain = below_domains(destination, new_model) != destination;
    const std::string destination_below = below_domains(destination, new_model);
    if (source == destination_below)
        return {"", to_domain, to_domain};
    const auto cast = std::find_if(new_model.casts.begin(), new_model.casts.end(), [&](const Cast& each) {
        return each.from == source && each.to == destination_below;
    });
    const std::vector<int> limits = modifiers(to);
    if (cast != new_model.casts.end()) {
        // An explicit cast to character varying(n) would cut values off without a word, the assignment
        // refuses.
        const bool limited = !limits.empty();
        return {cast->assignment ? "" : explicitly, !cast->binary || limited || to_domain,
                !cast->assignment || limited || to_domain || overflows(source, destination_below)};
    }
    if (is_text(destination_below))
        return {"", true, !limits.empty()};
    if (is_text(source))
        return {explicitly, true, true};
    return {by_text, true, true, true};
}

} // namespace

Conversion conversion(const std::string& column, const std::string& from, const std::string& to,
                      const Model& old_model, const Model& new_model) {
    Conversion how = converted(column, from, to, old_model, new_model);
    if (is_array(from) == is_array(to))
        how.loss =
            silent_loss(below_domains(element(from), old_model), below_domains(element(to), new_model));
    return how;
}

bool is_followed_by_another(const Key& column, const Key& type, const Inventory& to) {
    for (const Kind kind : {Kind::enumeration, Kind::domain, Kind::composite, Kind::range})
        if (const Key other{kind, type.schema, type.name, ""}; to.has(other) && to.depends(column, other))
            return true;
    return false;
}

} // namespace dibs::schema
