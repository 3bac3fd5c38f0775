#!/usr/bin/env bash
# The linkers that a project may choose do what the runner relies on, also where one does not know an option of ours.
source "$(dirname "$0")/lib.sh"

migration migrations m2026_01_24_120000_first
project <<<'dibs_add_migrations(DIRECTORY migrations)'
for linker in bfd gold lld mold; do
    if "$compiler" -fuse-ld=$linker -Wl,--version >/dev/null 2>&1; then
        rm -rf build
        quietly configure -DCMAKE_MODULE_LINKER_FLAGS="-fuse-ld=$linker -Wl,--gc-sections"
        quietly build
        is_migration build/migrations/m2026_01_24_120000_first.so migrations/m2026_01_24_120000_first.cpp
    fi
done
