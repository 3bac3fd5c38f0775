#include <dibs/migration.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <shop/slug.hpp>

DIBS_MIGRATION(.description = "products in web addresses, no two under the same");

namespace {

/// Gives no name twice: bolt, bolt-2, bolt-3.
class Names {
  public:
    std::string unused(const std::string& base) {
        int& last = last_.try_emplace(base, 1).first->second; // thousands of bolts do not count anew
        std::string name = base;
        while (!taken_.insert(name).second)
            name = base + '-' + std::to_string(++last);
        return name;
    }

  private:
    std::unordered_set<std::string> taken_;
    std::unordered_map<std::string, int> last_;
};

} // namespace

// A small table: one query, one update, and a strong lock until both are done.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("ALTER TABLE products ADD COLUMN slug text UNIQUE");
    Names names;
    std::vector<std::int64_t> ids;
    std::vector<std::string> slugs;
    const dibs::Rows products = ctx.query("SELECT id, title FROM products ORDER BY id");
    for (const dibs::Row product : products) {
        const std::string slug = shop::slug(product.get<std::string_view>("title"));
        ids.push_back(product.get<std::int64_t>("id"));
        slugs.push_back(names.unused(slug.empty() ? "product" : slug));
    }
    ctx.execute(
        "UPDATE products SET slug = made.slug FROM unnest($1::bigint[], $2::text[]) AS made (id, slug) "
        "WHERE products.id = made.id",
        ids, slugs);
}
