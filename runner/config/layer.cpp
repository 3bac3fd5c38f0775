#include "config/layer.hpp"

#include "report/failure.hpp"
#include "report/suggestion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>
#include <vector>

namespace dibs::config {
namespace {

struct Setting {
    std::string_view group; // the map it stands in; "" at the top
    std::string_view name;
    std::optional<Raw> Layer::*value = nullptr;
    enum class Type { text, number, list } type = Type::text; ///< number: or a duration, or true or false
};

constexpr std::array<Setting, 19> settings{{
    {"", "database", &Layer::database},
    {"migrations", "source", &Layer::source},
    {"migrations", "libraries", &Layer::libraries},
    {"", "schema_library", &Layer::schema_library},
    {"scratch", "url", &Layer::scratch_url},
    {"history", "schema", &Layer::history_schema},
    {"history", "table", &Layer::history_table},
    {"", "role", &Layer::role},
    {"", "lock_timeout", &Layer::lock_timeout, Setting::Type::number},
    {"", "lock_wait", &Layer::lock_wait, Setting::Type::number},
    {"", "lock_attempts", &Layer::lock_attempts, Setting::Type::number},
    {"", "lock_retry_time", &Layer::lock_retry_time, Setting::Type::number},
    {"", "migration_timeout", &Layer::migration_timeout, Setting::Type::number},
    {"", "connect_wait", &Layer::connect_wait, Setting::Type::number},
    {"", "allow_unsafe_libraries", &Layer::allow_unsafe_libraries, Setting::Type::number},
    {"", "strict", &Layer::strict, Setting::Type::number},
    {"", "build", &Layer::build},
    {"diff", "include", &Layer::diff_include, Setting::Type::list},
    {"diff", "exclude", &Layer::diff_exclude, Setting::Type::list},
}};

bool is_group(std::string_view name) {
    return !name.empty() && std::any_of(settings.begin(), settings.end(),
                                        [name](const Setting& setting) { return setting.group == name; });
}

bool is_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool is_boolean(std::string_view text) {
    constexpr std::array<std::string_view, 6> words{"true", "false", "yes", "no", "on", "off"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(words.begin(), words.end(), lower) != words.end();
}

class LayerReader {
  public:
    explicit LayerReader(const std::string& file) : file_(file) {}

    Layer layer(const Node& map, const std::string& environment) const {
        Layer result;
        for (const Entry& entry : map.entries) {
            if (is_group(entry.key)) {
                const Node& group = map_of(entry);
                for (const Entry& inner : group.entries) {
                    set(result, entry.key, inner);
                }
            } else if (entry.key != "environments") {
                set(result, "", entry);
            } else if (!environment.empty()) {
                refuse(entry.at, "environments inside the environment \"" + environment + "\"",
                       "List every environment under the one environments: at the top.");
            }
        }
        return result;
    }

    const Node& map_of(const Entry& entry) const {
        if (entry.value.kind == Node::Kind::text) {
            refuse(entry.value.at, "\"" + entry.key + "\" takes names with values, not a text",
                   "Write them below it, indented: name: value.");
        }
        if (entry.value.kind == Node::Kind::list) {
            refuse_list(entry.value);
        }
        return entry.value;
    }

  private:
    [[noreturn]] void refuse(Position at, const std::string& what, const std::string& hint) const {
        throw report::Failure(report::ExitCode::usage, place(file_, at) + ": " + what, hint);
    }

    [[noreturn]] void refuse_list(const Node& value) const {
        refuse(value.at, "a list, where none is expected",
               "If it is text that begins with [ or -, put it in quotes.");
    }

    void set(Layer& layer, std::string_view group, const Entry& entry) const {
        const auto* const setting =
            std::find_if(settings.begin(), settings.end(), [&](const Setting& candidate) {
                return candidate.group == group && candidate.name == entry.key;
            });
        if (setting == settings.end()) {
            refuse_unknown(group, entry);
        }
        layer.*(setting->value) = setting->type == Setting::Type::list
                                      ? list_of(entry)
                                      : Raw{text_of(*setting, entry.key, entry.value), entry.value.at};
    }

    Raw list_of(const Entry& entry) const {
        const Node& value = entry.value;
        if (value.kind != Node::Kind::list) {
            refuse(value.at, "\"" + entry.key + "\" takes a list", "Write " + entry.key + ": [\"...\"].");
        }
        Raw list{"", value.at};
        for (const Node& item : value.items) {
            list.items.push_back({text_of({}, entry.key, item), item.at});
        }
        return list;
    }

    const std::string& text_of(const Setting& setting, const std::string& key, const Node& value) const {
        const std::string name = "\"" + key + "\"";
        switch (value.kind) {
        case Node::Kind::empty:
            refuse(value.at, name + " has no value", "Give it one, or remove the line.");
        case Node::Kind::map:
            refuse(value.at, name + " takes a text, not names with values", "Write " + key + ": text.");
        case Node::Kind::list:
            refuse_list(value);
        case Node::Kind::text:
            break;
        }
        if (setting.type != Setting::Type::number && !value.quoted &&
            (is_boolean(value.text) || is_number(value.text))) {
            refuse(value.at, name + " takes a text, not a " + (is_boolean(value.text) ? "boolean" : "number"),
                   "If the text is meant, put it in quotes.");
        }
        return value.text;
    }

    [[noreturn]] void refuse_unknown(std::string_view group, const Entry& entry) const {
        std::vector<std::string> known;
        for (const Setting& setting : settings) {
            if (setting.group == group) {
                known.emplace_back(setting.name);
            } else if (group.empty() && (known.empty() || known.back() != setting.group)) {
                known.emplace_back(setting.group);
            }
        }
        if (group.empty()) {
            known.emplace_back("environments");
        }
        std::string hint = report::did_you_mean(entry.key, known);
        if (hint.empty()) {
            hint = "Known here:";
            for (const std::string& name : known) {
                hint += (&name == known.data() ? " " : ", ") + name;
            }
            hint += ".";
        }
        const std::string where = group.empty() ? "" : " in \"" + std::string(group) + "\"";
        refuse(entry.at, "unknown setting \"" + entry.key + "\"" + where, hint);
    }

    const std::string& file_;
};

} // namespace

Layers read_layers(const Node& document, const std::string& file) {
    const LayerReader reader(file);
    Layers layers;
    layers.base = reader.layer(document, "");
    for (const Entry& entry : document.entries) {
        if (entry.key == "environments") {
            for (const Entry& environment : reader.map_of(entry).entries) {
                layers.environments[environment.key] =
                    reader.layer(reader.map_of(environment), environment.key);
            }
        }
    }
    return layers;
}

Layer overlaid(const Layer& base, const Layer& environment) {
    Layer result = base;
    for (const Setting& setting : settings) {
        if (environment.*(setting.value)) {
            result.*(setting.value) = environment.*(setting.value);
        }
    }
    return result;
}

} // namespace dibs::config
