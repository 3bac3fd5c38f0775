#include <dibs/schema.hpp>

struct User {
    std::string email;
};
struct Team {
    std::string name;
};

DIBS_TABLE(User, "users") {
    table.index(&User::email, &Team::name);
}

// g++: no matching function for call to
// clang++: no matching member function for call to 'index'
