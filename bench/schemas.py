# SPDX-License-Identifier: Apache-2.0
"""Schemas of any size: for each table 10 columns, 4 indexes (that of its key among them), a view and, where the
engine has them, a function. What stands in them is what stands in applications: defaults, every other table with a
check and a foreign key, of five tables one with a partial index and one with an index over an expression, views that
join."""

POSTGRESQL = """
CREATE TABLE app.orders_{n} (
	id bigint PRIMARY KEY,
	account bigint NOT NULL,
	email character varying(320) NOT NULL,
	status text NOT NULL DEFAULT 'new',
	amount numeric(12,2) NOT NULL DEFAULT 0,
	note text,
	created_at timestamp with time zone NOT NULL DEFAULT now(),
	updated_at timestamp with time zone,
	tags text[] NOT NULL DEFAULT '{{}}',
	extra jsonb
);
{constraints}CREATE INDEX orders_{n}_account ON app.orders_{n} (account, created_at DESC);
CREATE INDEX orders_{n}_status ON app.orders_{n} (status, updated_at);
{index}CREATE VIEW app.open_orders_{n} AS
	SELECT o.id, o.email, o.amount, p.status AS before, count(*) OVER (PARTITION BY o.account) AS of_account
	FROM app.orders_{n} o LEFT JOIN app.orders_{other} p ON p.id = o.account
	WHERE o.status <> 'sent' AND o.created_at > now() - interval '30 days';
CREATE FUNCTION app.total_{n}(of_account bigint, since timestamp with time zone DEFAULT now()) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT sum(amount) FROM app.orders_{n} WHERE account = of_account AND created_at >= since);
END
$$;
"""

SQLITE_TABLE = """
CREATE TABLE orders_{n} (
	id integer PRIMARY KEY,
	account integer NOT NULL{reference},
	email text NOT NULL,
	status text NOT NULL DEFAULT 'new'{check},
	amount numeric NOT NULL DEFAULT 0,
	note text,
	created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
	updated_at text,
	tags text NOT NULL DEFAULT '[]',
	extra text
);
"""

SQLITE_MORE = """
CREATE INDEX orders_{n}_account ON orders_{n} (account, created_at DESC);
CREATE INDEX orders_{n}_status ON orders_{n} (status, updated_at);
{index}CREATE VIEW open_orders_{n} AS
	SELECT o.id, o.email, o.amount, p.status AS before
	FROM orders_{n} o LEFT JOIN orders_{other} p ON p.id = o.account
	WHERE o.status <> 'sent';
"""

CHECK = "CHECK (status IN ('new', 'paid', 'sent'))"
REFERENCE = "REFERENCES {app}orders_{other} (id) ON DELETE CASCADE"
INDEXES = {0: "CREATE INDEX orders_{n}_open ON {app}orders_{n} (updated_at) WHERE status <> 'sent';\n",
           1: "CREATE UNIQUE INDEX orders_{n}_lower ON {app}orders_{n} (lower(email));\n"}
INDEX = "CREATE UNIQUE INDEX orders_{n}_email ON {app}orders_{n} (email, account);\n"


def postgresql(count):
    """The statements; in several transactions, since each table takes locks until the end of its own."""
    parts = ["CREATE SCHEMA app;"]
    for n in range(1, count + 1):
        place = {"n": n, "other": max(1, n - 1), "app": "app."}
        constraints = ("ALTER TABLE app.orders_{n} ADD %s, ADD FOREIGN KEY (account) %s;\n" % (CHECK, REFERENCE)).format(**place)
        parts.append(POSTGRESQL.format(constraints=constraints if n % 2 == 0 else "",
                                       index=INDEXES.get(n % 5, INDEX).format(**place), **place))
        if n % 100 == 0:
            parts.append("COMMIT; BEGIN;")
    return "BEGIN;\n%s\nCOMMIT;\nVACUUM ANALYZE;\n" % "\n".join(parts)


def sqlite(count, alone=False):
    form, parts = SQLITE_TABLE if alone else SQLITE_TABLE + SQLITE_MORE, []
    for n in range(1, count + 1):
        place = {"n": n, "other": max(1, n - 1), "app": ""}
        parts.append(form.format(reference=" " + REFERENCE.format(**place) if n % 2 == 0 else "",
                                 check=" " + CHECK if n % 2 == 0 else "",
                                 index=INDEXES.get(n % 5, INDEX).format(**place), **place))
    return "BEGIN;\n%s\nCOMMIT;\n" % "\n".join(parts)
