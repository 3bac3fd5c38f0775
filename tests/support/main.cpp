#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <sys/stat.h>

// What tests write must not be a group's, whatever the developer's umask: dibs would refuse it.
[[maybe_unused]] static const mode_t umask_before = umask(022);
