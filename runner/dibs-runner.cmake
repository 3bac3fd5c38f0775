# Part of dibs-config.cmake: dibs::runner and what it is linked with.
include(CMakeFindDependencyMacro)
find_dependency(yaml-cpp)
find_dependency(PostgreSQL)
find_dependency(fmt)
find_dependency(OpenSSL COMPONENTS Crypto)
find_dependency(Threads)

include("${CMAKE_CURRENT_LIST_DIR}/dibs-runner-targets.cmake")
set(dibs_runner_FOUND TRUE)
