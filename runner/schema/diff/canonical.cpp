#include "schema/diff/canonical.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "schema/diff/inventory.hpp"
#include "schema/diff/plan.hpp"

namespace dibs::schema {
namespace {

bool is_of_a_type(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '"' || c == ' ';
}

/// Without casts, parentheses and blanks.
std::string bare(std::string_view line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line.substr(i).starts_with("::")) {
            for (i += 2; i < line.size() && is_of_a_type(line[i]);)
                ++i;
            --i;
        } else if (std::string_view("()[] \t,").find(line[i]) == std::string_view::npos) {
            text += line[i];
        }
    }
    return text;
}

bool counts(const Statement& statement, const Inventory& model, const std::set<Key>& without) {
    static constexpr std::array<std::string_view, 5> apart{"COMMENT ", "GRANT ", "REVOKE ",
                                                           "CREATE EXTENSION ", "ALTER EXTENSION "};
    const std::string_view sql = statement.sql;
    if (std::any_of(apart.begin(), apart.end(), [&](std::string_view each) { return sql.starts_with(each); }))
        return false;
    if (without.contains(statement.object))
        return false;
    const Table* table = model.find<Table>(table_of(statement.object));
    return table == nullptr || !table->is_partition();
}

} // namespace

std::string canonical_text(const Model& model, const std::set<Key>& without) {
    const Inventory inventory(model);
    std::vector<std::string> statements;
    Model nothing;
    nothing.left_alone = model.left_alone; // a plan that is to make those has no statements
    for (const Statement& statement : plan(nothing, model).statements) {
        if (!counts(statement, inventory, without))
            continue;
        std::vector<std::string> lines;
        for (std::string_view rest = statement.sql; !rest.empty();) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            lines.push_back(bare(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        std::sort(lines.begin(), lines.end());
        statements.push_back(fmt::format("{}", fmt::join(lines, "\n")));
    }
    std::sort(statements.begin(), statements.end());
    return fmt::format("{}", fmt::join(statements, ";\n"));
}

} // namespace dibs::schema
