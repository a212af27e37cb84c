-- SPDX-License-Identifier: Apache-2.0
-- Columns: added, dropped, renamed, their defaults and NOT NULL.

-- case: added
-- shape: squawk require-lock-timeout
ALTER TABLE orders ADD COLUMN gift_note text;

-- case: added, if it is not there
ALTER TABLE orders ADD COLUMN IF NOT EXISTS gift_note text;

-- case: added, and it is there
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;

-- case: added, and it is there, with a volatile default
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text DEFAULT ticket();

-- case: three added
ALTER TABLE orders ADD COLUMN a int, ADD COLUMN b text, ADD COLUMN c boolean;

-- case: constant default
-- shape: squawk issue 388
ALTER TABLE orders ADD COLUMN express boolean DEFAULT false;

-- case: constant default, not null
-- shape: squawk issue 277
ALTER TABLE orders ADD COLUMN express boolean NOT NULL DEFAULT FALSE;

-- case: text default
-- shape: squawk issue 390
ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';

-- case: array default
-- shape: squawk issue 645
ALTER TABLE orders ADD COLUMN labels text[] NOT NULL DEFAULT ARRAY[]::text[];

-- case: array literal default
ALTER TABLE orders ADD COLUMN labels text[] NOT NULL DEFAULT '{}';

-- case: jsonb default
-- shape: squawk adding-field-with-default
ALTER TABLE orders ADD COLUMN extra jsonb NOT NULL DEFAULT '{}'::jsonb;

-- case: default of now
-- shape: pgfence: the headline example
ALTER TABLE orders ADD COLUMN touched timestamptz NOT NULL DEFAULT now();

-- case: default of current_timestamp
-- shape: squawk pull request 652
ALTER TABLE orders ADD COLUMN touched timestamptz DEFAULT CURRENT_TIMESTAMP;

-- case: default of current_date
ALTER TABLE orders ADD COLUMN touched date DEFAULT CURRENT_DATE;

-- case: default of now in UTC
-- shape: squawk: functions with arguments
ALTER TABLE orders ADD COLUMN touched timestamp DEFAULT timezone('utc', now());

-- case: default of now in UTC, as an operator
ALTER TABLE orders ADD COLUMN touched timestamp DEFAULT (now() AT TIME ZONE 'utc');

-- case: default of an interval
ALTER TABLE orders ADD COLUMN due timestamptz DEFAULT now() + interval '14 days';

-- case: default of an immutable function with arguments
-- shape: squawk: functions with arguments
ALTER TABLE orders ADD COLUMN channel text DEFAULT lower('WEB');

-- case: default of an own immutable function
ALTER TABLE orders ADD COLUMN channel text DEFAULT slug('Web Shop');

-- case: default of an own stable function
ALTER TABLE orders ADD COLUMN tenant_id int NOT NULL DEFAULT tenant();

-- case: default of current_user
ALTER TABLE orders ADD COLUMN made_by text DEFAULT current_user;

-- case: default of a setting
ALTER TABLE orders ADD COLUMN made_by text DEFAULT current_setting('application_name');

-- case: default by concatenation
ALTER TABLE orders ADD COLUMN channel text DEFAULT 'web' || '-' || 'shop';

-- case: default null
ALTER TABLE orders ADD COLUMN channel text DEFAULT NULL;

-- case: default cast
ALTER TABLE orders ADD COLUMN rate numeric(6,4) NOT NULL DEFAULT 1.0::numeric;

-- case: negative default
ALTER TABLE orders ADD COLUMN rank int NOT NULL DEFAULT -1;

-- case: default of an enum's value
-- shape: squawk adding-field-with-default
ALTER TABLE orders ADD COLUMN state_now order_status NOT NULL DEFAULT 'new';

-- case: default of a random uuid
-- shape: strong_migrations: adding a column with a volatile default
ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();

-- case: default of a random uuid, not null
-- shape: pgroll issue 643
ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();

-- case: default of random
ALTER TABLE orders ADD COLUMN draw float8 DEFAULT random();

-- case: default of a random number, rounded
ALTER TABLE orders ADD COLUMN draw int DEFAULT floor(random() * 100)::int;

-- case: default of clock_timestamp
ALTER TABLE orders ADD COLUMN touched timestamptz DEFAULT clock_timestamp();

-- case: default of statement_timestamp
ALTER TABLE orders ADD COLUMN touched timestamptz DEFAULT statement_timestamp();

-- case: default of timeofday
ALTER TABLE orders ADD COLUMN touched text DEFAULT timeofday();

