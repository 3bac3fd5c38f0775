// What the schemas of tests include most, compiled once: see compile().
#include <dibs/schema_library.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>
