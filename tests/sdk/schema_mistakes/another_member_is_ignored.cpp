#include <dibs/schema.hpp>

#include <map>
#include <set>

struct User {
    std::int64_t id;
    std::map<std::string, std::string> attributes;
    std::set<int> cache;
};

DIBS_TABLE(User, "users") {
    table.ignore(&User::cache);
}

// both: dibs: the type of this member (M, named above or below) has no PostgreSQL type: specialise
// dibs::column_type both: std::map<std::
