#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dibs::plugin {

/// A migration's identity: a moment in UTC and a name. Ordered by the moment's value, then by the name.
class Version {
  public:
    /// The stem of a migration's file: m2026_01_24_120000_create_users.
    /// @return nothing when the text is no migration's name, a moment that does not exist included
    static std::optional<Version> from_stem(std::string_view stem);
    /// A version as a history table may hold it, ours and those of the Rust dibs:
    /// 2026_01_24_120000-create_users, m2026_01_24_120000_create_users, 20260124120000-create_users.
    static std::optional<Version> parse(std::string_view text);

    /// @throws std::invalid_argument unless valid_name(name)
    Version(std::chrono::sys_seconds moment, std::string name);

    [[nodiscard]] std::chrono::sys_seconds moment() const { return moment_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::string to_string() const; ///< 2026_01_24_120000-create_users
    [[nodiscard]] std::string stem() const;      ///< m2026_01_24_120000_create_users

    auto operator<=>(const Version&) const = default;

  private:
    std::chrono::sys_seconds moment_;
    std::string name_;
};

/// Looks like a migration's file (an m, digits and underscores as a timestamp has them), though its moment
/// may not exist: such a file is a mistake, any other file is none of our business.
bool resembles_migration(std::string_view stem);

/// Letters a-z, A-Z, digits and underscores, at least one and at most 200.
bool valid_name(std::string_view name);

} // namespace dibs::plugin
