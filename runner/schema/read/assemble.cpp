#include "schema/read/assemble.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "schema/read/rows.hpp"

namespace dibs::schema {
namespace {

using database::Result;
using Oid = std::uint32_t;

/// The catalogs' own numbers, fixed since they exist (src/include/catalog).
namespace catalog {
constexpr Oid type = 1247;
constexpr Oid procedure = 1255;
constexpr Oid relation = 1259;
constexpr Oid constraint = 2606;
constexpr Oid default_value = 2604;
constexpr Oid schema = 2615;
constexpr Oid rewrite = 2618;
constexpr Oid trigger = 2620;
constexpr Oid extension = 3079;
constexpr Oid policy = 3256;
} // namespace catalog

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

std::string command_word(char letter) {
    switch (letter) {
    case 'r':
        return "SELECT";
    case 'a':
        return "INSERT";
    case 'w':
        return "UPDATE";
    case 'd':
        return "DELETE";
    default:
        return "ALL";
    }
}

Options sorted(Options options) {
    std::sort(options.begin(), options.end());
    return options;
}

/// Cuts the suffix off, if it is there.
bool take_suffix(std::string& text, std::string_view suffix) {
    if (!text.ends_with(suffix))
        return false;
    text.resize(text.size() - suffix.size());
    return true;
}

/// pg_get_indexdef() from behind " ON ": what stands before is known.
std::string after_name(std::string_view definition) {
    std::size_t at = definition.find("INDEX ") + 6;
    if (definition[at] == '"') {
        ++at;
        while (at < definition.size() && (definition[at] != '"' || definition.substr(at, 2) == "\"\""))
            at += definition[at] == '"' ? 2 : 1;
        ++at;
    }
    at = definition.find(" ON ", at) + 4;
    if (definition.substr(at).starts_with("ONLY "))
        at += 5;
    return std::string(definition.substr(at));
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

/// A relation while its model is put together.
struct Relation {
    Key key;
    std::vector<std::string> columns; ///< by number; empty for those that are gone

    [[nodiscard]] std::string column(std::int64_t number) const {
        const auto at = static_cast<std::size_t>(number);
        return number > 0 && at < columns.size() ? columns[at] : std::string();
    }
};

class Assembly {
  public:
    Assembly(std::span<const Result> results, const ReadOptions& options)
        : results_(results), options_(options) {}

    Model run() {
        read_schemas_and_extensions();
        read_types();
        read_relations();
        read_sequences();
        read_columns();
        read_inheritance();
        read_indexes_and_constraints();
        read_functions();
        read_rules_triggers_policies();
        read_left_alone();
        read_comments_and_grants();
        read_dependencies();
        sort();
        return std::move(model_);
    }

  private:
    using Address = std::pair<Oid, Oid>; ///< catalog, row
    struct Hash {
        std::size_t operator()(const Address& address) const {
            return (std::size_t{address.first} << 32U) ^ address.second;
        }
    };

    [[nodiscard]] const Result& result(Catalog which) const {
        return results_[static_cast<std::size_t>(which)];
    }
    template <class F>
    void each(Catalog which, F f) const {
        each_row(result(which), f);
    }
    [[nodiscard]] bool member(Oid class_id, Oid id) const { return members_.contains({class_id, id}); }
    [[nodiscard]] const std::string* schema(Oid oid) const {
        const auto found = schemas_.find(oid);
        return found == schemas_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] const Relation* relation(Oid oid) const {
        const auto found = relations_.find(oid);
        return found == relations_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] std::vector<std::string> names(const Relation& of, const std::vector<int>& numbers) const {
        std::vector<std::string> all;
        for (const int number : numbers)
            if (number > 0)
                all.push_back(of.column(number));
        return all;
    }
    [[nodiscard]] bool excluded(std::string_view name) const {
        const auto& names = options_.excluded_names;
        const auto& prefixes = options_.excluded_prefixes;
        return std::find(names.begin(), names.end(), name) != names.end() ||
               std::any_of(prefixes.begin(), prefixes.end(),
                           [&](const std::string& prefix) { return name.starts_with(prefix); });
    }
    void know(Oid class_id, Oid id, const Key& key) { keys_.emplace(Address{class_id, id}, key); }

    void read_schemas_and_extensions();
    void read_types();
    void read_relations();
    void read_sequences();
    void read_columns();
    void read_inheritance();
    void read_indexes_and_constraints();
    void read_functions();
    void read_rules_triggers_policies();
    void read_left_alone();
    void read_comments_and_grants();
    void read_dependencies();
    void sort();

    /// The key of an object, or of a column of one.
    [[nodiscard]] const Key* key_of(Oid class_id, Oid id, std::int64_t column, Key& space) const;

    std::span<const Result> results_;
    const ReadOptions& options_;
    Model model_;
    std::unordered_map<Oid, std::string> schemas_;
    std::unordered_map<Address, Oid, Hash> members_; ///< of extensions, with the extension
    std::unordered_map<Oid, Relation> relations_;
    std::unordered_map<Address, Key, Hash> keys_;
    std::unordered_map<Oid, std::size_t> tables_; ///< their places in the model
    std::unordered_map<Oid, std::size_t> views_;
    std::unordered_map<Oid, std::size_t> composites_;
    std::map<std::pair<Oid, std::int64_t>, Identity> identities_; ///< of columns
    std::unordered_map<Oid, Key> generators_;                     ///< sequences of identities: the columns
};

void Assembly::read_schemas_and_extensions() {
    each(Catalog::schemas, [&](const Row& row) { schemas_.emplace(row.oid(0), row.text(1)); });
    each(Catalog::members, [&](const Row& row) {
        members_.emplace(Address{row.oid(0), row.oid(1)}, row.oid(2));
    });
    for (const auto& [oid, name] : schemas_) {
        const Key key{Kind::schema, "", name, ""};
        know(catalog::schema, oid, key);
        if (!member(catalog::schema, oid))
            model_.schemas.push_back({key, {}});
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
        model_.made.push_back({key, {}, row.text(5)});
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
            table.options = sorted(std::move(options));
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
            view.options = sorted(std::move(options));
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
        column.compression = compression_word(row.letter(10));
        column.statistics = static_cast<int>(row.number(11));
        // All that there are; what else a server keeps there is not the user's.
        for (std::string option : row.list(12))
            if (option.starts_with("n_distinct"))
                column.options.push_back(std::move(option));
        column.options = sorted(std::move(column.options));
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

void Assembly::read_indexes_and_constraints() {
    std::unordered_map<Oid, Oid> tables;             // of foreign keys
    each(Catalog::constraints, [&](const Row& row) { // first: a part names its whole by number
        const char type = row.letter(4);
        if (type == 'f')
            tables.emplace(row.oid(0), row.oid(2));
        if (const Relation* of = relation(row.oid(2))) {
            const Key key{Kind::constraint, of->key.schema, of->key.name, row.text(1)};
            know(catalog::constraint, row.oid(0), key);
            if (type == 'p' || type == 'u' || type == 'x')
                know(catalog::relation, row.oid(12), key);
        }
    });
    each(Catalog::constraints, [&](const Row& row) {
        std::string definition = row.text(5);
        const bool validated = !take_suffix(definition, " NOT VALID");
        if (row.oid(3) != 0) {
            const auto domain = keys_.find({catalog::type, row.oid(3)});
            if (domain == keys_.end() || domain->second.kind != Kind::domain)
                return;
            const Key key{Kind::domain_constraint, domain->second.schema, domain->second.name, row.text(1)};
            know(catalog::constraint, row.oid(0), key);
            model_.domain_constraints.push_back({key, {}, std::move(definition), validated});
            return;
        }
        const Relation* of = relation(row.oid(2));
        if (of == nullptr)
            return;
        Constraint constraint;
        const char type = row.letter(4);
        constraint.local = row.flag(9);
        constraint.inherited = type == 'c' && row.flag(10);
        if (type == 'f' && row.oid(11) != 0) {
            // One that refers to a partitioned table has a like for each partition there, which is nobody's
            // concern; one of a partitioned table has one in each partition.
            const auto of_whole = tables.find(row.oid(11));
            if (of_whole == tables.end() || of_whole->second == row.oid(2))
                return;
            constraint.inherited = true;
        }
        constraint.key = {Kind::constraint, of->key.schema, of->key.name, row.text(1)};
        constraint.type = type == 'p'   ? Constraint::Type::primary_key
                          : type == 'u' ? Constraint::Type::unique
                          : type == 'f' ? Constraint::Type::foreign_key
                          : type == 'x' ? Constraint::Type::exclusion
                                        : Constraint::Type::check;
        constraint.validated = validated;
        constraint.deferred = row.flag(7);
        constraint.deferrable = row.flag(6);
        take_suffix(definition, " INITIALLY DEFERRED");
        take_suffix(definition, " DEFERRABLE");
        constraint.definition = std::move(definition);
        constraint.columns = names(*of, row.numbers(13));
        if (const Relation* other = relation(row.oid(14))) {
            constraint.references = other->key;
            constraint.referenced_columns = names(*other, row.numbers(15));
        }
        if (row.oid(11) != 0 && type != 'f') {
            const auto whole = keys_.find({catalog::constraint, row.oid(11)});
            if (whole != keys_.end())
                constraint.whole = whole->second;
        }
        constraint.clustered = row.flag(16);
        constraint.replica_identity = row.flag(17);
        model_.constraints.push_back(std::move(constraint));
    });
    each(Catalog::indexes, [&](const Row& row) { // again: parts come before or after their whole
        const std::string* in = schema(row.oid(3));
        if (!row.null(7) && in != nullptr && relation(row.oid(1)) != nullptr)
            know(catalog::relation, row.oid(0), {Kind::index, *in, row.text(2), ""});
    });
    std::map<Key, Key>
        whole_of_constraints; // an index's constraint may stand in a whole that is a mere index
    each(Catalog::indexes, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        const std::string* in = schema(row.oid(3));
        if (of == nullptr || in == nullptr)
            return;
        std::optional<Key> whole;
        if (!row.null(8)) {
            const auto found = keys_.find({catalog::relation, row.oid(8)});
            if (found != keys_.end())
                whole = found->second;
        }
        if (row.null(7)) {
            const auto constraint = keys_.find({catalog::relation, row.oid(0)});
            if (whole && constraint != keys_.end())
                whole_of_constraints.emplace(constraint->second, *whole);
            return;
        }
        Index index;
        index.key = {Kind::index, *in, row.text(2), ""};
        index.table = of->key;
        index.unique = row.flag(10);
        index.definition = after_name(row.view(7));
        index.valid = row.flag(4);
        index.columns = names(*of, row.numbers(9));
        index.whole = whole;
        index.clustered = row.flag(6);
        index.replica_identity = row.flag(5);
        index.statistics = row.list(11);
        model_.indexes.push_back(std::move(index));
    });
    for (Constraint& constraint : model_.constraints) {
        const auto whole = whole_of_constraints.find(constraint.key);
        if (whole != whole_of_constraints.end())
            constraint.whole = whole->second;
    }
}

void Assembly::read_functions() {
    each(Catalog::functions, [&](const Row& row) {
        const std::string* in = schema(row.oid(1));
        if (in == nullptr)
            return;
        const char kind = row.letter(4);
        Function function;
        function.key = {kind == 'p' ? Kind::procedure : Kind::function, *in, row.text(2), row.text(3)};
        function.definition = row.text(5);
        function.arguments = row.text(6);
        function.result = row.text(7);
        function.defaults = static_cast<int>(row.number(8));
        function.window = kind == 'w';
        know(catalog::procedure, row.oid(0), function.key);
        model_.functions.push_back(std::move(function));
    });
}

void Assembly::read_rules_triggers_policies() {
    each(Catalog::rules, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        if (of == nullptr)
            return;
        if (row.null(4)) {
            know(catalog::rewrite, row.oid(0), of->key);
            return;
        }
        const Key key{Kind::rule, of->key.schema, of->key.name, row.text(2)};
        know(catalog::rewrite, row.oid(0), key);
        model_.rules.push_back({key, {}, row.text(4), row.letter(3)});
    });
    each(Catalog::triggers, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        if (of == nullptr)
            return;
        const Key key{Kind::trigger, of->key.schema, of->key.name, row.text(2)};
        know(catalog::trigger, row.oid(0), key);
        model_.triggers.push_back({key, {}, row.text(4), row.letter(3)});
    });
    each(Catalog::policies, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        if (of == nullptr)
            return;
        Policy policy;
        policy.key = {Kind::policy, of->key.schema, of->key.name, row.text(2)};
        policy.permissive = row.flag(3);
        policy.command = command_word(row.letter(4));
        policy.roles = row.list(5);
        policy.using_expression = row.text(6);
        policy.check_expression = row.text(7);
        know(catalog::policy, row.oid(0), policy.key);
        model_.policies.push_back(std::move(policy));
    });
}

void Assembly::read_left_alone() {
    each(Catalog::left_alone, [&](const Row& row) {
        const Oid class_id = row.oid(0);
        if (member(class_id, row.oid(1)) || row.null(2) ||
            row.view(2).find(" pg_toast") != std::string::npos ||
            row.view(2).find(" pg_temp") != std::string::npos)
            return;
        const Key key{Kind::other, "", row.text(2), ""};
        know(class_id, row.oid(1), key);
        model_.left_alone.push_back({key, {}});
    });
    each(Catalog::casts, [&](const Row& row) {
        model_.casts.push_back({row.text(0), row.text(1), row.flag(2), row.flag(3)});
    });
}

const Key* Assembly::key_of(Oid class_id, Oid id, std::int64_t column, Key& space) const {
    const auto found = keys_.find({class_id, id});
    if (class_id == catalog::default_value || (class_id == catalog::relation && column > 0)) {
        const Relation* of = relation(id);
        if (of == nullptr)
            return found == keys_.end() ? nullptr : &found->second; // a composite type's attribute
        std::string name = of->column(column);
        if (name.empty())
            return nullptr;
        Kind kind = Kind::column;
        if (class_id == catalog::default_value) {
            const auto table = tables_.find(id);
            const Column* defined =
                table == tables_.end() ? nullptr : model_.tables[table->second].column(name);
            kind = defined != nullptr && defined->generated ? Kind::column : Kind::default_value;
        }
        space = {kind, of->key.schema, of->key.name, std::move(name)};
        return &space;
    }
    return found == keys_.end() ? nullptr : &found->second;
}

void Assembly::read_comments_and_grants() {
    std::map<Key, Attachments*> places;
    const auto add = [&](auto& all) {
        for (auto& each : all)
            places.emplace(each.key, &each.attached);
    };
    // Few objects have comments or grants of their own: only these are looked up.
    std::set<Key> wanted;
    std::map<std::pair<Key, std::string>, std::string> attribute_comments;
    Key space;
    const auto want = [&](const Row& row) {
        if (const Key* key = key_of(row.oid(0), row.oid(1), row.number(2), space))
            wanted.insert(*key);
    };
    each(Catalog::comments, want);
    each(Catalog::grants, want);
    for (Table& table : model_.tables)
        for (Column& column : table.columns)
            if (wanted.contains(column.key))
                places.emplace(column.key, &column.attached);
    for (View& view : model_.views)
        for (Column& column : view.columns)
            if (wanted.contains(column.key))
                places.emplace(column.key, &column.attached);
    add(model_.schemas);
    add(model_.extensions);
    add(model_.made);
    add(model_.enumerations);
    add(model_.domains);
    add(model_.domain_constraints);
    add(model_.composites);
    add(model_.sequences);
    add(model_.functions);
    add(model_.views);
    add(model_.rules);
    add(model_.triggers);
    add(model_.policies);
    const auto add_wanted = [&](auto& all) {
        for (auto& each : all)
            if (wanted.contains(each.key))
                places.emplace(each.key, &each.attached);
    };
    add_wanted(model_.tables);
    add_wanted(model_.constraints);
    add_wanted(model_.indexes);

    each(Catalog::comments, [&](const Row& row) {
        const Key* key = key_of(row.oid(0), row.oid(1), row.number(2), space);
        if (key == nullptr || member(row.oid(0), row.oid(1)))
            return;
        if (key->kind == Kind::composite && row.number(2) > 0) {
            const auto of = composites_.find(row.oid(1));
            std::int64_t number = 0;
            each_row(result(Catalog::columns), [&](const Row& column) {
                if (column.oid(0) == row.oid(1) && column.number(1) <= row.number(2))
                    ++number;
            });
            if (of != composites_.end() && number > 0)
                model_.composites[of->second].attributes[static_cast<std::size_t>(number - 1)].comment =
                    row.text(3);
            return;
        }
        // A constraint's index may have a comment of its own, which dibs leaves alone.
        if (key->kind == Kind::constraint && row.oid(0) == catalog::relation)
            return;
        const auto place = places.find(*key);
        if (place != places.end())
            place->second->comment = row.text(3);
    });

    std::unordered_set<Address, Hash> explicitly;
    each(Catalog::grants, [&](const Row& row) {
        const Key* key = key_of(row.oid(0), row.oid(1), row.number(2), space);
        if (row.number(2) == 0)
            explicitly.emplace(row.oid(0), row.oid(1));
        if (key == nullptr || row.null(4) || member(row.oid(0), row.oid(1)))
            return;
        const auto place = places.find(*key);
        if (place != places.end())
            place->second->grants.insert({row.text(3), row.text(4), row.flag(5)});
    });
    // What PostgreSQL grants to everyone where nothing else was said.
    for (const auto& [address, key] : keys_) {
        const bool type = key.kind == Kind::enumeration || key.kind == Kind::domain ||
                          key.kind == Kind::composite || key.kind == Kind::range;
        const bool function = key.kind == Kind::function || key.kind == Kind::procedure;
        if ((!type && !function) || address.first == catalog::relation || explicitly.contains(address))
            continue;
        const auto place = places.find(key);
        if (place != places.end())
            place->second->grants.insert({"", type ? "USAGE" : "EXECUTE", false});
    }
}

void Assembly::read_dependencies() {
    std::map<Key, std::size_t> expressions; // indexes whose columns the catalog tells here
    for (std::size_t i = 0; i < model_.indexes.size(); ++i)
        expressions.emplace(model_.indexes[i].key, i);
    Key dependent_space;
    Key on_space;
    each(Catalog::dependencies, [&](const Row& row) {
        const Key* dependent = key_of(row.oid(0), row.oid(1), row.number(2), dependent_space);
        // A view is one object with its columns.
        const std::int64_t column = views_.contains(row.oid(4)) ? 0 : row.number(5);
        const Key* on = key_of(row.oid(3), row.oid(4), column, on_space);
        if (dependent == nullptr || on == nullptr || *dependent == *on || member(row.oid(0), row.oid(1)))
            return;
        if (dependent->kind == Kind::index && on->kind == Kind::column) {
            std::vector<std::string>& columns = model_.indexes[expressions.at(*dependent)].columns;
            if (std::find(columns.begin(), columns.end(), on->part) == columns.end())
                columns.push_back(on->part);
            return;
        }
        if (dependent->kind == Kind::default_value && on->kind == Kind::column &&
            dependent->part == on->part && dependent->name == on->name && dependent->schema == on->schema)
            return;
        model_.dependencies.push_back({*dependent, *on});
    });
}

void Assembly::sort() {
    const auto by_key = [](auto& all) {
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
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
    std::sort(model_.dependencies.begin(), model_.dependencies.end());
    model_.dependencies.erase(std::unique(model_.dependencies.begin(), model_.dependencies.end()),
                              model_.dependencies.end());
}

} // namespace

Model assemble(std::span<const Result> results, const ReadOptions& options) {
    return Assembly(results, options).run();
}

} // namespace dibs::schema
