#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dibs::config {

/// Where in a file something begins: both counted from 1, the column in characters.
struct Position {
    int line = 1;
    int column = 1;
};

/// `dibs.yaml:3:11`, as editors and compilers write it.
[[nodiscard]] std::string place(const std::string& file, Position position);

struct Entry;

/// One value of a YAML document, of which dibs uses maps and lists of text only. A quoted text is never taken
/// for a number or a boolean.
struct Node {
    enum class Kind { empty, text, map, list };
    Kind kind = Kind::empty;
    Position at;
    std::string text;
    bool quoted = false;
    std::vector<Entry> entries; ///< of a map
    std::vector<Node> items;    ///< of a list
};

struct Entry {
    std::string key;
    Position at;
    Node value;
};

constexpr std::size_t largest_document = std::size_t{1} << 20;

/// The one YAML document in `text`; empty text is an empty map. Throws report::Failure with `file`, line and
/// column for everything that YAML forbids, and for what has no business in a configuration: anchors and
/// aliases (they can grow without bound), tags, duplicate keys, a second document, tabs as indentation, bytes
/// that are not UTF-8, more than `largest_document` bytes.
[[nodiscard]] Node parse_document(std::string text, const std::string& file);

} // namespace dibs::config
