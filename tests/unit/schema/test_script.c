/* SPDX-License-Identifier: Apache-2.0
 *
 * From one model to another on PostgreSQL: what is changed in place, so that
 * rows stay, and what of it would lose values. What servers say to it is tested
 * by tests/schema/pairs.py.
 */
#include "tests.h"

#include "base/base.h"

/* Two models, told apart by the side of each object: one of them, or both. */
enum side { BOTH, FROM, TO };

struct case_ {
	const char *what;
	struct {
		enum side side;
		struct spec spec;
	} v[12];
	const char *sql; /* of all changes; those that destroy begin with "! " */
};

#define TABLE(table, ...) \
	{ \
		.kind = WB_KIND_TABLE, .schema = "s", .name = (table), .attrs = { __VA_ARGS__ } \
	}
#define COLUMN(table, column, ...) \
	{ \
		.kind = WB_KIND_COLUMN, .schema = "s", .parent = (table), .name = (column), .attrs = { __VA_ARGS__ } \
	}
#define ENUM(list) \
	{ \
		.kind = WB_KIND_ENUM, .schema = "s", .name = "e", .attrs = { "values", (list) } \
	}

static const struct case_ cases[] = {
	{ "values are added where they are wanted",
	  { { FROM, ENUM("'a', 'c', 'it''s, x'") }, { TO, ENUM("'0', 'a', 'b', 'c', 'it''s, x', 'z'") } },
	  "ALTER TYPE \"s\".\"e\" ADD VALUE '0' BEFORE 'a';\n"
	  "ALTER TYPE \"s\".\"e\" ADD VALUE 'b' BEFORE 'c';\n"
	  "ALTER TYPE \"s\".\"e\" ADD VALUE 'z';\n" },
	{ "a type that loses a value is made anew, and its columns with it",
	  { { FROM, ENUM("'a', 'b'") },
	    { TO, ENUM("'a'") },
	    { BOTH, TABLE("t", NULL) },
	    { BOTH,
	      { .kind = WB_KIND_COLUMN,
		.schema = "s",
		.parent = "t",
		.name = "c",
		.attrs = { "type", "s.e", "default", "'a'::s.e" },
		.needs = { "e" } } } },
	  "! ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN \"c\" DROP DEFAULT;\n"
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"c\" TYPE text USING \"c\"::text;\n"
	  "! DROP TYPE \"s\".\"e\";\n"
	  "! CREATE TYPE \"s\".\"e\" AS ENUM ('a');\n"
	  "! ALTER TABLE \"s\".\"t\" ALTER COLUMN \"c\" DROP DEFAULT;\n"
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"c\" TYPE s.e USING \"c\"::s.e;\n"
	  "ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN \"c\" SET DEFAULT 'a'::s.e;\n" },
	{ "a value that is used at once cannot be added",
	  { { FROM, ENUM("'a'") },
	    { TO, ENUM("'a', 'b'") },
	    { TO,
	      { .kind = WB_KIND_VIEW, .schema = "s", .name = "v", .attrs = { "definition", "SELECT 'b'::s.e" } } } },
	  "DROP TYPE \"s\".\"e\";\n"
	  "CREATE TYPE \"s\".\"e\" AS ENUM ('a', 'b');\n"
	  "CREATE VIEW \"s\".\"v\" AS\nSELECT 'b'::s.e;\n" },
	{ "a table becomes a partition",
	  { { BOTH, TABLE("p", "partition_by", "RANGE (a)") },
	    { BOTH, COLUMN("p", "a", "type", "integer", "position", "1", "not_null", "true") },
	    { FROM, TABLE("t", NULL) },
	    { FROM, COLUMN("t", "a", "type", "bigint", "position", "1") },
	    { FROM, COLUMN("t", "b", "type", "text", "position", "2") },
	    { TO, TABLE("t", "partition_of", "s.p", "bound", "DEFAULT") },
	    { TO, COLUMN("t", "a", "inherited", "true") } },
	  "! ALTER TABLE \"s\".\"t\" DROP COLUMN \"b\";\n"
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"a\" TYPE integer;\n"
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"a\" SET NOT NULL;\n"
	  "ALTER TABLE s.p ATTACH PARTITION \"s\".\"t\" DEFAULT;\n" },
	{ "a partition becomes a table",
	  { { BOTH, TABLE("p", "partition_by", "RANGE (a)") },
	    { BOTH, COLUMN("p", "a", "type", "integer", "position", "1") },
	    { FROM, TABLE("t", "partition_of", "s.p", "bound", "DEFAULT") },
	    { FROM, COLUMN("t", "a", "inherited", "true") },
	    { TO, TABLE("t", NULL) },
	    { TO, COLUMN("t", "a", "type", "integer", "position", "1") } },
	  "ALTER TABLE s.p DETACH PARTITION \"s\".\"t\";\n" },
	{ "the whole is cut into parts in another way",
	  { { FROM, TABLE("p", "partition_by", "RANGE (a)") },
	    { TO, TABLE("p", "partition_by", "LIST (a)") },
	    { BOTH, COLUMN("p", "a", "type", "integer", "position", "1") },
	    { FROM,
	      { .kind = WB_KIND_TABLE,
		.schema = "s",
		.name = "t",
		.attrs = { "partition_of", "s.p", "bound", "FOR VALUES FROM (1) TO (2)" },
		.needs = { "p" } } },
	    { TO,
	      { .kind = WB_KIND_TABLE,
		.schema = "s",
		.name = "t",
		.attrs = { "partition_of", "s.p", "bound", "FOR VALUES IN (1)" },
		.needs = { "p" } } },
	    { BOTH, COLUMN("t", "a", "inherited", "true") } },
	  "ALTER TABLE s.p DETACH PARTITION \"s\".\"t\";\n"
	  "DROP TABLE \"s\".\"p\";\n"
	  "CREATE TABLE \"s\".\"p\" (\n\t\"a\" integer\n)\nPARTITION BY LIST (a);\n"
	  "ALTER TABLE s.p ATTACH PARTITION \"s\".\"t\" FOR VALUES IN (1);\n" },
	{ "a type that is made anew keeps the order of what its tables have",
	  { { FROM, { .kind = WB_KIND_DOMAIN, .schema = "s", .name = "d", .attrs = { "type", "integer" } } },
	    { TO, { .kind = WB_KIND_DOMAIN, .schema = "s", .name = "d", .attrs = { "type", "text" } } },
	    { BOTH, { .kind = WB_KIND_COMPOSITE, .schema = "s", .name = "c", .attrs = { NULL } } },
	    { FROM,
	      { .kind = WB_KIND_COLUMN,
		.schema = "s",
		.parent = "c",
		.name = "a",
		.attrs = { "type", "s.d", "of_composite", "true", "position", "1" },
		.needs = { "d" } } },
	    { TO, COLUMN("c", "b", "type", "integer", "of_composite", "true", "position", "1") },
	    { TO,
	      { .kind = WB_KIND_COLUMN,
		.schema = "s",
		.parent = "c",
		.name = "a",
		.attrs = { "type", "s.d", "of_composite", "true", "position", "2" },
		.needs = { "d" } } },
	    { BOTH,
	      { .kind = WB_KIND_TABLE, .schema = "s", .name = "t", .attrs = { "of_type", "s.c" }, .needs = { "c" } } },
	    { BOTH, COLUMN("t", "a", "inherited", "true") },
	    { TO, COLUMN("t", "b", "inherited", "true") } },
	  "ALTER TABLE \"s\".\"t\" NOT OF;\n"
	  "DROP TYPE \"s\".\"c\";\n"
	  "DROP DOMAIN \"s\".\"d\";\n"
	  "CREATE DOMAIN \"s\".\"d\" AS text;\n"
	  "CREATE TYPE \"s\".\"c\" AS (\n\t\"a\" s.d,\n\t\"b\" integer\n);\n"
	  "ALTER TABLE \"s\".\"t\" ADD COLUMN \"b\" integer;\n"
	  "ALTER TABLE \"s\".\"t\" OF s.c;\n" },
	{ "a column goes with its parent's, and an index of it comes back",
	  { { BOTH, TABLE("p", NULL) },
	    { FROM, COLUMN("p", "a", "type", "integer") },
	    { TO, COLUMN("p", "a", "type", "integer", "generated", "(1)") },
	    { BOTH,
	      { .kind = WB_KIND_TABLE, .schema = "s", .name = "t", .attrs = { "inherits", "s.p" }, .needs = { "p" } } },
	    { BOTH,
	      { .kind = WB_KIND_COLUMN,
		.schema = "s",
		.parent = "t",
		.name = "a",
		.attrs = { "inherited", "true" },
		.needs = { "p.a" } } },
	    { BOTH,
	      { .kind = WB_KIND_INDEX,
		.schema = "s",
		.parent = "t",
		.name = "i",
		.attrs = { "definition", "CREATE INDEX i ON s.t USING btree (a)" },
		.needs = { "t.a" } } } },
	  "DROP INDEX \"s\".\"i\";\n"
	  "! ALTER TABLE \"s\".\"p\" DROP COLUMN \"a\";\n"
	  "ALTER TABLE \"s\".\"p\" ADD COLUMN \"a\" integer GENERATED ALWAYS AS (1);\n"
	  "CREATE INDEX i ON s.t USING btree (a);\n" },
	{ "a type gets what a table that comes to be of it has in its middle",
	  { { BOTH, { .kind = WB_KIND_COMPOSITE, .schema = "s", .name = "c", .attrs = { NULL } } },
	    { BOTH, COLUMN("c", "a", "type", "integer", "of_composite", "true", "position", "1") },
	    { BOTH, COLUMN("c", "z", "type", "integer", "of_composite", "true", "position", "3") },
	    { TO, COLUMN("c", "b", "type", "integer", "of_composite", "true", "position", "2") },
	    { FROM, TABLE("t", NULL) },
	    { TO,
	      { .kind = WB_KIND_TABLE, .schema = "s", .name = "t", .attrs = { "of_type", "s.c" }, .needs = { "c" } } },
	    { FROM, COLUMN("t", "a", "type", "integer", "position", "1") },
	    { FROM, COLUMN("t", "b", "type", "integer", "position", "4") },
	    { FROM, COLUMN("t", "z", "type", "integer", "position", "5") },
	    { TO, COLUMN("t", "a", "inherited", "true") },
	    { TO, COLUMN("t", "b", "inherited", "true") },
	    { TO, COLUMN("t", "z", "inherited", "true") } },
	  "DROP TYPE \"s\".\"c\";\n"
	  "CREATE TYPE \"s\".\"c\" AS (\n\t\"a\" integer,\n\t\"b\" integer,\n\t\"z\" integer\n);\n"
	  "ALTER TABLE \"s\".\"t\" OF s.c;\n" },
	{ "a new type has its attributes where a table that comes to be of it has them",
	  { { TO, { .kind = WB_KIND_COMPOSITE, .schema = "s", .name = "c", .attrs = { NULL } } },
	    { TO, COLUMN("c", "a", "type", "integer", "of_composite", "true", "position", "1") },
	    { TO, COLUMN("c", "b", "type", "integer", "of_composite", "true", "position", "2") },
	    { FROM, TABLE("t", NULL) },
	    { TO,
	      { .kind = WB_KIND_TABLE, .schema = "s", .name = "t", .attrs = { "of_type", "s.c" }, .needs = { "c" } } },
	    { FROM, COLUMN("t", "b", "type", "integer", "position", "1") },
	    { TO, COLUMN("t", "a", "inherited", "true") },
	    { TO, COLUMN("t", "b", "inherited", "true") } },
	  "CREATE TYPE \"s\".\"c\" AS (\n\t\"b\" integer,\n\t\"a\" integer\n);\n"
	  "ALTER TABLE \"s\".\"t\" ADD COLUMN \"a\" integer;\n"
	  "ALTER TABLE \"s\".\"t\" OF s.c;\n" },
	{ "what a child has with its parent is not told to one that is still to be made",
	  { { BOTH, TABLE("p", NULL) },
	    { FROM, COLUMN("p", "a", "type", "integer", "default", "1") },
	    { TO, COLUMN("p", "a", "type", "integer", "default", "2") },
	    { BOTH, TABLE("t", "inherits", "s.p") },
	    { BOTH, COLUMN("t", "a", "inherited", "true") },
	    { TO,
	      { .kind = WB_KIND_TABLE,
		.schema = "s",
		.name = "u",
		.attrs = { "inherits", "s.p" },
		.needs = { "p", "a" } } },
	    { TO, COLUMN("u", "a", "inherited", "true") } },
	  "ALTER TABLE ONLY \"s\".\"p\" ALTER COLUMN \"a\" SET DEFAULT 2;\n"
	  "ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN \"a\" SET DEFAULT 2;\n"
	  "CREATE TABLE \"s\".\"u\" (\n)\nINHERITS (s.p);\n" },
	{ "a child changes its parents, whose checks it must have",
	  { { BOTH, TABLE("odd, \"p", NULL) },
	    { BOTH, COLUMN("odd, \"p", "a", "type", "integer", "position", "1") },
	    { BOTH,
	      { .kind = WB_KIND_CONSTRAINT,
		.schema = "s",
		.parent = "odd, \"p",
		.name = "k",
		.attrs = { "type", "check", "definition", "CHECK ((a > 1))" } } },
	    { FROM, TABLE("t", NULL) },
	    { FROM, COLUMN("t", "a", "type", "integer", "position", "1") },
	    { TO, TABLE("t", "inherits", "s.\"odd, \"\"p\"") },
	    { TO, COLUMN("t", "a", "inherited", "true") } },
	  "ALTER TABLE \"s\".\"t\" ADD CONSTRAINT \"k\" CHECK ((a > 1));\n"
	  "ALTER TABLE \"s\".\"t\" INHERIT s.\"odd, \"\"p\";\n" },
	{ "all settings of a sequence at once",
	  { { FROM, { .kind = WB_KIND_SEQUENCE, .schema = "s", .name = "q", .attrs = { "increment", "-1" } } },
	    { TO, { .kind = WB_KIND_SEQUENCE, .schema = "s", .name = "q", .attrs = { "type", "smallint" } } } },
	  "ALTER SEQUENCE \"s\".\"q\" AS smallint INCREMENT BY 1 CACHE 1 MINVALUE 1 MAXVALUE 32767 START WITH 1 NO "
	  "CYCLE "
	  "RESTART;\n" },
	{ "the sequence of an identity is called as it is wanted",
	  { { BOTH, TABLE("t", NULL) },
	    { FROM,
	      COLUMN("t", "a", "identity", "ALWAYS", "identity_options", "SEQUENCE NAME s.\"o \"\"d\"\nSTART WITH 7") },
	    { TO, COLUMN("t", "a", "identity", "ALWAYS", "identity_options", "START WITH 7") },
	    { FROM, COLUMN("t", "b", "identity", "ALWAYS") },
	    { TO, COLUMN("t", "b", "identity", "ALWAYS", "identity_options", "SEQUENCE NAME s.new_one\nCACHE 5") } },
	  "ALTER SEQUENCE s.\"o \"\"d\" RENAME TO \"t_a_seq\";\n"
	  "ALTER SEQUENCE \"s\".\"t_b_seq\" RENAME TO new_one;\n"
	  "ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN \"b\" SET INCREMENT BY 1 SET CACHE 5 SET MINVALUE 1 SET "
	  "MAXVALUE 9223372036854775807 SET START WITH 1 SET NO CYCLE;\n" },
	{ "a sequence goes to whom its table goes",
	  { { FROM, TABLE("t", "owner", "a") },
	    { TO, TABLE("t", "owner", "b") },
	    { BOTH, COLUMN("t", "x", "type", "integer") },
	    { FROM,
	      { .kind = WB_KIND_SEQUENCE,
		.schema = "s",
		.name = "q",
		.attrs = { "owned_by", "s.t.x", "owner", "a" } } },
	    { TO,
	      { .kind = WB_KIND_SEQUENCE,
		.schema = "s",
		.name = "q",
		.attrs = { "owned_by", "s.t.x", "owner", "b" } } },
	    { FROM, { .kind = WB_KIND_SEQUENCE, .schema = "s", .name = "r", .attrs = { "owner", "a" } } },
	    { TO, { .kind = WB_KIND_SEQUENCE, .schema = "s", .name = "r", .attrs = { "owner", "b" } } } },
	  "ALTER SEQUENCE \"s\".\"r\" OWNER TO b;\n"
	  "ALTER TABLE \"s\".\"t\" OWNER TO b;\n" },
	{ "a sequence outlives its column",
	  { { BOTH, TABLE("t", NULL) },
	    { FROM, COLUMN("t", "a", "type", "integer", "default", "nextval('s.q')") },
	    { BOTH, COLUMN("t", "b", "type", "integer") },
	    { FROM, { .kind = WB_KIND_SEQUENCE, .schema = "s", .name = "q", .attrs = { "owned_by", "s.t.a" } } },
	    { TO, { .kind = WB_KIND_SEQUENCE, .schema = "s", .name = "q", .attrs = { "owned_by", "s.t.b" } } } },
	  "ALTER SEQUENCE \"s\".\"q\" OWNED BY NONE;\n"
	  "! ALTER TABLE \"s\".\"t\" DROP COLUMN \"a\";\n"
	  "ALTER SEQUENCE \"s\".\"q\" OWNED BY s.t.b;\n" },
	{ "a foreign key's moment, and options",
	  { { BOTH, TABLE("t", NULL) },
	    { FROM,
	      { .kind = WB_KIND_CONSTRAINT,
		.schema = "s",
		.parent = "t",
		.name = "k",
		.attrs = { "type", "foreign key", "deferrable", "DEFERRABLE" } } },
	    { TO,
	      { .kind = WB_KIND_CONSTRAINT,
		.schema = "s",
		.parent = "t",
		.name = "k",
		.attrs = { "type", "foreign key" } } },
	    { FROM,
	      { .kind = WB_KIND_SERVER, .name = "x", .attrs = { "options", "a '1', \"b c\" 'x, y', d 'it''s'" } } },
	    { TO, { .kind = WB_KIND_SERVER, .name = "x", .attrs = { "options", "\"b c\" 'z', d 'it''s', e '5'" } } } },
	  "ALTER SERVER \"x\" OPTIONS (SET \"b c\" 'z', ADD e '5', DROP a);\n"
	  "ALTER TABLE \"s\".\"t\" ALTER CONSTRAINT \"k\" NOT DEFERRABLE;\n" },
	{ "a view with one column more is replaced",
	  { { FROM,
	      { .kind = WB_KIND_VIEW,
		.schema = "s",
		.name = "v",
		.attrs = { "definition", "A", "columns", "a integer" } } },
	    { TO,
	      { .kind = WB_KIND_VIEW,
		.schema = "s",
		.name = "v",
		.attrs = { "definition", "B", "columns", "a integer, b text" } } } },
	  "CREATE OR REPLACE VIEW \"s\".\"v\" AS\nB;\n" },
	{ "a view with another column is not",
	  { { FROM,
	      { .kind = WB_KIND_VIEW,
		.schema = "s",
		.name = "v",
		.attrs = { "definition", "A", "columns", "a integer" } } },
	    { TO,
	      { .kind = WB_KIND_VIEW,
		.schema = "s",
		.name = "v",
		.attrs = { "definition", "B", "columns", "a text" } } } },
	  "DROP VIEW \"s\".\"v\";\nCREATE VIEW \"s\".\"v\" AS\nB;\n" },
	{ "a column outlives the function of its default",
	  { { FROM,
	      { .kind = WB_KIND_FUNCTION,
		.schema = "s",
		.name = "f()",
		.attrs = { "definition", "F", "result", "text" } } },
	    { TO,
	      { .kind = WB_KIND_FUNCTION,
		.schema = "s",
		.name = "f()",
		.attrs = { "definition", "G", "result", "integer" } } },
	    { BOTH, TABLE("t", NULL) },
	    { BOTH,
	      { .kind = WB_KIND_COLUMN,
		.schema = "s",
		.parent = "t",
		.name = "c",
		.attrs = { "type", "text", "default", "s.f()" },
		.needs = { "f()" } } } },
	  "ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN \"c\" DROP DEFAULT;\n"
	  "DROP FUNCTION \"s\".\"f()\";\n"
	  "G;\n"
	  "ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN \"c\" SET DEFAULT s.f();\n" },
	{ "what has no cast goes by its text",
	  { { BOTH, TABLE("t", NULL) },
	    { FROM, COLUMN("t", "a", "type", "uuid") },
	    { TO, COLUMN("t", "a", "type", "timestamp(3) with time zone") } },
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"a\" TYPE timestamp(3) with time zone USING "
	  "\"a\"::text::timestamp(3) with time zone;\n" },
	{ "a column outlives its domain as what the domain's values are",
	  { { FROM, { .kind = WB_KIND_DOMAIN, .schema = "s", .name = "d", .attrs = { "type", "numeric(10,2)" } } },
	    { TO, { .kind = WB_KIND_DOMAIN, .schema = "s", .name = "d", .attrs = { "type", "integer" } } },
	    { BOTH, TABLE("t", NULL) },
	    { BOTH,
	      { .kind = WB_KIND_COLUMN,
		.schema = "s",
		.parent = "t",
		.name = "c",
		.attrs = { "type", "s.d" },
		.needs = { "d" } } } },
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"c\" TYPE numeric(10,2) USING \"c\"::numeric(10,2);\n"
	  "DROP DOMAIN \"s\".\"d\";\n"
	  "CREATE DOMAIN \"s\".\"d\" AS integer;\n"
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"c\" TYPE s.d;\n" },
	{ "what one parent no longer forbids another one still may",
	  { { BOTH, TABLE("p", NULL) },
	    { BOTH, TABLE("q", NULL) },
	    { BOTH, TABLE("t", "inherits", "s.p, s.q") },
	    { BOTH, COLUMN("p", "a", "type", "integer", "not_null", "true") },
	    { FROM, COLUMN("q", "a", "type", "integer", "not_null", "true") },
	    { TO, COLUMN("q", "a", "type", "integer") },
	    { BOTH, COLUMN("t", "a", "inherited", "true") } },
	  "ALTER TABLE ONLY \"s\".\"q\" ALTER COLUMN \"a\" DROP NOT NULL;\n" },
	{ "what a role has of its own is not taken with what it was given",
	  { { FROM,
	      { .kind = WB_KIND_DEFAULT_PRIVILEGES,
		.name = "sequences of r",
		.attrs = { "role", "r", "privileges", "USAGE ON SEQUENCES TO r WITH GRANT OPTION" } } },
	    { FROM,
	      { .kind = WB_KIND_DEFAULT_PRIVILEGES,
		.schema = "s",
		.name = "sequences of r",
		.attrs = { "role", "r", "privileges", "USAGE ON SEQUENCES TO r WITH GRANT OPTION" } } } },
	  "ALTER DEFAULT PRIVILEGES FOR ROLE r IN SCHEMA \"s\" REVOKE USAGE ON SEQUENCES FROM r;\n"
	  "ALTER DEFAULT PRIVILEGES FOR ROLE r REVOKE GRANT OPTION FOR USAGE ON SEQUENCES FROM r;\n" },
	{ "an aggregate is rid of what functions are granted when they are made",
	  { { BOTH,
	      { .kind = WB_KIND_DEFAULT_PRIVILEGES,
		.name = "functions of r",
		.attrs = { "role", "r", "privileges", "EXECUTE ON FUNCTIONS TO g" } } },
	    { TO,
	      { .kind = WB_KIND_AGGREGATE,
		.schema = "s",
		.name = "a(integer)",
		.attrs = { "sql_name", "s.a(integer)", "definition", "SFUNC = int4pl" } } } },
	  "CREATE AGGREGATE s.a(integer) (\n\tSFUNC = int4pl\n);\n"
	  "REVOKE EXECUTE ON FUNCTION s.a(integer) FROM g;\n" },
	{ "of one of all rows, GRANT speaks as of functions",
	  { { BOTH,
	      { .kind = WB_KIND_DEFAULT_PRIVILEGES,
		.name = "functions of r",
		.attrs = { "role", "r", "privileges", "EXECUTE ON FUNCTIONS TO g" } } },
	    { TO,
	      { .kind = WB_KIND_AGGREGATE,
		.schema = "s",
		.name = "a(*)",
		.attrs = { "sql_name", "s.a(*)", "definition", "SFUNC = int4pl" } } } },
	  "CREATE AGGREGATE s.a(*) (\n\tSFUNC = int4pl\n);\n"
	  "REVOKE EXECUTE ON FUNCTION s.a() FROM g;\n" },
	{ "an ordered one, too",
	  { { BOTH,
	      { .kind = WB_KIND_DEFAULT_PRIVILEGES,
		.name = "functions of r",
		.attrs = { "role", "r", "privileges", "EXECUTE ON FUNCTIONS TO g" } } },
	    { TO,
	      { .kind = WB_KIND_AGGREGATE,
		.schema = "s",
		.name = "a(real ORDER BY text)",
		.attrs = { "sql_name", "s.a(real ORDER BY text)", "definition", "SFUNC = int4pl" } } } },
	  "CREATE AGGREGATE s.a(real ORDER BY text) (\n\tSFUNC = int4pl\n);\n"
	  "REVOKE EXECUTE ON FUNCTION s.a(real, text) FROM g;\n" },
	{ "how values are kept aside is said again of a table that may have forgotten it",
	  { { BOTH, TABLE("t", "options", "fillfactor='50', toast.autovacuum_enabled='false'") },
	    { FROM, COLUMN("t", "a", "type", "text") },
	    { TO, COLUMN("t", "b", "type", "text") } },
	  "! ALTER TABLE \"s\".\"t\" DROP COLUMN \"a\";\n"
	  "ALTER TABLE \"s\".\"t\" ADD COLUMN \"b\" text;\n"
	  "ALTER TABLE \"s\".\"t\" SET (toast.autovacuum_enabled='false');\n" },
	{ "it may also while its columns are of another type",
	  { { FROM, { .kind = WB_KIND_DOMAIN, .schema = "s", .name = "d", .attrs = { "type", "numeric" } } },
	    { TO, { .kind = WB_KIND_DOMAIN, .schema = "s", .name = "d", .attrs = { "type", "text" } } },
	    { BOTH, TABLE("t", "options", "toast.autovacuum_enabled='false'") },
	    { BOTH, TABLE("u", "options", "fillfactor='50'") },
	    { BOTH,
	      { .kind = WB_KIND_COLUMN,
		.schema = "s",
		.parent = "t",
		.name = "c",
		.attrs = { "type", "s.d" },
		.needs = { "d" } } } },
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"c\" TYPE numeric USING \"c\"::numeric;\n"
	  "DROP DOMAIN \"s\".\"d\";\n"
	  "CREATE DOMAIN \"s\".\"d\" AS text;\n"
	  "ALTER TABLE \"s\".\"t\" ALTER COLUMN \"c\" TYPE s.d USING \"c\"::s.d;\n"
	  "ALTER TABLE \"s\".\"t\" SET (toast.autovacuum_enabled='false');\n" },
};

