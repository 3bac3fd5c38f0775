#include <dibs/schema.hpp>

struct User {
    explicit User(int number) : id(number) {}
    int id;
};

DIBS_TABLE(User, "users") {}

// both: dibs: a table's struct is a plain aggregate: no constructors, no private members, no virtual
// functions
