#!/usr/bin/env bash
# find_package(dibs) after `cmake --install`, from a prefix that was moved since; and examples/hello stands alone.
source "$(dirname "$0")/lib.sh"

quietly configure -S "$dibs" -B dibs-build -DDIBS_BUILD_RUNNER=OFF -DDIBS_BUILD_TESTS=OFF -DDIBS_BUILD_EXAMPLES=OFF \
    -DDIBS_BUILD_BENCH=OFF
quietly cmake --install dibs-build --prefix "$work/first"
rm -rf dibs-build
mv first "the prefix, moved"
prefix="$work/the prefix, moved"

cp -r "$dibs/examples/hello" hello
quietly configure -S hello -B hello/build -DCMAKE_PREFIX_PATH="$prefix"
quietly build hello/build
for source in hello/migrations/*.cpp; do
    is_migration "hello/build/migrations/$(basename "$source" .cpp).so" "$source" "migrate rollback"
done
! grep -rqF "$dibs/" hello/build/build.ninja || fail "uses the source tree of dibs"

mkdir wants-runner
cat >wants-runner/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(app LANGUAGES CXX)
find_package(dibs REQUIRED COMPONENTS runner)
END
refused configure -S wants-runner -B wants-runner/build -DCMAKE_PREFIX_PATH="$prefix"
says "this dibs was installed without its runner"
