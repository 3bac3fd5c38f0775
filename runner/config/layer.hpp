#pragma once

#include "config/document.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dibs::config {

/// A value as dibs.yaml has it, `${...}` and all.
struct Raw {
    std::string text;
    Position at;
    std::vector<Raw> items = {}; ///< of a list, which has no text
};

/// What dibs.yaml says outside `environments:`, or under one name there; each setting may be absent.
struct Layer {
    std::optional<Raw> database;
    std::optional<Raw> source;
    std::optional<Raw> libraries;
    std::optional<Raw> schema_library;
    std::optional<Raw> scratch_url;
    std::optional<Raw> history_schema;
    std::optional<Raw> history_table;
    std::optional<Raw> role;
    std::optional<Raw> lock_timeout;
    std::optional<Raw> lock_wait;
    std::optional<Raw> lock_attempts;
    std::optional<Raw> lock_retry_time;
    std::optional<Raw> migration_timeout;
    std::optional<Raw> connect_wait;
    std::optional<Raw> allow_unsafe_libraries;
    std::optional<Raw> strict;
    std::optional<Raw> build;
    std::optional<Raw> diff_include;
    std::optional<Raw> diff_exclude;
};

struct Layers {
    Layer base;
    std::map<std::string, Layer> environments;
};

/// Throws report::Failure (with `file`, line and column) for an unknown name, and for a value that is not
/// what its name asks for; in every environment, not only in the one that will be used.
[[nodiscard]] Layers read_layers(const Node& document, const std::string& file);

/// `base` with what `environment` says in its place.
[[nodiscard]] Layer overlaid(const Layer& base, const Layer& environment);

} // namespace dibs::config
