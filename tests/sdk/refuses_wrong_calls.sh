#!/usr/bin/env bash
# Each wrong call of dibs_add_migrations() ends the configuration with a message that says what is wrong.
source "$(dirname "$0")/lib.sh"

migration migrations m2026_01_24_120000_first
migration other/migrations m2026_01_24_120000_first
touch file

calls=(
    'dibs_add_migrations()'
    'DIRECTORY is missing'
    'dibs_add_migrations(migrations)'
    'unknown argument "migrations"; it takes DIRECTORY'
    'dibs_add_migrations(DIRECTORY migrations OUTPUT out)'
    'unknown argument "OUTPUT"'
    'dibs_add_migrations(DIRECTORY migrations TARGET)'
    'TARGET has no value'
    'dibs_add_migrations(DIRECTORY nowhere)'
    'nowhere is not a folder'
    'dibs_add_migrations(DIRECTORY file)'
    'file is not a folder'
    'dibs_add_migrations(DIRECTORY migrations) dibs_add_migrations(DIRECTORY ./other/../migrations TARGET b OUTPUT_DIRECTORY b)'
    'builds the migrations of'
    'dibs_add_migrations(DIRECTORY migrations) dibs_add_migrations(DIRECTORY other/migrations TARGET b)'
    'a second call needs another OUTPUT_DIRECTORY'
    'dibs_add_migrations(DIRECTORY migrations) dibs_add_migrations(DIRECTORY other/migrations OUTPUT_DIRECTORY b)'
    'there is a target dibs_migrations already; name another with TARGET'
)
for ((i = 0; i < ${#calls[@]}; i += 2)); do
    project <<<"${calls[i]//) dibs/)$'\n'dibs}"
    refused configure
    says "${calls[i + 1]}"
done

# What the messages advise is right.
project <<'END'
dibs_add_migrations(DIRECTORY migrations)
dibs_add_migrations(DIRECTORY other/migrations/ TARGET other_migrations OUTPUT_DIRECTORY other)
END
quietly configure
quietly build
is_migration build/migrations/m2026_01_24_120000_first.so migrations/m2026_01_24_120000_first.cpp
is_migration build/other/m2026_01_24_120000_first.so other/migrations/m2026_01_24_120000_first.cpp

cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(app LANGUAGES CXX)
include("$dibs/plugin-sdk/cmake/dibs_add_migrations.cmake")
dibs_add_migrations(DIRECTORY migrations)
END
refused configure
says "call find_package(dibs REQUIRED)"
