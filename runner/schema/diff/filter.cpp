#include "schema/diff/filter.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fnmatch.h>

#include "report/failure.hpp"
#include "report/suggestion.hpp"

namespace dibs::schema {
namespace {

using report::ExitCode;
using report::Failure;

/// "materialized_view"
std::string pattern_word(Kind kind) {
    std::string text(word(kind));
    std::replace(text.begin(), text.end(), ' ', '_');
    return text;
}

std::vector<std::string> pattern_words() {
    std::vector<std::string> words;
    for (int i = 0; i <= static_cast<int>(Kind::other); ++i) {
        const Kind kind = static_cast<Kind>(i);
        const std::string word = pattern_word(kind);
        if (kind != Kind::default_value && std::find(words.begin(), words.end(), word) == words.end())
            words.push_back(word); // a domain's constraint is one as well
    }
    return words;
}

std::vector<std::string> names_of(const Key& key) {
    std::vector<std::string> names{key.schema, key.name, is_routine(key.kind) ? "" : key.part};
    std::erase(names, "");
    return names;
}

Key schema_of(const Key& key) {
    return {Kind::schema, "", key.schema, ""};
}

/// What an object belongs to, besides its schema.
std::vector<Key> owners(const Key& key, const Inventory& model) {
    std::vector<Key> owners;
    if (const std::optional<Key> container = model.container(key))
        owners.push_back(*container);
    if (const Column* column = model.find<Column>(key))
        if (const std::optional<Key> parent = model.inherited_from(*column))
            owners.push_back(*parent);
    if (const Sequence* sequence = model.find<Sequence>(key); sequence != nullptr && sequence->owner)
        owners.push_back(*sequence->owner);
    if (const Table* table = model.find<Table>(key); table != nullptr && table->is_partition())
        owners.push_back(table->parents.front());
    return owners;
}

bool speaks_for(const std::set<Key>& matched, const Key& key, const Inventory& model) {
    if (matched.contains(key) || (!key.schema.empty() && matched.contains(schema_of(key))))
        return true;
    const std::vector<Key> above = owners(key, model);
    return std::any_of(above.begin(), above.end(),
                       [&](const Key& owner) { return speaks_for(matched, owner, model); });
}

std::set<Key> matched(const std::vector<Pattern>& patterns, const Inventory& model) {
    std::set<Key> keys;
    for (const auto& each : model.objects())
        if (std::any_of(patterns.begin(), patterns.end(),
                        [&](const Pattern& pattern) { return pattern.matches(each.first); }))
            keys.insert(each.first);
    return keys;
}

class LeavingOut {
  public:
    LeavingOut(const Filter& filter, const Model& current, Model& wanted)
        : current_(current), wanted_(wanted), declared_(wanted), now_(current), then_(declared_),
          left_out_(left_out(filter, now_)) {
        left_out_.merge(left_out(filter, then_));
        make_schemas_that_are_needed();
    }

    std::vector<std::string> run() {
        replace_all();
        unmet();
        return {lines_.begin(), lines_.end()};
    }

  private:
    /// A schema of which only a part is included has to be there all the same.
    void make_schemas_that_are_needed() {
        for (const auto& [key, object] : then_.objects())
            if (!left_out_.contains(key) && !key.schema.empty() && !now_.has(schema_of(key)))
                left_out_.erase(schema_of(key));
    }

    template <class T>
    void replace(std::vector<T>& wanted, const std::vector<T>& current) {
        std::erase_if(wanted, [&](const T& each) { return left_out_.contains(each.key); });
        for (const T& each : current)
            if (left_out_.contains(each.key))
                wanted.push_back(each);
        std::sort(wanted.begin(), wanted.end(), [](const T& a, const T& b) { return a.key < b.key; });
    }

    void replace_all() {
        replace(wanted_.schemas, current_.schemas);
        replace(wanted_.extensions, current_.extensions);
        replace(wanted_.made, current_.made);
        replace(wanted_.enumerations, current_.enumerations);
        replace(wanted_.domains, current_.domains);
        replace(wanted_.domain_constraints, current_.domain_constraints);
        replace(wanted_.composites, current_.composites);
        replace(wanted_.sequences, current_.sequences);
        replace(wanted_.functions, current_.functions);
        replace(wanted_.tables, current_.tables);
        for (Table& table : wanted_.tables)
            replace_columns(table);
        replace(wanted_.constraints, current_.constraints);
        replace(wanted_.indexes, current_.indexes);
        replace(wanted_.views, current_.views);
        replace(wanted_.rules, current_.rules);
        replace(wanted_.triggers, current_.triggers);
        replace(wanted_.policies, current_.policies);
        replace(wanted_.left_alone, current_.left_alone);
        std::erase_if(wanted_.dependencies,
                      [&](const Dependency& each) { return left_out_.contains(each.dependent); });
        for (const Dependency& each : current_.dependencies)
            if (left_out_.contains(each.dependent))
                wanted_.dependencies.push_back(each);
    }

    /// A table may be compared without all of its columns, and a column without its table.
    void replace_columns(Table& table) {
        std::vector<Column> columns;
        if (const Table* then = then_.find<Table>(table.key))
            for (const Column& column : then->columns)
                if (!left_out_.contains(column.key))
                    columns.push_back(column);
        if (const Table* now = now_.find<Table>(table.key))
            for (const Column& column : now->columns)
                if (left_out_.contains(column.key))
                    columns.push_back(column);
        table.columns = std::move(columns);
    }

