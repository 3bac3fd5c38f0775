#include "schema/diff/index_parts.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace dibs::schema {
namespace {

/// What two indexes have in common that are like each other: neither the order of values nor parameters
/// count.
std::string likeness(bool unique, std::string text) {
    text.erase(0, text.find('('));
    for (const std::string_view word : {" DESC", " NULLS FIRST", " NULLS LAST", " NULLS NOT DISTINCT"})
        for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;)
            text.erase(at, word.size());
    if (const std::size_t parameters = text.find(" WITH ("); parameters != std::string::npos)
        text.erase(parameters, text.find(')', parameters) + 1 - parameters);
    return (unique ? "unique " : "") + text;
}

std::string likeness(const Index& index) {
    return likeness(index.unique, index.definition);
}

std::string likeness(const Constraint& constraint) {
    return likeness(true, constraint.definition);
}

bool is_key(const Constraint& constraint) {
    return constraint.type == Constraint::Type::primary_key || constraint.type == Constraint::Type::unique;
}

/// Whether it is taken from its whole, to be put back.
bool lets_go(const Alteration& alteration) {
    return std::any_of(alteration.parts.begin(), alteration.parts.end(),
                       [](const Part& part) { return part.role == Role::release; });
}

} // namespace

std::vector<Key> own_like_parts(const Table& partition, const Inventory& in) {
    if (!partition.is_partition())
        return {};
    std::set<std::string> indexes;
    for (const Index* whole : in.indexes(partition.parents.front()))
        indexes.insert(likeness(*whole));
    std::set<std::string> all = indexes;
    for (const Constraint* whole : in.constraints(partition.parents.front()))
        if (is_key(*whole))
            all.insert(likeness(*whole));
    std::vector<Key> found;
    for (const Constraint* own : in.constraints(partition.key))
        if (is_key(*own) && !own->whole && all.contains(likeness(*own)))
            found.push_back(own->key);
    for (const Index* own : in.indexes(partition.key)) // which is never a constraint's part
        if (!own->whole && indexes.contains(likeness(*own)))
            found.push_back(own->key);
    return found;
}

std::vector<Key> in_the_way_of_parts(const Verdicts& verdicts, const Context& context) {
    std::vector<Key> found;
    for (const auto& [key, alteration] : verdicts.alterations)
        if (const Table* table = context.to.find<Table>(key); table != nullptr &&
                                                              verdicts.is(key, Verdict::alter) &&
                                                              (!context.follows(key) || lets_go(alteration)))
            for (Key& own : own_like_parts(*table, context.to))
                found.push_back(std::move(own));
    return found;
}

} // namespace dibs::schema
