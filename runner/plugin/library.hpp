#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "plugin/elf.hpp"
#include "plugin/note.hpp"
#include "plugin/version.hpp"
#include "process/access.hpp"

namespace dibs::plugin {

/// Which file it was, so that what was checked can be told from what is loaded later.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;       ///< bytes
    std::int64_t modified_ns = 0; ///< since the epoch
    process::Rights rights;

    bool operator==(const FileIdentity&) const = default;
};

/// A migration's library as it lies on disk: read, never loaded.
struct Library {
    Version version;
    std::string path;
    FileIdentity identity;
    Note note;
    std::string source; ///< the text it was built from
    std::string checksum;
    std::uint64_t source_address = 0;
    bool has_rollback = false;
};

/// Reads a library's note and source.
/// @throws report::Failure: unreadable, no ELF file, truncated, another machine, no note, a note of another
/// file
Library read_library(const std::string& path, const Version& version);

/// @throws report::Failure: unreadable, or not the file that it was
ElfDependencies read_dependencies(const std::string& path, const FileIdentity& identity);

/// A schema's library as it lies on disk.
struct SchemaLibrary {
    std::string path;
    FileIdentity identity;
    Note note;
};

/// Reads the note of a schema's library, and holds it against this runner.
/// @throws report::Failure: not there, unreadable, no ELF file, no note, or one that refusal() refuses
SchemaLibrary read_schema_library(const std::string& path);

FileIdentity identify(int file_descriptor);

} // namespace dibs::plugin
