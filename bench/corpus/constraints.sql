-- SPDX-License-Identifier: Apache-2.0
-- Constraints: checks, foreign keys, keys, exclusion.

-- case: foreign key
-- shape: squawk adding-foreign-key-constraint
ALTER TABLE payments ADD CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id);

-- case: foreign key without a name
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders;

-- case: foreign key, on update and on delete
-- shape: squawk issue 479
ALTER TABLE payments ADD CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id) ON UPDATE CASCADE ON DELETE CASCADE;

-- case: foreign key, not valid
-- shape: strong_migrations: adding a foreign key
ALTER TABLE payments ADD CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;

-- case: foreign key, validated
-- given: ALTER TABLE payments ADD CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID
ALTER TABLE payments VALIDATE CONSTRAINT payments_order;

-- case: foreign key, not valid and validated at once
-- shape: squawk issue 250
ALTER TABLE payments ADD CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_order;

-- case: foreign key, not valid and validated one after the other
-- shape: squawk pull request 97
-- alone
ALTER TABLE payments ADD CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_order;

-- case: foreign key to its own table
ALTER TABLE customers ADD CONSTRAINT customers_referrer FOREIGN KEY (referrer_id) REFERENCES customers (id);

-- case: foreign key of a partitioned table
ALTER TABLE events ADD CONSTRAINT events_order FOREIGN KEY (id) REFERENCES orders (id);

-- case: foreign key of one partition, not valid
ALTER TABLE events_2024 ADD CONSTRAINT events_order FOREIGN KEY (id) REFERENCES orders (id) NOT VALID;

-- case: foreign key of a table of this migration
-- shape: squawk issue 220
CREATE TABLE notes (id bigint PRIMARY KEY, order_id int CONSTRAINT notes_order REFERENCES orders (id));

-- case: foreign key of a table of this migration, added
-- shape: strong_migrations: new tables
CREATE TABLE notes (id bigint PRIMARY KEY, order_id int);
ALTER TABLE notes ADD CONSTRAINT notes_order FOREIGN KEY (order_id) REFERENCES orders (id);

-- case: foreign key between tables of this migration
CREATE TABLE boxes (id bigint PRIMARY KEY);
CREATE TABLE things (id bigint PRIMARY KEY, box_id bigint REFERENCES boxes (id));

-- case: two foreign keys
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders (id), ADD FOREIGN KEY (id) REFERENCES customers (id);

-- case: foreign key, deferrable
ALTER TABLE orders ALTER CONSTRAINT orders_customer DEFERRABLE INITIALLY DEFERRED;

-- case: foreign key dropped
-- shape: pgsafe: dropping a foreign key
ALTER TABLE orders DROP CONSTRAINT orders_customer;

-- case: foreign key dropped, if it exists
ALTER TABLE order_items DROP CONSTRAINT IF EXISTS order_items_order;

-- case: constraint dropped, and there is none
ALTER TABLE orders DROP CONSTRAINT IF EXISTS nothing;

-- case: check
-- shape: squawk constraint-missing-not-valid
ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0);

-- case: check without a name
-- shape: pgfence: check constraints
ALTER TABLE payments ADD CHECK (amount > 0);

-- case: check, not valid
-- shape: strong_migrations: adding a check constraint
ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0) NOT VALID;

-- case: check, validated
-- shape: safe-pg-migrations pull request 95
-- given: ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0) NOT VALID
ALTER TABLE payments VALIDATE CONSTRAINT payments_amount;

-- case: check, validated already
ALTER TABLE orders VALIDATE CONSTRAINT orders_total;

-- case: check, not valid and validated at once
-- shape: squawk constraint-missing-not-valid: in one transaction
ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_amount;

-- case: check, not valid and validated one after the other
-- alone
ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_amount;

-- case: check that is not inherited
ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0) NO INHERIT;

-- case: check of a partitioned table
ALTER TABLE events ADD CONSTRAINT events_kind_there CHECK (kind IS NOT NULL);

-- case: check of a partitioned table, not valid
ALTER TABLE events ADD CONSTRAINT events_kind_there CHECK (kind IS NOT NULL) NOT VALID;

-- case: check of a partitioned table, validated
-- given: ALTER TABLE events ADD CONSTRAINT events_kind_there CHECK (kind IS NOT NULL) NOT VALID
ALTER TABLE events VALIDATE CONSTRAINT events_kind_there;

-- case: check of a parent of children
ALTER TABLE audit ADD CONSTRAINT audit_who CHECK (who <> '');

-- case: check of a table of this migration
CREATE TABLE coupons (id bigint PRIMARY KEY, rate int);
ALTER TABLE coupons ADD CONSTRAINT coupons_rate CHECK (rate > 0);

