#include <dibs/migration.hpp>

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include <shop/slug.hpp>

DIBS_MIGRATION(.description = "web addresses of products, no two the same");

// Small enough for one query, one update, and a strong lock until the end.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("ALTER TABLE products ADD COLUMN slug text UNIQUE");
    std::vector<std::int64_t> ids;
    std::vector<std::string> slugs;
    std::unordered_set<std::string> taken;
    const dibs::Rows products = ctx.query("SELECT id, title FROM products ORDER BY id");
    for (const dibs::Row product : products) {
        std::string base = shop::slug(product.get<std::string>("title"));
        if (base.empty())
            base = "product";
        std::string slug = base;
        for (int n = 2; !taken.insert(slug).second; ++n)
            slug = base + '-' + std::to_string(n);
        ids.push_back(product.get<std::int64_t>("id"));
        slugs.push_back(std::move(slug));
    }
    ctx.execute(R"sql(
        UPDATE products SET slug = made.slug
        FROM unnest($1::bigint[], $2::text[]) AS made (id, slug) WHERE products.id = made.id
    )sql",
                ids, slugs);
}
