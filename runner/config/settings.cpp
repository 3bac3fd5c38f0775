#include "config/settings.hpp"

#include "config/document.hpp"
#include "config/duration.hpp"
#include "config/expansion.hpp"
#include "config/layer.hpp"
#include "config/project_file.hpp"
#include "config/target.hpp"
#include "report/suggestion.hpp"

#include <utility>
#include <vector>

namespace dibs::config {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
    throw report::Failure(report::ExitCode::usage, what, hint);
}

struct Chosen {
    std::string name;
    std::string origin; // --env or DIBS_ENV
};

std::optional<Chosen> chosen_environment(const Overrides& overrides, const Environment& environment) {
    std::optional<Chosen> chosen;
    if (overrides.environment) {
        chosen = Chosen{*overrides.environment, "--env"};
    } else if (std::optional<std::string> name = environment("DIBS_ENV")) {
        chosen = Chosen{std::move(*name), "DIBS_ENV"};
    }
    if (chosen && chosen->name.empty()) {
        refuse(chosen->origin + " is empty", "Name one of the environments: in dibs.yaml, or leave it out.");
    }
    return chosen;
}

Layer layer_for(const Layers& layers, const std::optional<Chosen>& chosen, const std::string& file) {
    if (!chosen) {
        return layers.base;
    }
    const auto found = layers.environments.find(chosen->name);
    if (found != layers.environments.end()) {
        return overlaid(layers.base, found->second);
    }
    std::vector<std::string> known;
    std::string list;
    for (const auto& [name, layer] : layers.environments) {
        known.push_back(name);
        list += (list.empty() ? "" : ", ") + name;
    }
    const std::string where =
        file.empty() ? "there is no dibs.yaml here or above" : file + " has none of that name";
    std::string hint = report::did_you_mean(chosen->name, known);
    if (hint.empty()) {
        hint = list.empty() ? "Add it under environments: in dibs.yaml, or leave " + chosen->origin + " out."
                            : "It has: " + list + ".";
    }
    refuse("no environment \"" + chosen->name + "\" (" + chosen->origin + "): " + where, hint);
}

/// The values of one file, expanded and checked.
class Values {
  public:
    Values(const Environment& environment, std::string file, fs::path root)
        : environment_(environment), file_(std::move(file)), root_(std::move(root)) {}

    [[nodiscard]] std::string text(const Raw& raw) const {
        try {
            return expand(raw.text, environment_);
        } catch (const ExpansionError& error) {
            refuse(place(file_, raw.at) + ": " + error.what(),
                   "Set the variable, give a default with ${NAME:-default}, or write $$ for a dollar sign.");
        }
    }

    [[nodiscard]] fs::path path(const std::optional<Raw>& raw, const char* otherwise) const {
        const std::string value = raw ? text(*raw) : otherwise;
        if (value.empty()) {
            refuse(place(file_, raw->at) + ": this path is empty", "Give a path, or remove the line.");
        }
        return absolute(value, root_);
    }

    [[nodiscard]] std::optional<std::chrono::milliseconds> duration(const std::optional<Raw>& raw) const {
        if (!raw) {
            return std::nullopt;
        }
        const std::string value = text(*raw);
        const std::optional<std::chrono::milliseconds> result = parse_duration(value);
        if (!result) {
            refuse(place(file_, raw->at) + ": \"" + value + "\" is not a duration",
                   "Write a whole number and a unit: 500ms, 5s, 2min or 1h, at most 24 days.");
        }
        return result;
    }

    [[nodiscard]] std::optional<unsigned> count(const std::optional<Raw>& raw) const {
        if (!raw) {
            return std::nullopt;
        }
        const std::string value = text(*raw);
        const std::optional<unsigned> result = parse_count(value);
        if (!result) {
            refuse(place(file_, raw->at) + ": \"" + value + "\" is no number from 1 to 1000",
                   "Write a whole number, or remove the line.");
        }
        return result;
    }

    [[nodiscard]] bool flag(const std::optional<Raw>& raw) const {
        if (!raw) {
            return false;
        }
        const std::string value = text(*raw);
        if (value != "true" && value != "false") {
            refuse(place(file_, raw->at) + ": \"" + value + "\" is neither true nor false",
                   "Write true or false, or remove the line.");
        }
        return value == "true";
    }

    [[nodiscard]] std::vector<Placed> list(const std::optional<Raw>& raw) const {
        std::vector<Placed> result;
        if (raw) {
            for (const Raw& item : raw->items) {
                result.push_back({text(item), place(file_, item.at)});
            }
        }
        return result;
    }

    // PostgreSQL would cut a longer name in silence.
    [[nodiscard]] std::string identifier(const Raw& raw, const char* kind, std::size_t longest) const {
        std::string name = text(raw);
        if (name.empty() || name.size() > longest) {
            refuse(place(file_, raw.at) + ": the name of a " + kind + " has 1 to " + std::to_string(longest) +
                       " bytes, this one " + std::to_string(name.size()),
                   "Choose another name, or remove the line.");
        }
        return name;
    }

