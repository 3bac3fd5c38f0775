#!/usr/bin/env bash
# With ccache a changed comment is a changed source: the preprocessed text is the same, the embedded source is not.
source "$(dirname "$0")/lib.sh"

command -v ccache >/dev/null || { echo "ccache is not here"; exit 77; }
unset CCACHE_DISABLE
export CCACHE_DIR=$work/cache CCACHE_SLOPPINESS=pch_defines,time_macros

migration migrations m2026_01_24_120000_first
project <<<'dibs_add_migrations(DIRECTORY migrations)'
for header in ON OFF; do
    quietly configure -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DDIBS_PRECOMPILED_HEADER=$header
    for change in one two; do
        echo "// $change" >>migrations/m2026_01_24_120000_first.cpp
        quietly build
        is_migration build/migrations/m2026_01_24_120000_first.so migrations/m2026_01_24_120000_first.cpp
    done
done
