#include <dibs/schema.hpp>

struct User {
    std::string email;
};

DIBS_TABLE(User, "users") {
    table.unique("email");
}

// both: dibs: a column is named by a pointer to its member, as &User::email, and not by text
