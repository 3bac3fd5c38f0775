#pragma once

#include "cli/command.hpp"

namespace dibs::cli {

/// `--no-build`, for the commands that build.
Option no_build_option();

enum class Needs { database, no_database };

/// Whether there is a `build:` to run, and no --no-build.
bool builds(const Invocation& invocation);

/// Brings the libraries up to date: runs the `build:` of dibs.yaml in its folder by /bin/sh. Silent when it
/// succeeds, unless --verbose; on standard error only.
/// @param needs a command that needs a database and has none fails before it builds
/// @throws report::Failure when it fails, and for a dibs.yaml that another account could have written
void build(Invocation& invocation, Needs needs = Needs::database);

} // namespace dibs::cli
