#!/usr/bin/env bash
# The libraries are where they belong, named as they must be, whatever the project says of configurations and folders.
source "$(dirname "$0")/lib.sh"

migration migrations m2026_01_24_120000_first
project <<'END'
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY_DEBUG "${CMAKE_BINARY_DIR}/lib/debug")
set(CMAKE_DEBUG_POSTFIX d)
set(CMAKE_SHARED_MODULE_PREFIX lib)
set(CMAKE_SHARED_MODULE_SUFFIX .plugin)
set(CMAKE_AUTOMOC ON)
dibs_add_migrations(DIRECTORY migrations)
END
generator="Ninja Multi-Config"
quietly configure
for configuration in Debug Release Debug; do
    quietly build build --config $configuration
    is_migration build/migrations/m2026_01_24_120000_first.so migrations/m2026_01_24_120000_first.cpp
    [[ $(find build -name '*.so' -o -name '*.plugin') = build/migrations/m2026_01_24_120000_first.so ]] ||
        fail "there are other libraries: $(find build -name '*.so')"
done

generator=Ninja
quietly configure -B build-debug -DCMAKE_BUILD_TYPE=Debug
quietly build build-debug
is_migration build-debug/migrations/m2026_01_24_120000_first.so migrations/m2026_01_24_120000_first.cpp
