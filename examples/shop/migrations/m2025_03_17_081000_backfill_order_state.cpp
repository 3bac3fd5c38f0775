#include <dibs/migration.hpp>

#include <cstdint>
#include <optional>
#include <string>

DIBS_MIGRATION(.transaction = false, .description = "orders.state of the orders that are older than it");

constexpr const char* update_batch = R"sql(
    WITH batch AS (
        SELECT id FROM orders WHERE id > $1 ORDER BY id LIMIT 5000
    ), done AS (
        UPDATE orders SET state = order_state_of(status)
        FROM batch WHERE orders.id = batch.id AND orders.state IS NULL
        RETURNING orders.id
    )
    SELECT (SELECT max(id) FROM batch) AS last, (SELECT count(*) FROM done) AS updated
)sql";

// Each batch commits by itself, so that no order stays locked for long. After a failure it begins anew: the
// condition on `state` makes what is done already quick, and harmless.
void migrate(dibs::MigrationContext& ctx) {
    std::optional<std::int64_t> last = 0;
    std::int64_t updated = 0;
    while (last) {
        const auto batch = ctx.query(update_batch, last).one();
        last = batch.get<std::optional<std::int64_t>>("last");
        updated += batch.get<std::int64_t>("updated");
    }
    ctx.log("orders that had no state: " + std::to_string(updated));
}
