#include "schema/diff/respell.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "schema/sql/scan.hpp"

namespace dibs::schema {
namespace {

struct ArrayCast {
    std::vector<std::string> elements;
    std::string type; ///< of an element
    std::size_t end = 0;
};

/// "(ARRAY[...])::type[]" at `at`.
std::optional<ArrayCast> array_cast(std::string_view sql, std::size_t at) {
    static constexpr std::string_view begins = "(ARRAY[";
    static constexpr std::string_view closes = "])::";
    if (!sql.substr(at).starts_with(begins))
        return std::nullopt;
    const std::size_t close = closing_parenthesis(sql, at);
    if (close == std::string_view::npos || !sql.substr(close - 1).starts_with(closes))
        return std::nullopt;
    const std::size_t first = at + begins.size();
    const std::string_view inside = sql.substr(first, close - 1 - first);
    if (bracket_ends(inside))
        return std::nullopt;
    const std::size_t type = close - 1 + closes.size();
    const std::size_t type_end = find_outside_quotes(sql, '[', type);
    if (type_end == std::string_view::npos || !sql.substr(type_end).starts_with("[]") ||
        find_outside_quotes(sql.substr(type, type_end - type), ':') != std::string_view::npos)
        return std::nullopt;
    return ArrayCast{list_elements(inside), std::string(sql.substr(type, type_end - type)), type_end + 2};
}

/// As read_again(), of a statistics object, which is printed without the parentheses: each element of
/// `ARRAY['a'::character varying]::text[]` gets the cast.
std::string read_again_without_parentheses(std::string_view sql) {
    static constexpr std::string_view begins = "ARRAY[";
    static constexpr std::string_view closes = "]::";
    std::string text;
    std::size_t from = 0;
    for (std::size_t at = 0; (at = find_outside_quotes(sql, '[', from)) != std::string_view::npos;) {
        const std::size_t first = at + 1;
        text += sql.substr(from, first - from);
        from = first;
        const std::size_t close = find_outside_quotes(sql, ']', first);
        if (!text.ends_with(begins) || close == std::string_view::npos ||
            !sql.substr(close).starts_with(closes))
            continue;
        const std::size_t type = close + closes.size();
        const std::size_t type_end = find_outside_quotes(sql, '[', type);
        const std::string_view inside = sql.substr(first, close - first);
        if (type_end == std::string_view::npos || !sql.substr(type_end).starts_with("[]") ||
            sql.substr(type, type_end - type).find_first_of(",():") != std::string_view::npos ||
            find_outside_quotes(inside, '[') != std::string_view::npos)
            continue;
        std::vector<std::string> elements = list_elements(inside);
        for (std::string& element : elements)
            element += fmt::format("::{}", sql.substr(type, type_end - type));
        text += fmt::format("{}]", fmt::join(elements, ", "));
        from = type_end + 2;
    }
    return text += sql.substr(from);
}

/// Gives `now` the text of `then` where both come to the same.
void adopt(std::string& now, const std::string& then) {
    if (now != then && read_again(now) == read_again(then))
        now = then;
}

/// Letters and digits, without casts and the names that columns of a query get.
std::string letters(std::string_view sql) {
    const auto is_of_a_type = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ' ';
    };
    std::string text;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql.substr(i).starts_with(" AS ")) {
            i += 3;
            while (i + 1 < sql.size() && std::string_view(" ,)\n").find(sql[i + 1]) == std::string_view::npos)
                ++i;
        } else if (sql.substr(i).starts_with("::")) {
            ++i;
            while (i + 1 < sql.size() && is_of_a_type(sql[i + 1]) && !sql.substr(i + 1).starts_with(" AS "))
                ++i;
        } else if (std::isalnum(static_cast<unsigned char>(sql[i])) != 0) {
            text += sql[i];
        }
    }
    return text;
}

/// What both lists have.
template <class Now, class Then, class F>
void for_each_in_both(Now& current, const Then& wanted, F visit) {
    auto then = wanted.begin();
    for (auto& now : current) {
        while (then != wanted.end() && then->key < now.key)
            ++then;
        if (then != wanted.end() && then->key == now.key)
            visit(now, *then);
    }
}

/// The texts of what both models have.
template <class M, class F>
void for_each_pair(M& current, const Model& wanted, F visit) {
    const auto definitions = [&](auto& now, const auto& then) { visit(now.definition, then.definition); };
    for_each_in_both(current.constraints, wanted.constraints, definitions);
    for_each_in_both(current.domain_constraints, wanted.domain_constraints, definitions);
    for_each_in_both(current.indexes, wanted.indexes, definitions);
    for_each_in_both(current.tables, wanted.tables, [&](auto& table, const Table& wanted_table) {
        for (auto& now : table.columns) {
            if (!now.expression)
                continue;
            const auto then = std::find_if(wanted_table.columns.begin(), wanted_table.columns.end(),
                                           [&](const Column& each) { return each.key == now.key; });
            if (then != wanted_table.columns.end() && then->expression)
                visit(*now.expression, *then->expression);
        }
    });
    for_each_in_both(current.policies, wanted.policies, [&](auto& now, const Policy& then) {
        visit(now.using_expression, then.using_expression);
        visit(now.check_expression, then.check_expression);
    });
    for_each_in_both(current.views, wanted.views, definitions);
}

} // namespace

std::string read_again(std::string_view expression) {
    std::string text;
    std::size_t from = 0;
    for (std::size_t at = 0; (at = find_outside_quotes(expression, '(', from)) != std::string_view::npos;) {
        text += expression.substr(from, at - from);
        if (const std::optional<ArrayCast> cast = array_cast(expression, at)) {
            std::string elements;
            for (const std::string& element : cast->elements)
                elements +=
                    fmt::format("{}({})::{}", elements.empty() ? "" : ", ", read_again(element), cast->type);
            text += fmt::format("ARRAY[{}]", elements);
            from = cast->end;
        } else {
            text += '(';
            from = at + 1;
        }
    }
    return text += expression.substr(from);
}

std::string as_printed_again(std::string_view sql) {
    static constexpr std::string_view implied = "::character varying";
    std::string text;
    std::size_t from = 0;
    for (std::size_t at = 0; (at = find_outside_quotes(sql, '(', from)) != std::string_view::npos;) {
        text += sql.substr(from, at - from);
        from = at + 1;
        const std::optional<ArrayCast> cast =
            text.ends_with("ANY (") || text.ends_with("ALL (") ? array_cast(sql, at) : std::nullopt;
        if (cast && cast->type == "text" &&
            std::all_of(cast->elements.begin(), cast->elements.end(),
                        [](const std::string& element) { return element.ends_with(implied); })) {
            text += fmt::format("ARRAY[{}]", fmt::join(cast->elements, ", "));
            from = cast->end;
        } else {
            text += '(';
        }
    }
    return text += sql.substr(from);
}

void respell(Model& current, const Model& wanted) {
    for_each_pair(current, wanted, adopt);
    for_each_in_both(current.made, wanted.made, [](Made& now, const Made& then) {
        if (read_again_without_parentheses(now.definition) == read_again_without_parentheses(then.definition))
            now.definition = then.definition;
    });
}

bool may_read_alike(const Model& current, const Model& wanted) {
    bool any = false;
    for_each_pair(current, wanted, [&](const std::string& now, const std::string& then) {
        any = any || (now != then && letters(now) == letters(then));
    });
    return any;
}

} // namespace dibs::schema
