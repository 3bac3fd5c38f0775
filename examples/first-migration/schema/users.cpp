#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <dibs/schema.hpp>

// Add a member, and `dibs diff` tells what the database lacks; `dibs generate-from-diff NAME` writes the
// migration.
struct User {
    std::int64_t id;
    std::string email;
    std::string name;
    std::optional<std::string> bio;
    std::chrono::sys_time<std::chrono::microseconds> created_at;
};

DIBS_TABLE(User, "users") {
    table.primary_key(&User::id);
    table.identity(&User::id);
    table.unique(&User::email);
    table.index(&User::created_at);
    table.default_to(&User::created_at, "now()");
}
