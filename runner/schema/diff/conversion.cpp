#include "schema/diff/conversion.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
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

} // namespace

std::string without_modifier(const std::string& type) {
    const std::size_t open = type.find('(');
    // A quoted name may have one of its own.
    if (open == std::string::npos || type.find('"') < open)
        return type;
    const std::size_t close = type.find(')', open);
    return type.substr(0, open) + (close == std::string::npos ? "" : type.substr(close + 1));
}

Conversion conversion(const std::string& column, const std::string& from, const std::string& to,
                      const Model& model) {
    const std::string old_base = without_modifier(from);
    const std::string new_base = without_modifier(to);
    if (old_base == new_base) {
        const bool wide = widens(element(old_base), modifiers(from), modifiers(to));
        return {"", !wide, !wide};
    }
    const std::string explicitly = fmt::format("{}::{}", column, to);
    const std::string by_text = fmt::format("{}::text{}::{}", column, is_array(from) ? "[]" : "", to);
    if (is_array(old_base) != is_array(new_base)) {
        if (is_array(new_base) && !is_array(old_base))
            return {fmt::format("ARRAY[{}]::{}", column, to), true, true};
        return is_text(new_base) ? Conversion{"", true, false}
                                 : Conversion{by_text.substr(0, by_text.find("[]")) + "::" + to, true, true};
    }
    const std::string source = below_domains(element(old_base), model);
    const std::string destination = element(new_base);
    const bool to_domain = below_domains(destination, model) != destination;
    const std::string destination_below = below_domains(destination, model);
    if (source == destination_below)
        return {"", to_domain, to_domain};
    const auto cast = std::find_if(model.casts.begin(), model.casts.end(), [&](const Cast& each) {
        return each.from == source && each.to == destination_below;
    });
    const std::vector<int> limits = modifiers(to);
    if (cast != model.casts.end()) {
        // An explicit cast to character varying(n) would cut values off without a word, the assignment
        // refuses.
        const bool limited = !limits.empty();
        return {cast->assignment ? "" : explicitly, !cast->binary || limited || to_domain,
                !cast->assignment || limited || to_domain};
    }
    if (is_text(destination_below))
        return {"", true, !limits.empty()};
    if (is_text(source))
        return {explicitly, true, true};
    return {by_text, true, true};
}

} // namespace dibs::schema
