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

// both: dibs: this is no member of the table's struct
