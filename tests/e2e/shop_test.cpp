#include "support/embedded_project.hpp"
#include "support/server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::EmbeddedProject;
using dibs::tests::Ran;
using dibs::tests::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

/// examples/shop alone, copied to where nothing else of dibs is, with a dibs that was installed.
class Shop {
  public:
    Shop() {
        for (const fs::directory_entry& entry : fs::directory_iterator(DIBS_TEST_EXAMPLES "/shop"))
            if (const fs::path name = entry.path().filename(); name != "build" && name != ".dibs")
                fs::copy(entry.path(), project_.folder() / name, fs::copy_options::recursive);
        const std::vector<std::string> install{"cmake", "--install", dibs::tests::build_tree().string(),
                                               "--prefix", prefix_.path().string()};
        REQUIRE(dibs::tests::run_in(prefix_.path(), install).code == 0);
    }

    /// What it printed; it must succeed.
    std::string dibs(std::vector<std::string> words) const {
        words.insert(words.begin(), (prefix_.path() / "bin/dibs").string());
        // The warnings of dibs itself, for those who copy from the example.
        const Ran ran =
            dibs::tests::run_in(project_.folder(), std::move(words),
                                {{"CXXFLAGS", "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"}});
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
        return ran.out;
    }
    void migrate_to(const std::string& version) const { dibs({"migrate", "--to", version}); }
    /// So that the next run takes it for one that failed at its end.
    void forget(const std::string& version) const {
        CHECK(psql("WITH backfills AS (DELETE FROM _dibs_backfills WHERE version = '" + version +
                   "') DELETE FROM _dibs_migrations WHERE version = '" + version +
                   "' RETURNING 'forgotten'") == "forgotten");
    }
    std::string psql(std::string_view sql) const { return dibs::tests::psql(project_.server(), "dibs", sql); }
    [[nodiscard]] fs::path folder() const { return project_.folder(); }

  private:
    TemporaryDirectory prefix_;
    EmbeddedProject project_{""};
};

const char* const price_texts = R"sql(
    INSERT INTO products (sku, title, price) VALUES
        ('a', 'Ä  Ö--ü', '1.234.567,89 EUR'), ('b', '  ß ', 'EUR 0.05'), ('c', '日本 tea 2', '1,234,567$'),
        ('d', '-', '£1.234'), ('e', 'product', '1234567.89 USD'), ('f', 'PRODUCT 2', '999999999999.99 EUR'),
        ('g', 'x', '12,34,567 EUR'), ('h', 'x', '1.234.56 EUR'), ('i', 'x', ',50 EUR'), ('j', 'x', 'EUR'),
        ('k', 'x', '-5.00 EUR'), ('l', 'x', '5 EUR USD'), ('m', 'x', ''), ('n', 'x', '1234,567 EUR'),
        ('o', 'x', '99999999999999999999 EUR'), ('p', 'x', 'EUR.50'), ('q', 'x', '5,5 0 EUR')
)sql";

void orders_have_a_state_and_users_that_exist(const Shop& shop) {
    CHECK(shop.psql("SELECT id, user_id, state FROM orders WHERE id < 10 ORDER BY id") ==
          "1|1|new\n2|1|paid\n3|2|shipped\n4|2|cancelled\n5|2|on_hold\n6|1|new\n7||paid\n8||paid\n"
          "9|2|shipped");
    CHECK(shop.psql("SELECT count(*) FROM orders WHERE state = 'paid'") == "12003");
    CHECK(shop.psql("SELECT pg_typeof(state), (SELECT attnotnull FROM pg_attribute WHERE attrelid = "
                    "'orders'::regclass AND attname = 'state') FROM orders LIMIT 1") == "order_state|t");
    CHECK(shop.psql("SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE conrelid "
                    "= 'orders'::regclass AND convalidated") == "orders_pkey orders_user_id_fkey");
    CHECK(shop.psql("SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = "
                    "'orders_user_id_idx'::regclass") ==
          "t|CREATE INDEX orders_user_id_idx ON public.orders USING btree (user_id)");
    CHECK(shop.psql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = "
                    "'status'") == "0");
    CHECK_THROWS_WITH(shop.psql("INSERT INTO orders (state) VALUES (NULL)"),
                      Catch::Contains("not-null constraint"));
    CHECK_THROWS_WITH(shop.psql("INSERT INTO orders (state) VALUES ('Paid')"),
                      Catch::Contains("invalid input value for enum order_state"));
    CHECK_THROWS_WITH(shop.psql("INSERT INTO orders (user_id) VALUES (4711)"),
                      Catch::Contains("orders_user_id_fkey"));
    CHECK(shop.psql("INSERT INTO orders (user_id) VALUES (1) RETURNING state") == "new");
    shop.psql("DELETE FROM users WHERE id = 1");
    CHECK(shop.psql("SELECT user_id IS NULL FROM orders WHERE id = 1") == "t");
}

void prices_are_read_and_never_guessed(const Shop& shop) {
    CHECK(shop.psql("SELECT sku, price_cents, currency FROM products WHERE price_cents IS NOT NULL AND "
                    "sku !~ 'BOLT' ORDER BY id") ==
          "MUG-1|1250|EUR\nMUG-2|1250|EUR\nLAP-1|129900|USD\nLAP-2|129900|EUR\nTEA-1|420|GBP\n"
          "STICKER-1|0|EUR\na|123456789|EUR\nb|5|EUR\nc|123456700|USD\nd|123400|GBP\ne|123456789|USD\n"
          "f|99999999999999|EUR");
    CHECK(shop.psql("SELECT string_agg(sku, ' ' ORDER BY id) FROM products WHERE price_cents IS NULL") ==
          "ART-1 GIFT-1 PEN-1 INK-1 g h i j k l m n o p q");
    CHECK(shop.psql("SELECT count(*), sum(price_cents) FROM products WHERE sku ~ 'BOLT'") == "2500|3126250");
}

