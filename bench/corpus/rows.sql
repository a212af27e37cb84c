-- SPDX-License-Identifier: Apache-2.0
-- Rows: what migrations do to them besides changing tables.

-- case: update of all
-- shape: strong_migrations: backfilling data
UPDATE orders SET note = 'none';

-- case: update by key
UPDATE orders SET note = 'none' WHERE id = 17;

-- case: update of what is not yet
-- shape: strong_migrations: backfilling data, with a condition
UPDATE orders SET total_cents = total * 100 WHERE total_cents IS NULL;

-- case: update of a few keys
UPDATE orders SET note = 'none' WHERE id IN (1, 2, 3);

-- case: update by another table
UPDATE orders SET note = customers.name FROM customers WHERE customers.id = orders.customer_id;

-- case: delete of all
DELETE FROM visits;

-- case: delete by key
DELETE FROM visits WHERE id = 17;

-- case: delete by what has no index
DELETE FROM payments WHERE method = 'cash';

-- case: insert of a row
INSERT INTO customers (id, email) VALUES (9000, 'new@example.org');

-- case: insert of a row that refers to another
INSERT INTO orders (id, customer_id) VALUES (9000, 1);

-- case: insert of what a query gives
-- shape: strong_migrations: backfilling data in one statement
INSERT INTO payments SELECT id + 9000, id, 1, 'card', now(), 'x' FROM orders;

-- case: insert into a table of this migration
CREATE TABLE countries (code text PRIMARY KEY, name text);
INSERT INTO countries VALUES ('DE', 'Germany'), ('FR', 'France');

-- case: copied into a table of this migration
CREATE TABLE orders_archive (LIKE orders);
INSERT INTO orders_archive SELECT * FROM orders;

-- case: truncate
-- shape: pgfence: truncate
TRUNCATE visits;

-- case: truncate, and what refers to it
-- shape: squawk ban-truncate-cascade
TRUNCATE orders CASCADE;

-- case: truncate of a partition
TRUNCATE events_2024;

-- case: truncate of all partitions
TRUNCATE events;

-- case: query
SELECT count(*) FROM orders;

-- case: query by key
SELECT note FROM orders WHERE id = 4;

-- case: merge
-- since: 15
MERGE INTO orders USING payments ON orders.id = payments.order_id WHEN MATCHED THEN UPDATE SET note = 'paid';

-- case: locked by hand
LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;

-- case: locked by hand, whole
LOCK TABLE orders;

-- case: column and its backfill at once
-- shape: strong_migrations: backfilling data in the transaction that alters
ALTER TABLE orders ADD COLUMN total_new bigint;
UPDATE orders SET total_new = total * 100;

-- case: backfill, then column
UPDATE payments SET reference = 'r';
ALTER TABLE payments ADD COLUMN seen boolean;
