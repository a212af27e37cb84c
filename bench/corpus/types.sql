-- SPDX-License-Identifier: Apache-2.0
-- Types of columns, and types themselves.

-- case: int to bigint
-- shape: strong_migrations pull request 50
ALTER TABLE order_items ALTER COLUMN quantity TYPE bigint;

-- case: int to bigint, a key that is referred to
-- shape: pgroll issue 375
-- given: DROP VIEW open_orders
-- given: DROP MATERIALIZED VIEW sales
ALTER TABLE orders ALTER COLUMN id TYPE bigint;

-- case: int to bigint, a column that refers
ALTER TABLE order_items ALTER COLUMN order_id TYPE bigint;

-- case: int to bigint, indexed
ALTER TABLE payments ALTER COLUMN order_id TYPE bigint;

-- case: int to text
ALTER TABLE payments ALTER COLUMN order_id TYPE text;

-- case: int to numeric
ALTER TABLE payments ALTER COLUMN amount TYPE numeric(12,2);

-- case: bigint to int
ALTER TABLE orders ALTER COLUMN total_cents TYPE int;

-- case: int to int
ALTER TABLE payments ALTER COLUMN amount TYPE integer;

-- case: wider varchar
-- shape: strong_migrations issue 128
ALTER TABLE ratings ALTER COLUMN headline TYPE varchar(200);

-- case: wider varchar, indexed
-- shape: strong_migrations pull request 222
ALTER TABLE orders ALTER COLUMN code TYPE varchar(60);

-- case: narrower varchar
ALTER TABLE ratings ALTER COLUMN headline TYPE varchar(60);

-- case: varchar of any length
ALTER TABLE ratings ALTER COLUMN headline TYPE varchar;

-- case: varchar to text
-- shape: squawk changing-column-type: varchar to text
ALTER TABLE order_items ALTER COLUMN remark TYPE text;

-- case: varchar to text, indexed
-- shape: strong_migrations: changing the type of a column, indexed
ALTER TABLE orders ALTER COLUMN code TYPE text;

-- case: varchar to text, unique
ALTER TABLE customers ALTER COLUMN email TYPE text;

-- case: varchar to text, with USING
ALTER TABLE order_items ALTER COLUMN remark TYPE text USING remark::text;

-- case: varchar to text, changed on the way
ALTER TABLE order_items ALTER COLUMN remark TYPE text USING lower(remark);

-- case: text to varchar of any length
ALTER TABLE payments ALTER COLUMN reference TYPE varchar;

-- case: text to varchar with a limit
-- shape: squawk prefer-text-field
ALTER TABLE payments ALTER COLUMN reference TYPE varchar(200);

-- case: char to text
ALTER TABLE customers ALTER COLUMN country TYPE text;

-- case: longer char
ALTER TABLE customers ALTER COLUMN country TYPE char(3);

-- case: varchar to char
ALTER TABLE order_items ALTER COLUMN remark TYPE char(40);

-- case: varchar with a partial index on it
-- given: CREATE INDEX order_items_remark ON order_items (remark) WHERE remark <> ''
ALTER TABLE order_items ALTER COLUMN remark TYPE text;

-- case: varchar with an index on an expression
-- given: CREATE INDEX order_items_remark ON order_items (lower(remark))
ALTER TABLE order_items ALTER COLUMN remark TYPE text;

-- case: varchar with a check
-- shape: strong_migrations: changing the type of a column with check constraints
-- given: ALTER TABLE order_items ADD CHECK (remark <> 'none')
ALTER TABLE order_items ALTER COLUMN remark TYPE text;

-- case: text to citext
-- shape: strong_migrations issue 174
-- given: CREATE EXTENSION citext
ALTER TABLE payments ALTER COLUMN reference TYPE citext;

-- case: text to citext, indexed
-- shape: strong_migrations issue 174: indexed
-- given: CREATE EXTENSION citext
-- given: CREATE INDEX payments_reference ON payments (reference)
ALTER TABLE payments ALTER COLUMN reference TYPE citext;

-- case: varchar to citext
-- given: CREATE EXTENSION citext
ALTER TABLE order_items ALTER COLUMN remark TYPE citext;

-- case: numeric with more digits
-- shape: strong_migrations: changing the type of a column: numeric precision
ALTER TABLE order_items ALTER COLUMN price TYPE numeric(12,2);

-- case: numeric with fewer digits
ALTER TABLE order_items ALTER COLUMN price TYPE numeric(7,2);

-- case: numeric with another scale
ALTER TABLE order_items ALTER COLUMN price TYPE numeric(8,3);

-- case: numeric of any length
ALTER TABLE order_items ALTER COLUMN price TYPE numeric;

-- case: numeric with more digits, in a check
ALTER TABLE products ALTER COLUMN price TYPE numeric(12,2);

-- case: numeric to int
ALTER TABLE order_items ALTER COLUMN price TYPE int;

-- case: real to double precision
ALTER TABLE products ALTER COLUMN weight TYPE double precision;

-- case: timestamp to timestamptz, at UTC
-- shape: strong_migrations: changing the type of a column: timestamp
ALTER TABLE customers ALTER COLUMN joined TYPE timestamptz;

-- case: timestamptz to timestamp, at UTC
ALTER TABLE payments ALTER COLUMN paid_at TYPE timestamp;

-- case: timestamp to timestamptz, with USING
-- shape: squawk prefer-timestamp-tz
ALTER TABLE customers ALTER COLUMN joined TYPE timestamptz USING joined AT TIME ZONE 'UTC';

