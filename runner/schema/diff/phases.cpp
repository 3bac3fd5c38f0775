#include "schema/diff/phases.hpp"

#include <algorithm>
#include <map>

namespace dibs::schema {
namespace {

using Way = Piece::Way;

Piece whole(const Statement& statement) {
    return {statement.alone ? Way::alone : Way::transaction, statement.sql, statement.loss};
}

std::vector<Piece> pieces_of(const Statement& statement) {
    if (statement.online.empty())
        return {whole(statement)};
    std::vector<Piece> pieces = statement.online;
    pieces.front().loss = statement.loss;
    return pieces;
}

/// Phases come round by round: what must be committed before its use, what shares a transaction, the rest.
constexpr std::size_t kinds = 3;

std::size_t kind(Way way) {
    return way == Way::alone ? 0 : way == Way::transaction ? 1 : 2;
}

/// The first phase for this way that is not before `earliest`.
std::size_t phase_for(Way way, std::size_t earliest) {
    std::size_t phase = earliest / kinds * kinds + kind(way);
    return phase < earliest ? phase + kinds : phase;
}

bool makes_function(const Piece& piece) {
    return piece.sql.starts_with("CREATE") && (piece.sql.find("FUNCTION") != std::string::npos ||
                                               piece.sql.find("PROCEDURE") != std::string::npos);
}

/// As SET, but for this transaction only.
Piece leave_bodies_unchecked() {
    return {Way::transaction, "SET LOCAL check_function_bodies = off"};
}

bool bodies_are_unchecked(const Plan& plan) {
    return !plan.statements.empty() && plan.statements.front().sql == unchecked_bodies;
}

} // namespace

std::vector<Phase> phases(const Plan& plan, Ordering ordering) {
    const bool unchecked = bodies_are_unchecked(plan);
    std::map<std::size_t, Phase> by_place;
    std::vector<std::size_t> done(plan.statements.size());
    std::size_t last = 0;
    for (std::size_t i = unchecked ? 1 : 0; i < plan.statements.size(); ++i) {
        std::size_t earliest = ordering == Ordering::as_listed ? last : 0;
        for (const std::size_t needed : plan.needs[i])
            earliest = std::max(earliest, done[needed]);
        done[i] = earliest;
        for (Piece& piece : pieces_of(plan.statements[i])) {
            earliest = phase_for(piece.way, earliest);
            if (piece.awaited)
                done[i] = earliest;
            Phase& phase = by_place[earliest];
            phase.transaction = kind(piece.way) != kind(Way::outside);
            phase.pieces.push_back(std::move(piece));
        }
        last = std::max(last, earliest);
    }
    std::vector<Phase> result;
    for (auto& [place, phase] : by_place) {
        if (unchecked && phase.transaction &&
            std::any_of(phase.pieces.begin(), phase.pieces.end(), makes_function))
            phase.pieces.insert(phase.pieces.begin(), leave_bodies_unchecked());
        result.push_back(std::move(phase));
    }
    return result;
}

} // namespace dibs::schema