-- case: default of an own volatile function
-- shape: squawk adding-field-with-default
ALTER TABLE orders ADD COLUMN ticket text DEFAULT ticket();

-- case: default of a sequence
ALTER TABLE orders ADD COLUMN invoice bigint DEFAULT nextval('invoice_no');

-- case: default that hides a volatile function
ALTER TABLE orders ADD COLUMN token text DEFAULT md5(random()::text);

-- case: volatile default on a partitioned table
ALTER TABLE events ADD COLUMN token uuid DEFAULT gen_random_uuid();

-- case: volatile default on a parent of children
ALTER TABLE audit ADD COLUMN token uuid DEFAULT gen_random_uuid();

-- case: added without default, default set later
-- shape: strong_migrations: adding a column with a default, as it wants it
ALTER TABLE orders ADD COLUMN token uuid;
ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();

-- case: serial
-- shape: strong_migrations: adding an auto-incrementing column
ALTER TABLE payments ADD COLUMN no serial;

-- case: bigserial
-- shape: eugene pull request 55: serial
ALTER TABLE payments ADD COLUMN no bigserial;

-- case: serial primary key
-- shape: squawk adding-serial-primary-key-field
ALTER TABLE payments ADD COLUMN no serial PRIMARY KEY;

-- case: identity
-- shape: squawk adding-field-with-default: identity
ALTER TABLE payments ADD COLUMN no bigint GENERATED ALWAYS AS IDENTITY;

-- case: identity by default
ALTER TABLE payments ADD COLUMN no bigint GENERATED BY DEFAULT AS IDENTITY;

-- case: stored
-- shape: strong_migrations: adding a stored generated column
ALTER TABLE orders ADD COLUMN cents bigint GENERATED ALWAYS AS (id * 100) STORED;

-- case: stored, of text
-- shape: eugene pull request 55: generated always as … stored
ALTER TABLE customers ADD COLUMN mail text GENERATED ALWAYS AS (lower(email)) STORED;

-- case: domain with a constraint
ALTER TABLE orders ADD COLUMN contact email_address;

-- case: domain with a constraint, and a default
ALTER TABLE orders ADD COLUMN contact email_address DEFAULT 'a@example.org';

-- case: domain without a constraint
ALTER TABLE orders ADD COLUMN stars score;

-- case: composite type
ALTER TABLE customers ADD COLUMN home address;

-- case: json
-- shape: strong_migrations: adding a json column
ALTER TABLE orders ADD COLUMN extra json;

-- case: char
-- shape: squawk ban-char-field
ALTER TABLE orders ADD COLUMN lang char(2);

-- case: with a check
-- shape: squawk issue 314
ALTER TABLE orders ADD COLUMN discount int CHECK (discount >= 0);

-- case: with a check and a default
ALTER TABLE orders ADD COLUMN discount int NOT NULL DEFAULT 0 CHECK (discount >= 0);

-- case: unique
-- shape: squawk issue 649
ALTER TABLE orders ADD COLUMN voucher varchar(255) UNIQUE;

-- case: refers to another table
-- shape: squawk adding-foreign-key-constraint: inline
ALTER TABLE payments ADD COLUMN customer_id int REFERENCES customers (id);

-- case: refers to another table, with a default
ALTER TABLE payments ADD COLUMN customer_id int DEFAULT 1 REFERENCES customers (id);

-- case: refers to its own table
ALTER TABLE orders ADD COLUMN parent_id int REFERENCES orders (id);

-- case: on a partitioned table
ALTER TABLE events ADD COLUMN source text;

-- case: with a default, on a partitioned table
ALTER TABLE events ADD COLUMN source text NOT NULL DEFAULT 'app';

-- case: on a parent of children
ALTER TABLE audit ADD COLUMN at timestamptz;

-- case: on a table of this migration
-- shape: squawk issue 349: a column
CREATE TABLE coupons (id bigint PRIMARY KEY);
ALTER TABLE coupons ADD COLUMN token uuid DEFAULT gen_random_uuid();

-- case: dropped
-- shape: squawk ban-drop-column
ALTER TABLE orders DROP COLUMN shipped_at;

-- case: dropped, if it exists
ALTER TABLE orders DROP COLUMN IF EXISTS shipped_at;

-- case: dropped, and there is none
ALTER TABLE orders DROP COLUMN IF EXISTS nothing;

-- case: dropped, with an index
-- shape: strong_migrations: removing a column
ALTER TABLE orders DROP COLUMN code;

