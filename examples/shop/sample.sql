-- What the shop had in its tables in February 2025, after the migration create_orders:
--     dibs db psql -- -f sample.sql
\set ON_ERROR_STOP on
BEGIN;

INSERT INTO users (email, name) VALUES
    ('ada@example.com', 'Ada Lovelace'),
    ('grace@example.com', 'Grace Hopper');

INSERT INTO products (sku, title, price) VALUES
    ('MUG-1', 'Café mug', '12.50 EUR'),
    ('MUG-2', 'Cafe Mug!', '€ 12,50'),
    ('LAP-1', 'Laptop 14"', '$1,299'),
    ('LAP-2', 'Laptop, 14', ' 1.299,00 € '),
    ('TEA-1', 'Straßen-Tee', '£4.20'),
    ('ART-1', '???', 'ask us'),
    ('GIFT-1', 'Gift card', NULL),
    ('PEN-1', 'Pen', '1,5 EUR'),
    ('INK-1', 'Ink', '12.50'),
    ('STICKER-1', 'Sticker', '0.00 EUR');
INSERT INTO products (sku, title, price)
SELECT 'BOLT-' || n, 'Bolt', (n / 100.0)::numeric(10, 2) || ' EUR' FROM generate_series(1, 2500) AS n;

INSERT INTO orders (user_id, status) VALUES
    (1, 'new'),
    (1, ' Paid '),
    (2, 'SHIPPED'),
    (2, 'canceled'),
    (2, 'lost in the post?'),
    (1, NULL),
    (4711, 'paid'), -- of a user who is gone
    (NULL, 'paid');
INSERT INTO order_lines (order_id, product_id, quantity) VALUES
    (1, 1, 2), (1, 2, 1), -- two mugs and one more
    (2, 3, 1), (2, 4, 1), -- in two currencies
    (3, 5, 10),
    (4, 1, 1),
    (5, 6, 1), (5, 10, 3), -- one without a price
    (8, 7, 1);
INSERT INTO orders (user_id, status) SELECT 1 + n % 2, 'paid' FROM generate_series(1, 12000) AS n;
INSERT INTO order_lines (order_id, product_id, quantity)
SELECT id, 11 + id % 2500, 1 FROM orders WHERE id > 8;

COMMIT;
