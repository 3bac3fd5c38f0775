#pragma once

#include <optional>
#include <vector>

#include "cli/project.hpp"
#include "process/access.hpp"

namespace dibs::cli {

/// `--allow-unsafe-libraries`, for the commands that load libraries.
Option allow_unsafe_option();

/// Whether what a command is about to load can only have come from this account and root.
class LibrarySafety {
  public:
    explicit LibrarySafety(Invocation& invocation) : invocation_(invocation) {}

    /// All libraries and the way to them, before the first SQL.
    /// @throws report::Failure unless the user has allowed it
    void refuse_exposed(const std::vector<plugin::NamedFile>& files,
                        const std::vector<plugin::Library>& libraries);
    /// For a command that loads nothing: says with --verbose what refuse_exposed() would.
    void tell_exposed(const std::vector<plugin::NamedFile>& files,
                      const std::vector<plugin::Library>& libraries);

    /// Where one that is to be loaded looks for other libraries. @throws as refuse_exposed()
    void refuse_search_path(const plugin::Library& library);
    /// A schema's library, the way to it, and where it looks for others. @throws as refuse_exposed()
    void refuse_exposed(const plugin::SchemaLibrary& library);
    /// The worker is started without the entries of LD_LIBRARY_PATH that depend on the current folder: says
    /// so.
    /// @throws report::Failure with `in_process`, where the loader has them already
    void refuse_search_path_of_environment(bool in_process);

  private:
    /// What may come from another account has been allowed, by who may allow it.
    bool allowed();

    Invocation& invocation_;
    process::AccessCheck check_;
};

} // namespace dibs::cli
