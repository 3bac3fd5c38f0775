#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "process/child.hpp"
#include "support/library.hpp"
#include "support/program.hpp"
#include "support/server.hpp"
#include "support/temporary_directory.hpp"

namespace dibs::tests {

/// In front of SQL, keeps dibs from looking there for what ends the transaction: where literals end may
/// change.
inline const std::string unseen = "SET standard_conforming_strings = on; ";

/// A user's project in a folder of its own, on a database of its own: sources in migrations/, libraries in
/// build/migrations/.
class Project {
  public:
    Project();

    /// Writes migrations/<stem>.cpp and compiles it with the flags of dibs_add_migrations(). Throws what the
    /// compiler says.
    void add(const std::string& stem, std::string_view source);
    /// The same, around a body of migrate(dibs::MigrationContext& ctx).
    void add_body(const std::string& stem, std::string_view body, std::string_view options = "");
    /// As many with the same body, compiled once: m2026_01_01_000000_<name>, and so on, a second apart. Where
    /// the body has the first of these names, each one has its own.
    void add_series(const std::string& name, std::string_view body, std::size_t count);
    /// The same, with a rollback() of this body.
    void add_reversible(const std::string& stem, std::string_view body, std::string_view undo,
                        std::string_view options = "");
    /// Several at once, compiled side by side.
    void add_sources(const std::vector<std::pair<std::string, std::string>>& stems_and_sources);
    void add_bodies(const std::vector<std::pair<std::string, std::string>>& stems_and_bodies);

    /// Runs dibs with these words, in the project's folder, on its database.
    Ran dibs(const std::vector<std::string>& words) const;
    /// Starts it; standard output and error go to <name>.out and <name>.err in the project's folder.
    process::Child start(const std::vector<std::string>& words, const std::string& name,
                         const std::filesystem::path& program = dibs_program()) const;
    [[nodiscard]] std::string read(const std::filesystem::path& file) const;
    void write(const std::filesystem::path& file, std::string_view text) const;

    std::string psql(std::string_view sql) const { return database_.psql(sql); }
    [[nodiscard]] const Database& database() const { return database_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] std::filesystem::path library(const std::string& stem) const {
        return folder() / "build/migrations" / (stem + ".so");
    }
    [[nodiscard]] std::filesystem::path source(const std::string& stem) const {
        return folder() / "migrations" / (stem + ".cpp");
    }

  private:
    [[nodiscard]] process::Command command(const std::vector<std::string>& words,
                                           const std::filesystem::path& program = dibs_program()) const;

    TemporaryDirectory folder_;
    Database database_;
};

} // namespace dibs::tests
