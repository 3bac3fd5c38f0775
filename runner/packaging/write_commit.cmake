# Writes the C++ source with dibs::cli::commit, at each build; leaves it alone when nothing changed.
# usage: cmake -D SOURCE=<dibs's folder> -D OUTPUT=<file> -P write_commit.cmake
cmake_minimum_required(VERSION 3.25)

set(hash "")
set(modified false)
# Not in a folder that merely lies in somebody's repository: that commit would be another project's.
if(EXISTS "${SOURCE}/.git")
  foreach(variable GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE) # set where a hook of git's builds
    unset(ENV{${variable}})
  endforeach()
  # Without safe.directory git refuses a repository of another account, which in containers is a usual thing.
  set(git git -C "${SOURCE}" -c "safe.directory=${SOURCE}" --no-optional-locks)
  execute_process(COMMAND ${git} rev-parse --verify --quiet HEAD OUTPUT_VARIABLE hash ERROR_QUIET
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${git} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
  if(NOT changes STREQUAL "")
    set(modified true)
  endif()
else()
  # `git archive` replaces what stands in that file (.gitattributes).
  file(STRINGS "${SOURCE}/runner/packaging/commit.txt" hash)
endif()
if(NOT hash MATCHES "^[0-9a-f]+$")
  set(hash "")
  set(modified false)
endif()

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [[
#include "cli/version.hpp"

constinit const dibs::cli::Commit dibs::cli::commit{"@hash@", @modified@};
]])
