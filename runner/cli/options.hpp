#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::cli {

/// An option as it is typed and explained. The one table that parsing and help are made from.
struct Option {
    std::string name;         ///< without the dashes
    std::string value = {};   ///< what its value is called; empty for one that takes none
    std::string implied = {}; ///< the value when it is given without one; empty when it needs one
    std::string help = {};
};

/// What was typed after the command's name.
class Arguments {
  public:
    [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }
    [[nodiscard]] std::optional<std::string> value(const std::string& name) const;
    [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

  private:
    friend Arguments parse(const std::vector<std::string>&, const std::vector<Option>&, std::string_view);
    std::map<std::string, std::string> values_;
    std::vector<std::string> words_;
};

/// @param command for messages
/// @throws report::Failure (usage) for an unknown option, with the nearest, a value that is missing or
/// superfluous,
///         an option given twice
Arguments parse(const std::vector<std::string>& typed, const std::vector<Option>& options,
                std::string_view command);

} // namespace dibs::cli
