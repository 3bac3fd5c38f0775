#include <dibs/schema.hpp>

#include <map>

struct Audit {
    std::map<int, int> counts;
};
struct User {
    std::int64_t id;
    Audit audit;
};

DIBS_TABLE(User, "users") {
    table.embed(&User::audit);
}

// both: dibs: the type of this member (M, named above or below) has no PostgreSQL type: specialise
// dibs::column_type both: std::map<int
