#include <dibs/schema.hpp>

struct User {
    std::int64_t id;
};
struct Audit {
    std::int32_t by;
};
struct Order {
    std::int64_t id;
    Audit audit;
};

DIBS_TABLE(User, "users") {
    table.primary_key(&User::id);
}
DIBS_TABLE(Order, "orders") {
    const auto audit = table.embed(&Order::audit);
    table.foreign_key(audit(&Audit::by)).references(&User::id);
}

// both: dibs: a foreign key's columns have the types of those that it references
