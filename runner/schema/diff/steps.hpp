#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "schema/diff/graph.hpp"
#include "schema/diff/verdicts.hpp"

namespace dibs::schema {

struct Ordered {
    std::vector<Statement> statements;
    std::vector<std::vector<std::size_t>> needs; ///< as in Plan
    std::string
        circle; ///< what depends on what in a circle that cannot be opened; there are no statements then
};

/// The statements of a plan as a graph: what is done to each object in each role, and what must come first.
class Steps {
  public:
    Steps(const Context& context, const Verdicts& verdicts) : context_(context), verdicts_(verdicts) {}

    Ordered ordered();

  private:
    struct Place {
        Key key;
        Role role = Role::alter;
    };
    struct PlaceView {
        const Key& key;
        Role role;
    };
    /// Values by places.
    template <class T>
    class ByPlace {
      public:
        /// Null where there is none.
        [[nodiscard]] const T* find(PlaceView place) const {
            if (!has_any(place.role))
                return nullptr;
            const auto found = values_.find(place);
            return found == values_.end() ? nullptr : &found->second;
        }
        [[nodiscard]] bool has_any(Role role) const { return any_[static_cast<std::size_t>(role)]; }
        /// Where there is none.
        void add(PlaceView place, T value) {
            values_.emplace(Place{place.key, place.role}, std::move(value));
            any_[static_cast<std::size_t>(place.role)] = true;
        }
        void clear() {
            values_.clear();
            any_ = {};
        }

      private:
        struct Hash {
            using is_transparent = void;
            std::size_t operator()(PlaceView place) const noexcept {
                return KeyHash()(place.key) + static_cast<std::size_t>(place.role);
            }
            std::size_t operator()(const Place& place) const noexcept {
                return (*this)(PlaceView{place.key, place.role});
            }
        };
        struct Same {
            using is_transparent = void;
            bool operator()(const auto& a, const auto& b) const noexcept {
                return a.role == b.role && a.key == b.key;
            }
        };

        std::unordered_map<Place, T, Hash, Same> values_;
        std::array<bool, static_cast<std::size_t>(Role::finish) + 1> any_{}; ///< by roles
    };
    struct Step {
        Key key;
        Role role = Role::alter;
        std::vector<Statement> statements;
    };

    void build();
    void emit(const Key& key, Verdict verdict);
    void emit_drop(const Key& key);
    void emit_create(const Key& key);
    void emit_finish_of_made(const Key& key);
    void emit_parent_for_a_while(const Key& key);
    void emit_attachments_of_parts();
    [[nodiscard]] std::optional<Place> folded_drop(const Key& key) const;
    [[nodiscard]] std::optional<Place> folded_create(const Key& key) const;
    [[nodiscard]] std::vector<Statement> created(const Key& key) const;
    [[nodiscard]] std::vector<Statement> mended_privileges(const Key& key) const;
    [[nodiscard]] bool is_invalid_whole(const Key& key, const Key& table) const;
    [[nodiscard]] bool only_here(const Key& table, const Constraint* constraint) const;

    [[nodiscard]] Ordered listed(const std::vector<std::size_t>& nodes) const;
    [[nodiscard]] bool in_use(const Key& table) const;
    [[nodiscard]] bool outlives_the_rest(const Key& index) const;
    [[nodiscard]] bool is_replaced(const Key& index) const;
    void connect();
    void connect_same();
    void connect_names();
    void connect_partitions();
    void connect_inherited();
    [[nodiscard]] bool is_merged(const Key& dependent, const Key& on) const;
    void before(PlaceView first, PlaceView then);
    std::size_t step(PlaceView place);
    [[nodiscard]] std::optional<std::size_t> find(PlaceView place) const;
    [[nodiscard]] bool has_any(Role role) const { return places_.has_any(role) || folded_.has_any(role); }
    /// With those of the parents' columns that a column follows.
    template <class F>
    void for_all(PlaceView place, const F& f) const;
    /// Takes out of a statement what closes the circle. @return false when there is nothing to take out
    bool unfold(const std::vector<std::size_t>& cycle);

    const Context& context_;
    const Verdicts& verdicts_;
    Graph graph_;
    std::vector<Step> steps_;
    ByPlace<std::size_t> places_;
    ByPlace<Place> folded_;
    std::set<Key> unfolded_creates_; ///< tables whose defaults and constraints are made apart
    std::set<Key> unfolded_drops_;   ///< tables whose parts are dropped apart
};

} // namespace dibs::schema
