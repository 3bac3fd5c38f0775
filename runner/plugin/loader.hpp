#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "plugin/library.hpp"

namespace dibs {
inline namespace abi_v1 {
class MigrationContext;
class SchemaSink;
} // namespace abi_v1
} // namespace dibs

namespace dibs::plugin {

/// What of a library was checked on disk and must be what is loaded.
struct Expected {
    std::string path;
    FileIdentity identity;
    std::string checksum;
    std::uint64_t source_address = 0;
    std::uint64_t source_size = 0;
};
Expected expected(const Library& library);

/// A migration's library in this process. Never unloaded: exceptions, thread-local destructors and function
/// pointers of it may outlive everything (docs/abi.md), so there is no way to close it.
class LoadedLibrary {
  public:
    using Function = void (*)(dibs::MigrationContext&);

    /// Loads with RTLD_NOW and RTLD_LOCAL; static constructors run here.
    /// @throws report::Failure: not the file that was checked, an undefined symbol, a constructor that throws
    explicit LoadedLibrary(const Expected& wanted);

    [[nodiscard]] Function migrate() const { return migrate_; }
    [[nodiscard]] Function rollback() const { return rollback_; } ///< null when it has none

  private:
    Function migrate_ = nullptr;
    Function rollback_ = nullptr;
};

/// A schema's library in this process, loaded as a migration's is.
class LoadedSchema {
  public:
    using Function = void (*)(dibs::SchemaSink&);

    /// @throws report::Failure: not the file that was checked, an undefined symbol, a constructor that throws
    LoadedSchema(const std::string& path, const FileIdentity& identity);

    [[nodiscard]] Function describe() const { return describe_; }

  private:
    Function describe_ = nullptr;
};

} // namespace dibs::plugin
