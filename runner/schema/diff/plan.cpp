#include "schema/diff/plan.hpp"

#include <algorithm>
#include <cctype>
#include <future>
#include <string_view>

#include "schema/diff/changes.hpp"
#include "schema/diff/compare.hpp"
#include "schema/diff/inventory.hpp"
#include "schema/diff/respell.hpp"
#include "schema/diff/steps.hpp"
#include "schema/diff/verdicts.hpp"

namespace dibs::schema {
namespace {

bool declares_variables(const Function& function) {
    constexpr std::string_view word = "declare";
    const std::string& text = function.definition;
    return std::search(text.begin(), text.end(), word.begin(), word.end(), [](char of_it, char wanted) {
               return std::tolower(static_cast<unsigned char>(of_it)) == wanted;
           }) != text.end();
}

/// A body in SQL is checked when the function is made, and may name what is made after it. Of one in
/// PL/pgSQL the types of variables are: those of a table's rows and columns among them.
bool needs_bodies_unchecked(const Verdicts& verdicts, const Inventory& to) {
    const bool functions_only =
        std::ranges::all_of(verdicts.of, [](const auto& each) { return is_routine(each.first.kind); });
    for (const auto& [key, verdict] : verdicts.of) {
        const Function* function = to.find<Function>(key);
        if (function == nullptr || verdict == Verdict::drop)
            continue;
        const auto is_in = [&](std::string_view language) {
            return function->definition.find(language) != std::string::npos;
        };
        if (is_in("LANGUAGE sql") ||
            (!functions_only && is_in("LANGUAGE plpgsql") && declares_variables(*function)))
            return true;
    }
    return false;
}

void print_again(Statement& statement) {
    if (is_routine(statement.object.kind))
        return; // its body is in dollar quotes
    statement.sql = as_printed_again(statement.sql);
    for (Piece& piece : statement.online) {
        piece.sql = as_printed_again(piece.sql);
        piece.definition = as_printed_again(piece.definition);
    }
}

} // namespace

std::string_view word(Hazard::Type type) {
    switch (type) {
    case Hazard::Type::data_loss:
        return "data loss";
    case Hazard::Type::rewrite:
        return "rewrite";
    case Hazard::Type::long_lock:
        return "long lock";
    case Hazard::Type::may_fail:
        return "may fail";
    case Hazard::Type::fails:
        return "fails";
    }
    return "";
}

Plan plan(const Model& from, const Model& to) {
    std::future<Inventory> other = std::async(std::launch::async, [&] { return Inventory(to); });
    const Inventory old_objects(from);
    const Inventory new_objects = other.get();
    const Context context{from, to, old_objects, new_objects};
    const Verdicts verdicts = decide(context);
    std::future<std::vector<Change>> told =
        std::async(std::launch::async, [&] { return changes(context, verdicts); });
    Plan plan;
    plan.unsupported = verdicts.unsupported;
    if (!verdicts.of.empty() && plan.unsupported.empty()) {
        Ordered ordered = Steps(context, verdicts).ordered();
        if (!ordered.circle.empty())
            plan.unsupported.push_back("these depend on each other in a circle: " + ordered.circle);
        else if (needs_bodies_unchecked(verdicts, new_objects)) {
            plan.statements.emplace_back(std::string(unchecked_bodies));
            plan.needs.emplace_back();
        }
        const std::size_t shift = plan.statements.size();
        for (std::vector<std::size_t>& needed : ordered.needs) {
            for (std::size_t& statement : needed)
                statement += shift;
            plan.needs.push_back(std::move(needed));
        }
        for (Statement& statement : ordered.statements) {
            print_again(statement);
            plan.statements.push_back(std::move(statement));
        }
    }
    plan.changes = told.get();
    return plan;
}

} // namespace dibs::schema
