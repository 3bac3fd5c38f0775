#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::cli {

/// What may stand in a place, for completion.
enum class Values { anything, files, folders, versions, environments };

/// One of the few words that may stand in a place.
struct Choice {
    std::string name;
    std::string help;
};

/// An option as it is typed and explained. The one table that parsing, help and completion are made from.
struct Option {
    std::string name;                 ///< without the dashes
    std::string value = {};           ///< what its value is called; empty for one that takes none
    std::string implied = {};         ///< the value when it is given without one; empty when it needs one
    std::string help = {};            ///< one line or two
    std::vector<Choice> choices = {}; ///< all values there are, where they can be listed
    Values values = Values::anything; ///< what its value is, where they cannot
    bool several = false;             ///< takes more than one of its choices, with commas between
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

/// "plan or execute", "auto, always or never"
std::string listed(const std::vector<Choice>& choices);

/// @param command for messages: "dibs migrate"
/// @throws report::Failure (usage) for an unknown option, with the nearest, a value that is missing,
/// superfluous
///         or none of its choices, an option given twice
Arguments parse(const std::vector<std::string>& typed, const std::vector<Option>& options,
                std::string_view command);

} // namespace dibs::cli
