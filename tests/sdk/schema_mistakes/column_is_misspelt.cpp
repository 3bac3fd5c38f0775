#include <dibs/schema.hpp>

struct User {
    std::string email;
};

DIBS_TABLE(User, "users") {
    table.unique(&User::mail);
}

// g++: 'mail' is not a member of 'User'
// clang++: no member named 'mail' in 'User'
