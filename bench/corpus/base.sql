-- SPDX-License-Identifier: Apache-2.0
-- A shop, in use: what every case of the corpus finds, unless it says otherwise.

CREATE SCHEMA elsewhere;

CREATE TYPE order_status AS ENUM ('new', 'paid', 'sent');
CREATE TYPE address AS (street text, town text);
CREATE DOMAIN email_address AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN score AS int;
CREATE SEQUENCE invoice_no;
CREATE FUNCTION slug(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(replace(t, '' '', ''-''))';
CREATE FUNCTION tenant() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION ticket() RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN md5(random()::text); END';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';

CREATE TABLE customers (id int PRIMARY KEY, email varchar(120) NOT NULL UNIQUE, name text, country char(2) NOT NULL DEFAULT 'DE',
  phone varchar(20), credit numeric(10,2), joined timestamp, referrer_id int, ip cidr, flags bit(8), notes text);
INSERT INTO customers SELECT g, 'c' || g || '@example.org', 'Customer ' || g, 'DE', '030-' || g, g, '2024-01-01', g, '10.0.0.0/8',
  B'00000000', repeat('n', 60) FROM generate_series(1, 1500) g;
CREATE INDEX customers_country ON customers (country);
CREATE INDEX customers_phone ON customers (phone);
CREATE INDEX customers_name ON customers (lower(name));

CREATE TABLE products (id int PRIMARY KEY, sku text NOT NULL, title varchar(80), price numeric(8,2) NOT NULL, stock int NOT NULL DEFAULT 0,
  tags text[], attrs jsonb, weight real, listed boolean NOT NULL DEFAULT true, description text,
  CONSTRAINT products_price CHECK (price > 0));
INSERT INTO products SELECT g, 'sku' || g, 'Product ' || g, g, g, '{a,b}', '{"a": 1}', g, true, repeat('d', 80) FROM generate_series(1, 1500) g;
CREATE UNIQUE INDEX products_sku ON products (sku);

CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, status text NOT NULL DEFAULT 'new', state order_status, total numeric(10,2),
  placed_at timestamp, shipped_at timestamptz, code varchar(20), note text, meta jsonb, total_cents bigint,
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
  CONSTRAINT orders_total CHECK (total >= 0));
INSERT INTO orders SELECT g, g, 'new', 'new', g, '2024-02-01', '2024-02-03', 'o' || g, repeat('o', 80), '{}', g * 100 FROM generate_series(1, 1500) g;
CREATE INDEX orders_customer_id ON orders (customer_id);
CREATE INDEX orders_code ON orders (code);
CREATE INDEX orders_open ON orders (placed_at) WHERE status = 'new';
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW WHEN (false) EXECUTE FUNCTION touch();

CREATE TABLE order_items (id int PRIMARY KEY, order_id int NOT NULL CONSTRAINT order_items_order REFERENCES orders (id), product_id int,
  quantity int NOT NULL DEFAULT 1, price numeric(8,2), gift boolean, remark varchar(40));
INSERT INTO order_items SELECT g, g, g, 1, g, false, repeat('r', 40) FROM generate_series(1, 1500) g;
CREATE INDEX order_items_order_id ON order_items (order_id);

CREATE TABLE payments (id int, order_id int, amount int, method varchar(10), paid_at timestamptz, reference text);
INSERT INTO payments SELECT g, g, g, 'card', '2024-03-01', repeat('p', 90) FROM generate_series(1, 1500) g;
CREATE INDEX payments_order ON payments (order_id);

CREATE TABLE bookings (id int NOT NULL, room int, during tsrange, guest text);
INSERT INTO bookings SELECT g, g, tsrange('2024-01-01', '2024-01-02'), repeat('g', 90) FROM generate_series(1, 1500) g;

CREATE TABLE ratings (id int PRIMARY KEY, product_id int, stars score, comment text, headline varchar(80));
INSERT INTO ratings SELECT g, g, 5, repeat('c', 90), 'h' || g FROM generate_series(1, 1500) g;

CREATE TABLE events (at date NOT NULL, id int NOT NULL, kind text, body text) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events SELECT d, g, 'k', repeat('e', 90) FROM generate_series(1, 1500) g, (VALUES (date '2024-05-01'), ('2025-05-01'), ('2030-01-01')) v(d);
CREATE INDEX events_kind ON events (kind);

CREATE TABLE metrics (region text NOT NULL, id int NOT NULL, value float8, unit text) PARTITION BY LIST (region);
CREATE TABLE metrics_eu PARTITION OF metrics FOR VALUES IN ('eu');
CREATE TABLE metrics_us PARTITION OF metrics FOR VALUES IN ('us');
INSERT INTO metrics SELECT r, g, g, repeat('u', 90) FROM generate_series(1, 1500) g, (VALUES ('eu'), ('us')) v(r);

CREATE TABLE audit (id int, who text, what text);
CREATE TABLE audit_old (box text) INHERITS (audit);
INSERT INTO audit SELECT g, 'w', repeat('a', 90) FROM generate_series(1, 1500) g;
INSERT INTO audit_old SELECT g, 'w', repeat('a', 90), 'b' FROM generate_series(1, 1500) g;

CREATE UNLOGGED TABLE visits (id int PRIMARY KEY, customer_id int, page text);
INSERT INTO visits SELECT g, g, repeat('v', 90) FROM generate_series(1, 1500) g;

CREATE VIEW open_orders AS SELECT id, customer_id, total FROM orders WHERE status = 'new';
CREATE MATERIALIZED VIEW sales AS SELECT id, customer_id, total, note FROM orders;
CREATE UNIQUE INDEX sales_id ON sales (id);
CREATE MATERIALIZED VIEW catalogue AS SELECT id, title, description FROM products;
CREATE PUBLICATION shop FOR TABLE products;
