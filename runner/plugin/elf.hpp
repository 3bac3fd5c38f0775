#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::plugin {

/// Not a shared library that this machine could load; what() says why, as the end of "x.so: ...".
class BadElf : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What dibs wants from a library: its note and its source section. All of it comes from foreign bytes, so
/// every offset is held against the file's size before it is used.
struct ElfParts {
    std::string note;                  ///< text of the note named "dibs"; empty when there is none
    std::optional<std::string> source; ///< content of .dibs.source
    std::uint64_t source_address = 0;  ///< where it will be, from the load address on
    bool has_rollback = false;         ///< exports a function of this name
};

/// Gives `size` bytes at `offset`; called only within the file's size.
using ReadRange = std::function<std::string(std::uint64_t offset, std::size_t size)>;

/// @throws BadElf
ElfParts read_elf(std::uint64_t file_size, const ReadRange& read);

/// What the loader is told to load along with a library, and where to look for it.
struct ElfDependencies {
    std::vector<std::string> needed; ///< names, or paths (DT_NEEDED)
    std::string search_path;         ///< folders with a ':' between them (DT_RUNPATH, else DT_RPATH)
};

/// @throws BadElf
ElfDependencies read_elf_dependencies(std::uint64_t file_size, const ReadRange& read);

} // namespace dibs::plugin