    [[nodiscard]] static fs::path absolute(const fs::path& path, const fs::path& folder) {
        fs::path result = (folder / path).lexically_normal();
        return result.has_filename() ? result : result.parent_path(); // without a slash at the end
    }

  private:
    const Environment& environment_;
    std::string file_;
    fs::path root_;
};

constexpr std::size_t longest_name = 63; // NAMEDATALEN - 1

void set_history(Settings& settings, const Layer& layer, const Values& values, const std::string& file) {
    if (layer.history_schema) {
        settings.history_schema = values.identifier(*layer.history_schema, "schema", longest_name);
    }
    if (layer.history_table) { // beside it stands <table>_attempts
        settings.history_table = values.identifier(*layer.history_table, "table",
                                                   longest_name - std::string_view("_attempts").size());
    }
    if (settings.history_table && settings.history_table->find('.') != std::string::npos) {
        refuse(place(file, layer.history_table->at) + ": the name of a table has no dot",
               "Name its schema by schema:, in the line above or below.");
    }
}

std::chrono::milliseconds waited(const std::string& typed) {
    const bool is_number = !typed.empty() && typed.find_first_not_of("0123456789") == std::string::npos;
    const auto result = parse_duration(is_number ? typed + "s" : typed);
    if (!result) {
        refuse("--wait takes a number of seconds, not \"" + typed + "\"", "For example: --wait 30.");
    }
    return *result;
}

void set_times(Settings& settings, const Overrides& overrides, const Layer& layer, const Values& values,
               const std::string& file) {
    settings.connect_wait = overrides.wait
                                ? waited(*overrides.wait)
                                : values.duration(layer.connect_wait).value_or(std::chrono::seconds(0));
    settings.lock_timeout = values.duration(layer.lock_timeout);
    settings.lock_wait = values.duration(layer.lock_wait).value_or(std::chrono::seconds(60));
    settings.lock_attempts = values.count(layer.lock_attempts).value_or(settings.lock_attempts);
    settings.migration_timeout =
        values.duration(layer.migration_timeout).value_or(std::chrono::milliseconds(0));
    settings.lock_retry_time = values.duration(layer.lock_retry_time).value_or(settings.lock_retry_time);
    if (settings.lock_timeout == std::chrono::milliseconds(0)) {
        refuse(place(file, layer.lock_timeout->at) + ": a lock_timeout of 0 would wait without end",
               "Give a duration such as 5s, or remove the line: dibs then chooses a safe one.");
    }
}

} // namespace

Settings load(const Overrides& overrides, const Environment& environment, const fs::path& current_folder) {
    const fs::path here = Values::absolute(current_folder, "/");
    Settings settings;
    settings.root = here;
    if (overrides.config) {
        settings.file = Values::absolute(*overrides.config, here);
    } else {
        settings.file = find_project_file(here);
    }
    std::string shown;
    Layers layers;
    if (settings.file) {
        settings.root = settings.file->parent_path();
        shown = shown_path(*settings.file, here);
        layers = read_layers(
            parse_document(read_project_file(*settings.file, shown, largest_document), shown), shown);
    }
    const std::optional<Chosen> chosen = chosen_environment(overrides, environment);
    const Layer layer = layer_for(layers, chosen, shown);
    const Values values(environment, shown, settings.root);

    if (chosen) {
        settings.environment = chosen->name;
    }
    for (const auto& [name, environments_layer] : layers.environments) {
        settings.environments.push_back(name);
    }
    settings.database = choose_database(overrides, environment, layer, shown, settings.root);
    settings.source = values.path(layer.source, "migrations");
    settings.schema_library = values.path(layer.schema_library, "build/schema.so");
    if (layer.scratch_url) {
        settings.scratch_url = values.text(*layer.scratch_url);
    }
    if (overrides.libraries && overrides.libraries->empty()) {
        refuse("--dir is empty", "Give the folder with the built migrations, or leave --dir out.");
    }
    settings.libraries = overrides.libraries ? Values::absolute(*overrides.libraries, here)
                                             : values.path(layer.libraries, "build/migrations");
    set_history(settings, layer, values, shown);
    if (layer.role) {
        settings.role = values.identifier(*layer.role, "role", longest_name);
    }
    set_times(settings, overrides, layer, values, shown);
    settings.allow_unsafe_libraries = values.flag(layer.allow_unsafe_libraries);
    settings.strict = values.flag(layer.strict);
    if (layer.build) {
        settings.build = values.text(*layer.build);
    }
    settings.diff_include = values.list(layer.diff_include);
    settings.diff_exclude = values.list(layer.diff_exclude);
    return settings;
}

} // namespace dibs::config
