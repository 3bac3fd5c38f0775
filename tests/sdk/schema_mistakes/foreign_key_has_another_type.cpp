#include <dibs/schema.hpp>

struct User {
    std::int64_t id;
};
struct Order {
    std::int32_t user_id;
};

DIBS_TABLE(User, "users") {
    table.primary_key(&User::id);
}
DIBS_TABLE(Order, "orders") {
    table.foreign_key(&Order::user_id).references(&User::id);
}

// both: dibs: a foreign key's columns have the types of those that it references