void order_lines_keep_their_price(const Shop& shop) {
    shop.psql(
        "UPDATE products SET price_cents = 1400 WHERE id = 1; "
        "INSERT INTO order_lines VALUES (9, 1, 1, NULL, NULL), (9, 2, 1, 999, 'USD'), (9, 6, 1, NULL, NULL)");
    CHECK(shop.psql("SELECT order_id, product_id, unit_price_cents, currency FROM order_lines WHERE "
                    "order_id IN (1, 5, 9) AND product_id < 11 ORDER BY 1, 2") ==
          "1|1|1250|EUR\n1|2|1250|EUR\n5|6||\n5|10|0|EUR\n9|1|1400|EUR\n9|2|999|USD\n9|6||");
    CHECK(shop.psql("SELECT count(*) FROM order_lines WHERE unit_price_cents IS NULL") == "3");
    CHECK(shop.psql("SELECT * FROM order_totals WHERE order_id IN (1, 2, 5, 8) ORDER BY 1, 4") ==
          "1|ada@example.com|new|EUR|37.50\n2|ada@example.com|paid|EUR|1299.00\n"
          "2|ada@example.com|paid|USD|1299.00\n5|grace@example.com|on_hold|EUR|0.00\n"
          "5|grace@example.com|on_hold||\n8||paid||");
}

void each_product_has_a_slug_of_its_own(const Shop& shop) {
    CHECK(shop.psql("SELECT sku, slug FROM products WHERE length(sku) = 1 AND sku < 'h' OR sku ~ "
                    "'MUG|LAP|TEA|ART' ORDER BY id") ==
          "MUG-1|cafe-mug\nMUG-2|cafe-mug-2\nLAP-1|laptop-14\nLAP-2|laptop-14-2\nTEA-1|strassen-tee\n"
          "ART-1|product\na|a-o-u\nb|ss\nc|tea-2\nd|product-2\ne|product-3\nf|product-2-2\ng|x");
    CHECK(shop.psql("SELECT count(DISTINCT slug), count(*) FROM products") == "2527|2527");
    CHECK(shop.psql("SELECT slug FROM products WHERE sku = 'BOLT-2500'") == "bolt-2500");
}

void filling_in_unit_prices_again_changes_nothing(const Shop& shop) {
    const std::string lines = "SELECT md5(string_agg(line::text, ',' ORDER BY order_id, product_id)) "
                              "FROM order_lines AS line";
    const std::string before = shop.psql(lines);
    shop.forget("2025_05_19_084000-backfill_unit_prices");
    shop.dibs({"migrate", "--allow-out-of-order"});
    CHECK(shop.psql(lines) == before);
}

} // namespace

TEST_CASE("the example shop, taken out of the sources, brings a half year of old data to its newest schema") {
    const Shop shop;
    shop.migrate_to("2025_02_10_142200-create_orders");
    shop.dibs({"db", "psql", "--", "-qf", "sample.sql"});
    shop.psql(price_texts);
    const std::string without_state = "SELECT count(*) FROM orders WHERE state IS NULL";

    // Between two versions of the shop: the old one writes and is understood, also for rows that wait.
    shop.migrate_to("2025_03_17_080500-add_order_state");
    CHECK(shop.psql(without_state) == "12008");
    CHECK(shop.psql("INSERT INTO orders (status) VALUES (' Paid') RETURNING state") == "paid");
    CHECK(shop.psql("UPDATE orders SET status = 'shipped' WHERE id = 9 RETURNING state") == "shipped");
    CHECK(shop.psql("UPDATE orders SET placed_at = now() WHERE id = 5 RETURNING state") == "on_hold");

    const std::string backfill = "2025_03_17_081000-backfill_order_state";
    CHECK(contains(shop.dibs({"migrate", "--to", backfill}), "orders that had no state: 12006\n"));
    CHECK(shop.psql(without_state) == "0");
    shop.forget(backfill);
    CHECK(contains(shop.dibs({"migrate", "--to", backfill}), "orders that had no state: 0\n"));

    shop.migrate_to("2025_04_07_070000-drop_order_status");
    // What an interrupted CREATE INDEX CONCURRENTLY leaves.
    shop.psql("CREATE INDEX orders_user_id_idx ON orders (placed_at); "
              "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_user_id_idx'::regclass");

    const std::string said = shop.dibs({"migrate"});
    CHECK(contains(said, "orders whose user is gone: 1\n"));
    CHECK(contains(said, "prices that cannot be read (price_cents stays NULL): 14\n"));
    CHECK(contains(shop.dibs({"status", "--exit-code"}), "15 applied, 0 pending"));
    CHECK(contains(shop.dibs({"migrate"}), "Nothing to do: 15 applied"));

    prices_are_read_and_never_guessed(shop);
    each_product_has_a_slug_of_its_own(shop);
    order_lines_keep_their_price(shop);
    filling_in_unit_prices_again_changes_nothing(shop); // though a product has another price by now
    orders_have_a_state_and_users_that_exist(shop);
}
