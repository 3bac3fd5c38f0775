#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/comparison.hpp"
#include "cli/renames.hpp"
#include "database/connection.hpp"
#include "declared/model.hpp"
#include "schema/diff/phases.hpp"
#include "schema/diff/plan.hpp"
#include "schema/read/reader.hpp"
#include "scratch/server.hpp"

namespace dibs::cli {

/// What dibs itself keeps in a database is in no model.
schema::ReadOptions read_options(const config::Settings& settings);

/// `--schema-file`, for the commands that compare a database with what it shall be.
Option schema_file_option();

/// One migration of a plan that was tried.
struct Tried {
    schema::Phase phase;
    std::optional<schema::Phase> back; ///< where the way back loses nothing and keeps nobody waiting
};

/// Holds a database against what the project's structs, or a file, say it shall be. That is made in a
/// database on a scratch server, so that PostgreSQL itself reads both.
class WantedSchema {
  public:
    /// @param target stays the caller's; it is only read
    WantedSchema(Invocation& invocation, database::Connection& target);

    /// @param fingerprint where given, it gets that of the target's schema as it is (cli::fingerprint())
    /// @throws report::Failure
    Comparison compare(std::string* fingerprint = nullptr);

    /// Carries a comparison's plan out on a copy of the target's schema, and looks whether what was wanted
    /// came of it.
    /// @throws report::Failure with what is wrong
    std::vector<Tried> prove(const Comparison& comparison);

  private:
    schema::Model load_declared();
    schema::Model load_file();
    schema::Model read_copy(database::Connection& copy) const;
    void rename(const std::vector<Rename>& due, schema::Model& current);
    std::string copy();
    std::optional<std::string> attempt(const Comparison& comparison, const std::vector<schema::Phase>& phases,
                                       std::vector<schema::Model>& models);
    void undo(const std::vector<schema::Model>& models, std::vector<Tried>& tried);

    Invocation& invocation_;
    database::Connection& target_;
    schema::ReadOptions options_;
    schema::Filter filter_;
    std::optional<declared::Schema> declared_; ///< or
    std::string file_;                         ///< what stands in the one given
    scratch::Server server_;
    std::optional<database::Connection> scratch_;  ///< to the database with the wanted schema
    std::string pristine_;                         ///< a copy of the target's schema, if there is one yet
    std::string last_copy_;                        ///< on which a plan was carried out
    std::set<schema::Key> locked_away_;            ///< tables that the role cannot copy, and nobody declares
    schema::DefaultPrivileges default_privileges_; ///< of the target's role
    std::vector<Rename> due_;                      ///< which the plan begins with
    schema::Model renamed_;                        ///< the target's schema after these
};

} // namespace dibs::cli
