#include <dibs/schema.hpp>

struct User {
    std::uint32_t id;
};

DIBS_TABLE(User, "users") {}

// both: dibs: PostgreSQL has no unsigned integers and no characters: take a signed integer for this member
