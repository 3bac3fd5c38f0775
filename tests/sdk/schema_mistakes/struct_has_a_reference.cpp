#include <dibs/schema.hpp>

struct User {
    int id;
    int& other;
};

DIBS_TABLE(User, "users") {}

// both: dibs: the members of this struct cannot be counted: it has none, or one that cannot be made from {}