-- case: timestamp to date
ALTER TABLE customers ALTER COLUMN joined TYPE date;

-- case: timestamp without fractions
ALTER TABLE customers ALTER COLUMN joined TYPE timestamp(0);

-- case: timestamp with fractions
ALTER TABLE customers ALTER COLUMN joined TYPE timestamp(6);

-- case: more fractions
-- given: ALTER TABLE customers ADD COLUMN seen timestamp(3) DEFAULT '2024-01-01'
ALTER TABLE customers ALTER COLUMN seen TYPE timestamp(6);

-- case: cidr to inet
-- shape: strong_migrations: changing the type of a column: cidr
ALTER TABLE customers ALTER COLUMN ip TYPE inet;

-- case: inet to cidr
-- given: ALTER TABLE customers ADD COLUMN host inet DEFAULT '10.0.0.1'
ALTER TABLE customers ALTER COLUMN host TYPE cidr;

-- case: bit to varbit
ALTER TABLE customers ALTER COLUMN flags TYPE varbit;

-- case: jsonb to json
ALTER TABLE products ALTER COLUMN attrs TYPE json;

-- case: text to jsonb
ALTER TABLE ratings ALTER COLUMN comment TYPE jsonb USING to_jsonb(comment);

-- case: text to uuid
-- shape: squawk changing-column-type
ALTER TABLE payments ALTER COLUMN reference TYPE uuid USING gen_random_uuid();

-- case: enum to text
ALTER TABLE orders ALTER COLUMN state TYPE text;

-- case: text to enum
ALTER TABLE payments ALTER COLUMN method TYPE order_status USING 'new';

-- case: boolean to int
ALTER TABLE order_items ALTER COLUMN gift TYPE int USING gift::int;

-- case: domain to its type
ALTER TABLE ratings ALTER COLUMN stars TYPE int;

-- case: int to a domain without constraint
ALTER TABLE ratings ALTER COLUMN product_id TYPE score;

-- case: text to a domain with a constraint
ALTER TABLE customers ALTER COLUMN notes TYPE email_address USING 'a@example.org';

-- case: text array to varchar array
ALTER TABLE products ALTER COLUMN tags TYPE varchar[];

-- case: text array to varchar array with a limit
ALTER TABLE products ALTER COLUMN tags TYPE varchar(10)[];

-- case: another collation
ALTER TABLE order_items ALTER COLUMN remark TYPE varchar(40) COLLATE "C";

-- case: another collation, indexed
ALTER TABLE orders ALTER COLUMN code TYPE varchar(20) COLLATE "C";

-- case: two columns at once, neither rewritten
ALTER TABLE order_items ALTER COLUMN remark TYPE text, ALTER COLUMN price TYPE numeric(12,2);

-- case: two columns at once, one rewritten
ALTER TABLE order_items ALTER COLUMN remark TYPE text, ALTER COLUMN quantity TYPE bigint;

-- case: of a partitioned table
ALTER TABLE events ALTER COLUMN id TYPE bigint;

-- case: of a partitioned table, stored alike
ALTER TABLE metrics ALTER COLUMN unit TYPE varchar;

-- case: of a parent of children
ALTER TABLE audit ALTER COLUMN id TYPE bigint;

-- case: of a table of this migration
CREATE TABLE coupons (id int PRIMARY KEY, code varchar(10));
ALTER TABLE coupons ALTER COLUMN id TYPE bigint;

-- case: enum made
-- shape: eugene W13
CREATE TYPE colour AS ENUM ('red', 'green');

-- case: value added to an enum
-- shape: squawk require-enum-value-ordering
ALTER TYPE order_status ADD VALUE 'lost';

-- case: value added to an enum, in its place
ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'packed' BEFORE 'sent';

-- case: value of an enum renamed
-- shape: strong_migrations: renaming an enum value
ALTER TYPE order_status RENAME VALUE 'sent' TO 'shipped';

-- case: composite type extended
ALTER TYPE address ADD ATTRIBUTE zip text;

-- case: type renamed
ALTER TYPE order_status RENAME TO status_of_order;

-- case: domain made
-- shape: squawk ban-create-domain-with-constraint
CREATE DOMAIN positive AS int CHECK (VALUE > 0);

-- case: constraint of a domain in use
-- shape: squawk ban-alter-domain-with-add-constraint
ALTER DOMAIN score ADD CONSTRAINT score_range CHECK (VALUE BETWEEN 1 AND 5);

-- case: constraint of a domain in use, not valid
ALTER DOMAIN score ADD CONSTRAINT score_range CHECK (VALUE BETWEEN 1 AND 5) NOT VALID;

-- case: constraint of a domain in use, validated
-- given: ALTER DOMAIN score ADD CONSTRAINT score_range CHECK (VALUE BETWEEN 1 AND 5) NOT VALID
ALTER DOMAIN score VALIDATE CONSTRAINT score_range;

-- case: constraint of a domain that nobody uses
ALTER DOMAIN email_address ADD CONSTRAINT email_long CHECK (length(VALUE) > 3);

-- case: not null for a domain in use
ALTER DOMAIN score SET NOT NULL;

-- case: default of a domain
ALTER DOMAIN score SET DEFAULT 3;

-- case: constraint of a domain dropped
ALTER DOMAIN email_address DROP CONSTRAINT email_address_check;

-- case: domain dropped
DROP DOMAIN email_address;

-- case: type dropped, if it exists
DROP TYPE IF EXISTS nothing;