-- case: dropped, with a foreign key
ALTER TABLE orders DROP COLUMN customer_id CASCADE;

-- case: dropped, of a partitioned table
ALTER TABLE events DROP COLUMN body;

-- case: dropped, of a parent of children
ALTER TABLE audit DROP COLUMN what;

-- case: dropped, and another added
ALTER TABLE orders DROP COLUMN shipped_at, ADD COLUMN sent_at timestamptz;

-- case: renamed
-- shape: squawk renaming-column
ALTER TABLE orders RENAME COLUMN note TO remark;

-- case: renamed, of a partitioned table
ALTER TABLE events RENAME COLUMN body TO payload;

-- case: renamed, of a view
ALTER VIEW open_orders RENAME COLUMN total TO amount;

-- case: default set
-- shape: strong_migrations: changing the default value of a column
ALTER TABLE orders ALTER COLUMN note SET DEFAULT '';

-- case: default set to a volatile function
ALTER TABLE orders ALTER COLUMN code SET DEFAULT ticket();

-- case: default dropped
ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;

-- case: default set, of a partitioned table
ALTER TABLE events ALTER COLUMN kind SET DEFAULT 'k';

-- case: not null
-- shape: squawk adding-not-nullable-field
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;

-- case: not null, where it is already
ALTER TABLE orders ALTER COLUMN customer_id SET NOT NULL;

-- case: not null, of the primary key
ALTER TABLE orders ALTER COLUMN id SET NOT NULL;

-- case: not null, with a valid check
-- shape: squawk issue 300
-- given: ALTER TABLE orders ADD CONSTRAINT orders_total_there CHECK (total IS NOT NULL)
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;

-- case: not null, with a check that is not valid
-- given: ALTER TABLE orders ADD CONSTRAINT orders_total_there CHECK (total IS NOT NULL) NOT VALID
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;

-- case: not null, with a check that says something else
ALTER TABLE products ALTER COLUMN title SET NOT NULL;

-- case: not null, with a check that says more
-- given: ALTER TABLE orders ADD CONSTRAINT orders_total_there CHECK (total IS NOT NULL AND total > 0)
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;

-- case: not null, with a check of another column
-- given: ALTER TABLE orders ADD CONSTRAINT orders_note_there CHECK (note IS NOT NULL)
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;

-- case: not null, the way that is safe
-- shape: squawk pull request 957
-- alone
-- given: ALTER TABLE orders ADD CONSTRAINT orders_total_there CHECK (total IS NOT NULL) NOT VALID
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_there;
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_total_there;

-- case: not null, check and all in one transaction
-- shape: strong_migrations: setting NOT NULL on an existing column
ALTER TABLE orders ADD CONSTRAINT orders_total_there CHECK (total IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_there;
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;

-- case: not null, two at once
ALTER TABLE orders ALTER COLUMN total SET NOT NULL, ALTER COLUMN note SET NOT NULL;

-- case: not null, of a partitioned table
ALTER TABLE events ALTER COLUMN kind SET NOT NULL;

-- case: not null, of one partition
ALTER TABLE events_2024 ALTER COLUMN kind SET NOT NULL;

-- case: not null, of a parent of children
ALTER TABLE audit ALTER COLUMN id SET NOT NULL;

-- case: not null dropped
-- shape: squawk ban-drop-not-null
ALTER TABLE orders ALTER COLUMN customer_id DROP NOT NULL;

-- case: identity added
ALTER TABLE orders ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;

-- case: identity dropped
-- given: ALTER TABLE orders ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY
ALTER TABLE orders ALTER COLUMN id DROP IDENTITY;

-- case: identity changed
-- given: ALTER TABLE orders ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY
ALTER TABLE orders ALTER COLUMN id SET GENERATED ALWAYS;

-- case: no longer generated
-- given: ALTER TABLE orders ADD COLUMN cents bigint GENERATED ALWAYS AS (id * 100) STORED
ALTER TABLE orders ALTER COLUMN cents DROP EXPRESSION;

-- case: statistics
ALTER TABLE orders ALTER COLUMN note SET STATISTICS 500;

-- case: distinct values told
ALTER TABLE orders ALTER COLUMN note SET (n_distinct = -0.5);

-- case: storage
ALTER TABLE orders ALTER COLUMN note SET STORAGE EXTERNAL;

-- case: compression
ALTER TABLE orders ALTER COLUMN note SET COMPRESSION pglz;

-- case: comment
COMMENT ON COLUMN orders.note IS 'by the customer';
