#!/usr/bin/env bash
# The libraries follow the sources at each `cmake --build`; what dibs did not make is left alone.
source "$(dirname "$0")/lib.sh"

libraries() {
    (cd "${1:-build/migrations}" && echo *)
}
is() {
    [[ $1 = "$2" ]] || fail "expected: $2; there is: $1"
}

migration migrations m2026_01_24_120000_first
migration migrations m2026_01_24_120001_second
project <<<'dibs_add_migrations(DIRECTORY migrations OUTPUT_DIRECTORY "${OUT}")'
quietly configure -DOUT="$PWD/build/migrations"
quietly build
is "$(libraries)" "m2026_01_24_120000_first.so m2026_01_24_120001_second.so"

# A new file.
migration migrations m2026_01_24_120002_third
quietly build
is "$(libraries)" "m2026_01_24_120000_first.so m2026_01_24_120001_second.so m2026_01_24_120002_third.so"

# Go's build leaves out what is called like this.
migration migrations m2026_01_24_120009_build_for_linux_arm64
migration migrations m2026_01_24_120010_add_test
quietly build
is "$(libraries)" "m2026_01_24_120000_first.so m2026_01_24_120001_second.so m2026_01_24_120002_third.so \
m2026_01_24_120009_build_for_linux_arm64.so m2026_01_24_120010_add_test.so"
rm migrations/m2026_01_24_120009_build_for_linux_arm64.cpp migrations/m2026_01_24_120010_add_test.cpp

# A removed and a renamed one, and libraries that came from elsewhere, one of them named like a migration.
touch build/migrations/{notes.txt,m2020_01_01_000000_foreign.so}
rm migrations/m2026_01_24_120000_first.cpp
mv migrations/m2026_01_24_120001_second.cpp migrations/m2026_01_24_120003_moved.cpp
quietly build
is "$(libraries)" \
    "m2020_01_01_000000_foreign.so m2026_01_24_120002_third.so m2026_01_24_120003_moved.so notes.txt"

# A name that is no migration's is said, and its library goes.
mv migrations/m2026_01_24_120002_third.cpp migrations/third.cpp
touch migrations/.#m2026_01_24_120003_moved.cpp
quietly build
says "third.cpp is not named like a migration"
! grep -qF '.#m' "$log" || fail "warns of an editor's file"
is "$(libraries)" "m2020_01_01_000000_foreign.so m2026_01_24_120003_moved.so notes.txt"

# Another output folder: the old one is cleared of what dibs made.
quietly configure -DOUT=elsewhere
quietly build
is "$(libraries)" "m2020_01_01_000000_foreign.so notes.txt"
is "$(libraries build/elsewhere)" m2026_01_24_120003_moved.so

# A copied build tree lists the original's libraries, which are not its own.
cp -r build copy
rm -rf copy/CMakeCache.txt copy/CMakeFiles
quietly configure -B copy -DOUT=elsewhere
is "$(libraries build/elsewhere)" m2026_01_24_120003_moved.so

# The last migration and the call itself go.
rm migrations/*.cpp
quietly build
is "$(libraries build/elsewhere)" '*'
