#include "schema/read/assembly.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <unordered_set>

namespace dibs::schema {
namespace {

std::string storage_word(char letter) {
    switch (letter) {
    case 'p':
        return "PLAIN";
    case 'e':
        return "EXTERNAL";
    case 'm':
        return "MAIN";
    case 'x':
        return "EXTENDED";
    default:
        return {};
    }
}

std::string compression_word(char letter) {
    return letter == 'p' ? "pglz" : letter == 'l' ? "lz4" : "";
}

Counting counting_of(const Row& row) {
    Counting counting;
    counting.type = row.text(1);
    counting.start = row.number(2);
    counting.increment = row.number(3);
    const std::int64_t minimum = row.number(4);
    const std::int64_t maximum = row.number(5);
    std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    if (counting.type == "smallint") {
        lowest = std::numeric_limits<std::int16_t>::min();
        highest = std::numeric_limits<std::int16_t>::max();
    } else if (counting.type == "integer") {
        lowest = std::numeric_limits<std::int32_t>::min();
        highest = std::numeric_limits<std::int32_t>::max();
    }
    if (counting.increment > 0)
        lowest = 1;
    else
        highest = -1;
    if (minimum != lowest)
        counting.minimum = minimum;
    if (maximum != highest)
        counting.maximum = maximum;
    counting.cache = row.number(6);
    counting.cycle = row.flag(7);
    return counting;
}

} // namespace

void Assembly::read_schemas_and_extensions() {
    std::set<std::string> untouched;
    each(Catalog::schemas, [&](const Row& row) {
        schemas_.emplace(row.oid(0), row.text(1));
        if (row.flag(2))
            untouched.insert(row.text(1));
    });
    each(Catalog::members, [&](const Row& row) {
        members_.emplace(Address{row.oid(0), row.oid(1)}, row.oid(2));
    });
    for (const auto& [oid, name] : schemas_) {
        const Key key{Kind::schema, "", name, ""};
        know(catalog::schema, oid, key);
        if (!member(catalog::schema, oid))
            model_.schemas.push_back({key, {}, untouched.contains(name)});
    }
    each(Catalog::extensions, [&](const Row& row) {
        const Key key{Kind::extension, "", row.text(1), ""};
        know(catalog::extension, row.oid(0), key);
        model_.extensions.push_back({key, {}, row.text(2), row.text(3)});
    });
    for (const auto& [address, extension] : members_) {
        const auto key = keys_.find({catalog::extension, extension});
        if (key != keys_.end())
            keys_.insert_or_assign(address, key->second);
    }
}

void Assembly::read_types() {
    std::unordered_map<Oid, std::vector<std::string>> labels;
    each(Catalog::labels, [&](const Row& row) { labels[row.oid(0)].push_back(row.text(1)); });
    each(Catalog::types, [&](const Row& row) {
        const std::string* in = schema(row.oid(1));
        const Oid oid = row.oid(0);
        if (in == nullptr || member(catalog::type, oid))
            return;
        const char type = row.letter(3);
        const Kind kind = type == 'e' ? Kind::enumeration : type == 'd' ? Kind::domain : Kind::composite;
        const Key key{kind, *in, row.text(2), ""};
        know(catalog::type, oid, key);
        if (kind == Kind::enumeration) {
            model_.enumerations.push_back({key, {}, std::move(labels[oid])});
        } else if (kind == Kind::domain) {
            Domain domain{key, {}, row.text(4), row.text(7), row.flag(5), std::nullopt};
            if (!row.null(6))
                domain.default_value = row.text(6);
            model_.domains.push_back(std::move(domain));
        } else {
            composites_.emplace(row.oid(8), model_.composites.size());
            know(catalog::relation, row.oid(8), key);
            model_.composites.push_back({key, {}, {}});
        }
    });
    each(Catalog::made, [&](const Row& row) {
        const std::string* in = schema(row.oid(3));
        if (in == nullptr || member(row.oid(0), row.oid(1)))
            return;
        const char type = row.letter(2);
        const Key key{type == 'c'   ? Kind::collation
                      : type == 'r' ? Kind::range
                                    : Kind::statistics,
                      *in, row.text(4), ""};
        know(row.oid(0), row.oid(1), key);
        model_.made.push_back({key, {}, row.text(5), static_cast<int>(row.number(6))});
    });
}

void Assembly::read_relations() {
    each(Catalog::relations, [&](const Row& row) {
        const Oid oid = row.oid(0);
        const std::string* in = schema(row.oid(1));
        const char type = row.letter(3);
        if (in == nullptr || member(catalog::relation, oid) || type == 'c')
            return;
        const std::string_view name = row.view(2);
        if (excluded(name))
            return;
        const Kind kind = type == 'v'   ? Kind::view
                          : type == 'm' ? Kind::materialized_view
                          : type == 'S' ? Kind::sequence
                                        : Kind::table;
        const Key key{kind, *in, std::string(name), ""};
        relations_.emplace(oid, Relation{key, {}});
        if (kind == Kind::sequence)
            return; // it may be an identity's
        know(catalog::relation, oid, key);
        Options options = row.list(5);
        for (const std::string& option : row.list(6))
            options.push_back("toast." + option);
        const Size size{row.number(10), row.number(11)};
        if (kind == Kind::table) {
            Table table;
            table.key = key;
            table.unlogged = row.letter(4) == 'u';
            table.row_security = row.flag(7);
            table.force_row_security = row.flag(8);
            table.replica_identity = row.letter(9);
            table.access_method = row.text(16);
            table.options = std::move(options);
            table.partitioned_by = row.text(13);
            table.bounds = row.text(12);
            table.of_type = row.text(17);
            table.size = size;
            tables_.emplace(oid, model_.tables.size());
            model_.tables.push_back(std::move(table));
        } else {
            View view;
            view.key = key;
            view.definition = row.text(14);
            view.options = std::move(options);
            view.populated = row.flag(15);
            view.access_method = row.text(16);
            view.size = size;
            views_.emplace(oid, model_.views.size());
            model_.views.push_back(std::move(view));
        }
    });
}

void Assembly::read_sequences() {
    std::unordered_map<Oid, std::pair<Oid, std::int64_t>> owners;
    std::unordered_set<Oid> unlogged;
    each(Catalog::relations, [&](const Row& row) {
        if (row.letter(3) == 'S' && row.letter(4) == 'u')
            unlogged.insert(row.oid(0));
    });
    each(Catalog::sequences, [&](const Row& row) {
        const Relation* found = relation(row.oid(0));
        if (found == nullptr)
            return;
        if (row.letter(8) == 'i') {
            identities_[{row.oid(9), row.number(10)}] = {false, found->key.name, counting_of(row)};
            return;
        }
        if (row.letter(8) == 'a' && relation(row.oid(9)) == nullptr)
            return; // its table is left out
        know(catalog::relation, row.oid(0), found->key);
        if (row.letter(8) == 'a')
            owners[row.oid(0)] = {row.oid(9), row.number(10)};
        model_.sequences.push_back({found->key, {}, counting_of(row), unlogged.contains(row.oid(0)), {}});
    });
    // Columns are read after this: their names come with them.
    std::map<Key, std::pair<Oid, std::int64_t>> wanted;
    for (const auto& [oid, owner] : owners)
        wanted.emplace(relation(oid)->key, owner);
    each(Catalog::columns, [&](const Row& row) {
        const auto of = relations_.find(row.oid(0));
        if (of == relations_.end())
            return;
        const auto number = static_cast<std::size_t>(row.number(1));
        if (of->second.columns.size() <= number)
            of->second.columns.resize(number + 1);
        of->second.columns[number] = row.text(2);
    });
    for (Sequence& sequence : model_.sequences) {
        const auto owner = wanted.find(sequence.key);
        if (owner == wanted.end())
            continue;
        if (const Relation* of = relation(owner->second.first))
            sequence.owner =
                Key{Kind::column, of->key.schema, of->key.name, of->column(owner->second.second)};
    }
}

void Assembly::read_columns() {
    each(Catalog::columns, [&](const Row& row) {
        const Oid oid = row.oid(0);
        const auto composite = composites_.find(oid);
        if (composite != composites_.end()) {
            model_.composites[composite->second].attributes.push_back(
                {row.text(2), row.text(3), row.text(8), {}});
            return;
        }
        const Relation* of = relation(oid);
        if (of == nullptr)
            return;
        Column column;
        column.key = {Kind::column, of->key.schema, of->key.name, row.text(2)};
        column.type = row.text(3);
        column.not_null = row.flag(4);
        if (!row.null(5))
            column.expression = row.text(5);
        column.generated = row.letter(7) != '\0';
        if (row.letter(6) != '\0') {
            const auto identity = identities_.find({oid, row.number(1)});
            if (identity != identities_.end()) {
                column.identity = identity->second;
                column.identity->always = row.letter(6) == 'a';
            }
        }
        column.collation = row.text(8);
        column.storage = storage_word(row.letter(9));
        column.type_storage = storage_word(row.letter(15));
        column.compression = compression_word(row.letter(10));
        column.statistics = static_cast<int>(row.number(11));
        // All that there are; what else a server keeps there is not the user's.
        for (std::string option : row.list(12))
            if (option.starts_with("n_distinct"))
                column.options.push_back(std::move(option));
        std::sort(column.options.begin(), column.options.end());
        column.local = row.flag(13);
        column.inherited = row.flag(14);
        const auto table = tables_.find(oid);
        if (table != tables_.end())
            model_.tables[table->second].columns.push_back(std::move(column));
        else
            model_.views[views_.at(oid)].columns.push_back(std::move(column));
    });
}

void Assembly::read_inheritance() {
    each(Catalog::inheritance, [&](const Row& row) {
        const auto child = tables_.find(row.oid(0));
        const Relation* parent = relation(row.oid(1));
        if (child != tables_.end() && parent != nullptr)
            model_.tables[child->second].parents.push_back(parent->key);
    });
}

namespace {

/// Each is moved once: they are large.
template <class T, class Less>
void sort_by(std::vector<T>& all, Less less) {
    std::vector<T*> order;
    order.reserve(all.size());
    for (T& each : all)
        order.push_back(&each);
    std::sort(order.begin(), order.end(), [&](const T* a, const T* b) { return less(*a, *b); });
    std::vector<T> sorted;
    sorted.reserve(all.size());
    for (T* each : order)
        sorted.push_back(std::move(*each));
    all = std::move(sorted);
}

} // namespace

void Assembly::sort() {
    const auto by_key = [](auto& all) {
        sort_by(all, [](const auto& a, const auto& b) { return a.key < b.key; });
    };
    by_key(model_.schemas);
    by_key(model_.extensions);
    by_key(model_.made);
    by_key(model_.enumerations);
    by_key(model_.domains);
    by_key(model_.domain_constraints);
    by_key(model_.composites);
    by_key(model_.sequences);
    by_key(model_.functions);
    by_key(model_.tables);
    by_key(model_.constraints);
    by_key(model_.indexes);
    by_key(model_.views);
    by_key(model_.rules);
    by_key(model_.triggers);
    by_key(model_.policies);
    by_key(model_.left_alone);
}

Model assemble(std::span<const Result> results, const Definitions& definitions, const ReadOptions& options) {
    return Assembly(results, definitions, options).run();
}

} // namespace dibs::schema
