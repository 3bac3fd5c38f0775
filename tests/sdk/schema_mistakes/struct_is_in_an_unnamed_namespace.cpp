#include <dibs/schema.hpp>

namespace {
struct User {
    std::int64_t id;
};
} // namespace

DIBS_TABLE(User, "users") {}

// both: dibs: a table's struct has external linkage: it is not in an unnamed namespace and not in a function