    void unmet() {
        const Inventory result(wanted_);
        for (const auto& [dependent, on] : then_.dependencies())
            if (!left_out_.contains(dependent) && result.has(dependent) && !result.has(on))
                lines_.insert(fmt::format("{} needs {}, which dibs.yaml leaves out (diff:)",
                                          described(dependent), described(missing(on, then_, result))));
        for (const auto& [dependent, on] : now_.dependencies())
            if (left_out_.contains(dependent) && !result.has(on))
                lines_.insert(fmt::format("{}, which dibs.yaml leaves out (diff:), needs {}, which is to go",
                                          described(dependent), described(missing(on, now_, result))));
    }

    /// A column that is missing with its table is not worth a line of its own.
    static Key missing(Key key, const Inventory& side, const Inventory& result) {
        for (std::optional<Key> outer = side.container(key); outer && !result.has(*outer);
             outer = side.container(key))
            key = *outer;
        return key;
    }

    const Model& current_;
    Model& wanted_;
    Model declared_; ///< as `wanted` was
    Inventory now_;
    Inventory then_;
    std::set<Key> left_out_;
    std::set<std::string> lines_;
};

} // namespace

Pattern Pattern::parse(std::string_view text, std::string_view origin) {
    constexpr std::size_t most_names = 3; // schema, table, column
    const std::size_t colon = text.find(':');
    Pattern pattern{std::string(text), std::string(origin), std::string(text.substr(0, colon)), {}};
    const std::vector<std::string> kinds = pattern_words();
    if (colon == std::string_view::npos || colon + 1 == text.size())
        throw Failure(ExitCode::usage, fmt::format("{}: \"{}\" is no pattern", origin, text),
                      "Write the kind and the name: \"table:audit_*\".");
    if (std::find(kinds.begin(), kinds.end(), pattern.kind) == kinds.end()) {
        const std::string near = report::did_you_mean(pattern.kind, kinds);
        throw Failure(ExitCode::usage,
                      fmt::format("{}: there is no kind \"{}\" of objects", origin, pattern.kind),
                      near.empty() ? fmt::format("There are: {}.", fmt::join(kinds, ", ")) : near);
    }
    for (std::string_view rest = text.substr(colon + 1);;) {
        const std::size_t dot = rest.find('.');
        pattern.names.emplace_back(rest.substr(0, dot));
        if (dot == std::string_view::npos)
            break;
        rest.remove_prefix(dot + 1);
    }
    if (pattern.names.size() > most_names)
        throw Failure(ExitCode::usage, fmt::format("{}: \"{}\" has too many names", origin, text),
                      "An object has three at most: schema, table, column. A dot in a name is a ? here.");
    return pattern;
}

bool Pattern::matches(const Key& key) const {
    if (kind != pattern_word(key.kind))
        return false;
    const std::vector<std::string> own = names_of(key);
    return names.size() <= own.size() &&
           std::equal(names.rbegin(), names.rend(), own.rbegin(),
                      [](const std::string& pattern, const std::string& name) {
                          return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
                      });
}

std::set<Key> left_out(const Filter& filter, const Inventory& model) {
    if (filter.empty())
        return {};
    const std::set<Key> included = matched(filter.include, model);
    const std::set<Key> excluded = matched(filter.exclude, model);
    std::set<Key> keys;
    for (const auto& [key, object] : model.objects())
        if ((!filter.include.empty() && !speaks_for(included, key, model)) ||
            speaks_for(excluded, key, model))
            keys.insert(key);
    return keys;
}

std::vector<std::string> leave_out(const Filter& filter, const Model& current, Model& wanted) {
    return filter.empty() ? std::vector<std::string>() : LeavingOut(filter, current, wanted).run();
}

void take_out(const std::set<Key>& tables, Model& model) {
    std::set<Key> gone;
    {
        const Inventory inventory(model);
        for (const auto& [key, object] : inventory.objects())
            if (speaks_for(tables, key, inventory))
                gone.insert(key);
    }
    const auto is_gone = [&](const auto& object) { return gone.contains(object.key); };
    std::erase_if(model.tables, is_gone);
    std::erase_if(model.sequences, is_gone);
    std::erase_if(model.constraints, is_gone);
    std::erase_if(model.indexes, is_gone);
    std::erase_if(model.rules, is_gone);
    std::erase_if(model.triggers, is_gone);
    std::erase_if(model.policies, is_gone);
    std::erase_if(model.dependencies, [&](const Dependency& each) {
        return gone.contains(each.dependent) || gone.contains(each.on);
    });
}

std::vector<Pattern> unmatched(const Filter& filter, const Model& current, const Model& wanted) {
    if (filter.empty())
        return {};
    const Inventory now(current);
    const Inventory then(wanted);
    const auto matches_in = [](const Pattern& pattern, const Inventory& model) {
        return std::any_of(model.objects().begin(), model.objects().end(),
                           [&](const auto& each) { return pattern.matches(each.first); });
    };
    std::vector<Pattern> result;
    for (const std::vector<Pattern>* patterns : {&filter.include, &filter.exclude})
        for (const Pattern& pattern : *patterns)
            if (!matches_in(pattern, now) && !matches_in(pattern, then))
                result.push_back(pattern);
    return result;
}

} // namespace dibs::schema
