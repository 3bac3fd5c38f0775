#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "schema/model/model.hpp"
#include "schema/read/assemble.hpp"
#include "schema/read/definitions.hpp"
#include "schema/read/rows.hpp"

namespace dibs::schema {

using database::Result;
using Oid = std::uint32_t;

/// The catalogs' own numbers, fixed since they exist (src/include/catalog).
namespace catalog {
inline constexpr Oid type = 1247;
inline constexpr Oid procedure = 1255;
inline constexpr Oid relation = 1259;
inline constexpr Oid constraint = 2606;
inline constexpr Oid default_value = 2604;
inline constexpr Oid schema = 2615;
inline constexpr Oid rewrite = 2618;
inline constexpr Oid trigger = 2620;
inline constexpr Oid extension = 3079;
inline constexpr Oid policy = 3256;
} // namespace catalog

/// A relation while its model is put together.
struct Relation {
    Key key;
    std::vector<std::string> columns; ///< by number; empty for those that are gone

    [[nodiscard]] std::string column(std::int64_t number) const {
        const auto at = static_cast<std::size_t>(number);
        return number > 0 && at < columns.size() ? columns[at] : std::string();
    }
};

/// A model while it is put together from the results of catalog_queries().
class Assembly {
  public:
    Assembly(std::span<const Result> results, const Definitions& definitions, const ReadOptions& options)
        : results_(results), definitions_(definitions), options_(options) {}

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
        read_default_privileges();
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
    void read_default_privileges();
    void read_comments_and_grants();
    void read_dependencies();
    void sort();

    /// The key of an object, or of a column of one.
    [[nodiscard]] const Key* key_of(Oid class_id, Oid id, std::int64_t column, Key& space) const;

    std::span<const Result> results_;
    const Definitions& definitions_;
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

} // namespace dibs::schema
