#include <dibs/schema.hpp>

#include <map>

struct User {
    std::int64_t id;
    std::map<std::string, std::string> attributes;
};

DIBS_TABLE(User, "users") {
    table.primary_key(&User::id);
}

// both: dibs: the type of this member (M, named above or below) has no PostgreSQL type: specialise
// dibs::column_type both: std::map<std::
