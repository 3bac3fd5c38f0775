#include <dibs/migration.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <shop/money.hpp>

DIBS_MIGRATION(.description = "products.price, read by the shop's own parser");

constexpr const char* next_batch = R"sql(
    SELECT id, price FROM products
    WHERE id > $1 AND price IS NOT NULL AND price_cents IS NULL
    ORDER BY id LIMIT 1000 FOR NO KEY UPDATE
)sql";

constexpr const char* write_batch = R"sql(
    UPDATE products SET price_cents = parsed.cents, currency = parsed.currency
    FROM unnest($1::bigint[], $2::bigint[], $3::currency[]) AS parsed (id, cents, currency)
    WHERE products.id = parsed.id
)sql";

// All in one transaction: a few thousand products, whose prices are there all at once. The rows are locked as
// they are read: a price that the staff changes meanwhile would be overwritten with the old one.
void migrate(dibs::MigrationContext& ctx) {
    std::int64_t last = 0;
    std::size_t unreadable = 0;
    for (;;) {
        const dibs::Rows products = ctx.query(next_batch, last);
        if (products.empty())
            break;
        std::vector<std::int64_t> ids;
        std::vector<std::int64_t> cents;
        std::vector<std::string_view> currencies;
        for (const dibs::Row product : products) {
            last = product.get<std::int64_t>("id");
            const auto price = shop::parse_money(product.get<std::string_view>("price"));
            if (!price) {
                ++unreadable;
                continue;
            }
            ids.push_back(last);
            cents.push_back(price->cents);
            currencies.push_back(price->currency);
        }
        ctx.execute(write_batch, ids, cents, currencies);
    }
    ctx.log("prices that cannot be read (price_cents stays NULL): " + std::to_string(unreadable));
}
