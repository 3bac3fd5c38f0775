#!/usr/bin/env bash
# A sanitizer of the project's is in its migrations and in their notes. However the project asks for it, clang++ must
# then not be told to resolve every symbol, because its runtime is in the program.
source "$(dirname "$0")/lib.sh"

migration migrations m2026_01_24_120000_first

check() {
    is_migration build/migrations/m2026_01_24_120000_first.so migrations/m2026_01_24_120000_first.cpp
    grep -qax "sanitizer=$1" "$work/note" || fail "the note does not name the sanitizer $1"
    rm -rf build
}

project <<<'dibs_add_migrations(DIRECTORY migrations)'
quietly configure -DCMAKE_CXX_FLAGS=-fsanitize=address,undefined
quietly build
check address

project <<'END'
add_compile_options(-fsanitize=thread)
add_link_options(-fsanitize=thread)
dibs_add_migrations(DIRECTORY migrations)
END
quietly configure
quietly build
check thread
