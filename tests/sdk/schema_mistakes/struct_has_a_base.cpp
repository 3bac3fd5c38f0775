#include <dibs/schema.hpp>

struct Row {
    std::int64_t id;
};
struct User : Row {
    std::string email;
};

DIBS_TABLE(User, "users") {}

// both: dibs: a table's struct has no base class: put the shared members into a struct of their own