static struct wb_model *side_of(const struct case_ *c, enum side other)
{
	struct spec v[WB_ARRAY_LEN(c->v)];
	size_t n = 0;

	for (size_t i = 0; i < WB_ARRAY_LEN(c->v) && c->v[i].spec.name; i++)
		if (c->v[i].side != other)
			v[n++] = c->v[i].spec;
	return model_from("postgresql", v, n);
}

static int script_of(const struct case_ *c, struct wb_str *out, struct wb_error *err)
{
	struct wb_model *from = side_of(c, TO), *to = side_of(c, FROM);
	struct wb_diff diff = { 0 };
	struct wb_ddl_script script = { 0 };
	int rc = from && to ? wb_schema_diff(to, from, &diff, err) : wb_err_nomem(err);

	if (rc == 0)
		rc = wb_schema_script(from, to, &diff, &script, err);
	for (size_t i = 0; rc == 0 && i < script.n; i++)
		wb_str_addf(out, "%s%s", script.v[i].destroys ? "! " : "", script.v[i].sql);
	wb_ddl_script_done(&script);
	wb_diff_done(&diff);
	wb_model_free(from);
	wb_model_free(to);
	return rc == 0 && out->failed ? wb_err_nomem(err) : rc;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		wb_autostr out = WB_STR_INIT;
		struct wb_error err = { 0 };

		assert_ok(script_of(&cases[i], &out, &err), &err);
		if (strcmp(out.p, cases[i].sql) != 0)
			print_error("%s\n", cases[i].what);
		assert_string_equal(out.p, cases[i].sql);
	}
}

static int script_life(void *user)
{
	const struct case_ *c = user;
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	return script_of(c, &out, &err);
}

static void test_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct case_ c = cases[i];
		assert_true(wb_oom_run(script_life, &c) > 1);
	}
}

int test_script(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("script");
}
