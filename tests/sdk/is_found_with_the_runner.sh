#!/usr/bin/env bash
# find_package(dibs COMPONENTS runner) gives an application the whole of dibs::runner, ready to link, from wherever the
# installed files were put since.
# usage: is_found_with_the_runner.sh <dibs source folder> <compiler> <generator> <dibs build folder>
built=$4
source "$(dirname "$0")/lib.sh"

DESTDIR=$work/stage quietly cmake --install "$built" --prefix /opt/dibs
mv stage/opt/dibs "the prefix, moved"
prefix="$work/the prefix, moved"
[[ -x $prefix/bin/dibs ]] || fail "the program is not installed"
[[ -f $prefix/share/doc/dibs/LICENSE-MIT && -f $prefix/share/doc/dibs/LICENSE-APACHE ]] || fail "the licences are missing"
! grep -rlE -e "^[^#]*(/opt/dibs|$work|$dibs|$built)" --include='*.cmake' "$prefix" || fail "these name a fixed place"
cat >main.cpp <<'END'
#include <report/failure.hpp>
int main() { return 0; }
END
# The whole of the archive, so that each symbol it needs must be found.
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(app LANGUAGES CXX)
find_package(dibs 0.1 REQUIRED COMPONENTS runner)
add_executable(app main.cpp)
target_link_libraries(app PRIVATE dibs::runner)
target_link_options(app PRIVATE -Wl,--whole-archive $<TARGET_FILE:dibs::runner> -Wl,--no-whole-archive)
END
quietly configure -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_FLAGS="${FLAGS:-}"
quietly build
quietly build/app
! grep -qF "$dibs/runner" build/build.ninja || fail "uses the source tree of dibs"
