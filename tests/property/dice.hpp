#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::tests {

/// Random numbers that are the same with every compiler and library: those of <random>'s distributions are
/// not.
class Die {
  public:
    explicit Die(std::uint64_t seed) : state_(seed) {}

    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template <class List>
    const auto& pick(const List& list) {
        return list[below(std::size(list))];
    }
    template <class T>
    void shuffle(std::vector<T>& list) {
        for (std::size_t i = list.size(); i > 1; --i)
            std::swap(list[i - 1], list[below(i)]);
    }

  private:
    std::uint64_t next() { // splitmix64
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }

    std::uint64_t state_;
};

/// One of two sides that are alike but for some of their parts: a part has a die of its own, which falls
/// alike on both sides, unless this is one of the parts in which they differ.
class Side {
  public:
    Side(std::uint64_t seed, bool second, std::size_t percent_changed)
        : seed_(seed), second_(second), percent_changed_(percent_changed) {}

    [[nodiscard]] Die at(std::string_view part) const {
        const std::uint64_t own = mixed(part);
        const bool changed = second_ && Die(own ^ 1U).chance(percent_changed_);
        return Die(own + (changed ? 2U : 0U));
    }

  private:
    [[nodiscard]] std::uint64_t mixed(std::string_view part) const {
        std::uint64_t hash = 14695981039346656037U ^ seed_; // FNV-1a
        for (const char c : part)
            hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
        return hash * 4;
    }

    std::uint64_t seed_;
    bool second_;
    std::size_t percent_changed_;
};

} // namespace dibs::tests
