#include <dibs/schema.hpp>

struct Team {
    std::int64_t id;
};
struct User {
    std::int64_t team_id;
};

DIBS_TABLE(Team, "teams") {
    table.primary_key(&Team::id);
}
DIBS_TABLE(User, "users") {
    table.foreign_key(&User::team_id, &Team::id);
}

// both: dibs: foreign_key() takes columns of this table, and .references() those of the other
