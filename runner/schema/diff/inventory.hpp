#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "schema/model/model.hpp"

namespace dibs::schema {

/// A column's default, which is made and dropped apart from it.
struct Default {
    const Column* column;
};

using Object = std::variant<const Namespace*, const Extension*, const Made*, const Enumeration*,
                            const Domain*, const DomainConstraint*, const Composite*, const Sequence*,
                            const Function*, const Table*, const Column*, Default, const Constraint*,
                            const Index*, const View*, const Scripted*, const Policy*, const LeftAlone*>;

/// For std::visit: of several functions the one that fits.
template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// A Dependency, by the keys that an inventory has.
struct Link {
    const Key& dependent;
    const Key& on;
};

/// A model by keys, with all that depends on each other. Points into the model.
class Inventory {
  public:
    explicit Inventory(const Model& model);
    Inventory(const Inventory&) = delete;
    Inventory& operator=(const Inventory&) = delete;
    Inventory(Inventory&&) = default;
    Inventory& operator=(Inventory&&) = default;
    ~Inventory() = default;

    [[nodiscard]] const std::map<Key, Object>& objects() const { return objects_; }
    [[nodiscard]] bool has(const Key& key) const { return index_.contains(&key); }
    template <class T>
    [[nodiscard]] const T* find(const Key& key) const {
        const auto found = index_.find(&key);
        if (found == index_.end())
            return nullptr;
        const auto* pointer = std::get_if<const T*>(found->second.object);
        return pointer == nullptr ? nullptr : *pointer;
    }
    /// In the order of their keys.
    [[nodiscard]] std::span<const Link> dependencies() const { return links_; }
    [[nodiscard]] std::span<const Link> dependencies(const Key& dependent) const;
    [[nodiscard]] bool depends(const Key& dependent, const Key& on) const;

    /// What goes when it goes: a column's table, a default's column, an index's table.
    [[nodiscard]] std::optional<Key> container(const Key& key) const;
    [[nodiscard]] std::optional<Key>
    whole(const Key& key) const; ///< of an index or constraint of a partition
    /// The parent's column that this one comes from.
    [[nodiscard]] std::optional<Key> inherited_from(const Column& column) const;
    [[nodiscard]] const std::vector<Key>& children(const Key& table) const;
    [[nodiscard]] const std::vector<const Constraint*>& constraints(const Key& table) const;
    [[nodiscard]] const std::vector<const Index*>& indexes(const Key& table) const;
    /// Whether a foreign key references what this is a partition of: PostgreSQL drops it only when detached.
    [[nodiscard]] bool is_part_of_referenced(const Table& table) const;
    /// Whether the index of a partition's constraint is a part of this index, and goes with it.
    [[nodiscard]] bool has_constraint_as_part(const Key& index) const;
    /// Partitions that have no part of the partitioned table's index or constraint, which is invalid then.
    [[nodiscard]] std::vector<Key> without_part(const Key& whole, const Key& table) const;

  private:
    // Keys have numbers in their order: a hundred thousand pairs of keys took longer to sort than to read.
    using Number = std::uint32_t;
    using Numbers = std::vector<std::pair<Number, Number>>; ///< dependent, on
    struct Place {
        const Object* object;
        Number number;
    };

    void number_objects();
    void connect(const Model& model);
    void add_structure(const Model& model);
    /// Puts what is no object of the model into its place among the keys.
    void renumber();
    [[nodiscard]] std::optional<Number> number(const Key& key) const;
    Number number_of(const Key& key); ///< a new one for what is neither an object nor known

    struct Hash {
        std::size_t operator()(const Key* key) const noexcept { return KeyHash()(*key); }
    };
    struct Same {
        bool operator()(const Key* a, const Key* b) const noexcept { return *a == *b; }
    };

    std::map<Key, Object> objects_;
    std::unordered_map<const Key*, Place, Hash, Same> index_; ///< into objects_
    std::map<Key, Number> others_;                            ///< that objects depend on, or the reverse
    std::vector<const Key*> keys_;                            ///< by number
    Numbers numbers_;                                         ///< sorted
    std::vector<Link> links_;                                 ///< the same by keys
    std::map<Key, std::vector<Key>> children_;
    std::map<Key, std::vector<const Constraint*>> constraints_;
    std::map<Key, std::vector<const Index*>> indexes_;
    std::set<Key> referenced_;              ///< tables, by foreign keys
    std::map<Key, std::vector<Key>> parts_; ///< by the index or constraint that they are parts of
};

} // namespace dibs::schema
