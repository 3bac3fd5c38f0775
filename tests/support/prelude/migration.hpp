// What the sources of tests include most (source_around()), compiled once: see compile().
#include <dibs/migration.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>
