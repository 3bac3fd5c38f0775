#include <dibs/schema.hpp>

struct Audit {
    std::string by;
};
struct User {
    std::string email;
    Audit audit;
};

DIBS_TABLE(User, "users") {
    table.embed(&User::audit);
    table.unique(&User::email, &Audit::by);
}

// both: dibs: this is no member of the table's struct (a member of an embedded one is named by what
// table.embed() gives
