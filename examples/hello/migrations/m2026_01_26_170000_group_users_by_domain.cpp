#include <dibs/migration.hpp>

#include <string>

DIBS_MIGRATION(.description = "everybody is in the group of the domain of the e-mail address");

namespace {

std::string domain_of(const std::string& email) {
    return email.substr(email.rfind('@') + 1);
}

} // namespace

void migrate(dibs::MigrationContext& ctx) {
    int grouped = 0;
    const dibs::Rows users = ctx.query("SELECT id, email FROM users ORDER BY id");
    for (const dibs::Row user : users) {
        const std::string domain = domain_of(user.get<std::string>("email"));
        try {
            // A statement that fails ends the transaction; in a savepoint it ends what the savepoint did.
            ctx.savepoint([&] { ctx.execute("INSERT INTO groups (name) VALUES ($1)", domain); });
        } catch (const dibs::Error& error) {
            if (error.sqlstate() != "23505") // unique_violation: the group is there
                throw;
        }
        ctx.execute("INSERT INTO memberships SELECT $1, id FROM groups WHERE name = $2", user.get<long>("id"),
                    domain);
        ++grouped;
    }
    ctx.log(std::to_string(grouped) + " users grouped by domain");
}

void rollback(dibs::MigrationContext& ctx) {
    ctx.execute("TRUNCATE memberships, groups");
}