-- case: check dropped
ALTER TABLE orders DROP CONSTRAINT orders_total;

-- case: check renamed
ALTER TABLE orders RENAME CONSTRAINT orders_total TO orders_total_positive;

-- case: check replaced
ALTER TABLE orders DROP CONSTRAINT orders_total, ADD CONSTRAINT orders_total CHECK (total > 0);

-- case: check replaced, not valid
ALTER TABLE orders DROP CONSTRAINT orders_total, ADD CONSTRAINT orders_total CHECK (total > 0) NOT VALID;

-- case: unique
-- shape: squawk disallowed-unique-constraint
ALTER TABLE payments ADD CONSTRAINT payments_id_key UNIQUE (id);

-- case: unique, of two columns
-- shape: postgres-language-server issue 533
ALTER TABLE order_items ADD CONSTRAINT order_items_line UNIQUE (order_id, product_id);

-- case: unique, using an index
-- shape: eugene E7
-- given: CREATE UNIQUE INDEX payments_id ON payments (id)
ALTER TABLE payments ADD CONSTRAINT payments_id_key UNIQUE USING INDEX payments_id;

-- case: unique, deferrable
ALTER TABLE payments ADD CONSTRAINT payments_id_key UNIQUE (id) DEFERRABLE;

-- case: unique, of a partitioned table
ALTER TABLE events ADD CONSTRAINT events_key UNIQUE (at, id);

-- case: unique, of a table of this migration
CREATE TABLE coupons (id bigint, code text);
ALTER TABLE coupons ADD CONSTRAINT coupons_code UNIQUE (code);

-- case: unique, dropped
ALTER TABLE customers DROP CONSTRAINT customers_email_key;

-- case: primary key
-- shape: squawk adding-serial-primary-key-field: on columns that are there
ALTER TABLE payments ADD PRIMARY KEY (id);

-- case: primary key, not null already
ALTER TABLE bookings ADD CONSTRAINT bookings_pkey PRIMARY KEY (id);

-- case: primary key, using an index
-- shape: squawk issue 693
-- given: CREATE UNIQUE INDEX bookings_id ON bookings (id)
ALTER TABLE bookings ADD CONSTRAINT bookings_pkey PRIMARY KEY USING INDEX bookings_id;

-- case: primary key, using an index, nullable
-- shape: eugene W14
-- given: CREATE UNIQUE INDEX payments_id ON payments (id)
ALTER TABLE payments ADD CONSTRAINT payments_pkey PRIMARY KEY USING INDEX payments_id;

-- case: primary key, using an index, nullable but checked
-- given: ALTER TABLE payments ADD CHECK (id IS NOT NULL)
-- given: CREATE UNIQUE INDEX payments_id ON payments (id)
ALTER TABLE payments ADD CONSTRAINT payments_pkey PRIMARY KEY USING INDEX payments_id;

-- case: primary key replaced
-- shape: squawk pull request 161
-- given: CREATE UNIQUE INDEX visits_new ON visits (id)
ALTER TABLE visits DROP CONSTRAINT visits_pkey, ADD CONSTRAINT visits_pkey PRIMARY KEY USING INDEX visits_new;

-- case: primary key of a partitioned table
ALTER TABLE events ADD PRIMARY KEY (at, id);

-- case: primary key dropped
ALTER TABLE visits DROP CONSTRAINT visits_pkey;

-- case: primary key that is referred to, dropped
ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE;

-- case: exclusion
-- shape: strong_migrations: adding an exclusion constraint
ALTER TABLE bookings ADD CONSTRAINT bookings_overlap EXCLUDE USING gist (int4range(id, id, '[]') WITH &&);

-- case: exclusion, of a table of this migration
CREATE TABLE leases (during tsrange, EXCLUDE USING gist (during WITH &&));

-- case: not null and check at once
ALTER TABLE payments ALTER COLUMN amount SET NOT NULL, ADD CHECK (amount > 0);

-- case: index built concurrently, then unique
-- shape: strong_migrations: adding a unique constraint
-- hold: LOCK TABLE payments IN ROW EXCLUSIVE MODE
CREATE UNIQUE INDEX CONCURRENTLY payments_id ON payments (id);

-- case: not null of PostgreSQL 18, not valid
-- shape: pgschema pull request 566
-- since: 18
ALTER TABLE orders ADD CONSTRAINT orders_total_there NOT NULL total NOT VALID;

-- case: check of PostgreSQL 18, not enforced
-- since: 18
ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0) NOT ENFORCED;

-- case: comment
COMMENT ON CONSTRAINT orders_total ON orders IS 'no debts';
