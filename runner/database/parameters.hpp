#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dibs::database {

/// What libpq is called with to connect, the user's own settings and ours.
class Parameters {
  public:
    using Overrides = std::initializer_list<std::pair<const char*, const char*>>;

    /// @param overrides beat what conninfo says
    /// @throws report::Failure (usage) for a malformed conninfo
    Parameters(const std::string& conninfo, std::string_view application_name, std::chrono::seconds patience,
               Overrides overrides = {});
    Parameters(const Parameters&) = delete;
    Parameters& operator=(const Parameters&) = delete;

    [[nodiscard]] const char* const* keywords() const { return keywords_.data(); }
    [[nodiscard]] const char* const* values() const { return values_.data(); }

  private:
    void add(const char* keyword, const char* value);

    std::string conninfo_;
    std::string application_name_;
    std::string patience_;
    std::vector<const char*> keywords_;
    std::vector<const char*> values_;
};

} // namespace dibs::database
