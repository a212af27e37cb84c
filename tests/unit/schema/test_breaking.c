/* SPDX-License-Identifier: Apache-2.0
 *
 * What differences mean to those who use a schema: a case for each rule, and
 * the texts that rules compare.
 */
#include "tests.h"

#include "schema/breaking.h"

#define NONE \
	{ \
		NULL \
	}
#define PATCH WB_IMPACT_PATCH
#define MINOR WB_IMPACT_MINOR
#define MAJOR WB_IMPACT_MAJOR

/* One object, before and after; without a first attribute it is not there. Parts belong to the table t, which has a
 * column a before, and columns a and fresh after. */
struct change {
	enum wb_kind kind;
	const char *before[8], *after[8];
	enum wb_impact impact;
	const char *why;
};

/* clang-format off */
static const struct change changes[] = {
	{ WB_KIND_TABLE, NONE, { "x", "y" }, MINOR, "is new" },
	{ WB_KIND_TABLE, { "x", "y" }, NONE, MAJOR, "what uses it fails" },
	{ WB_KIND_FUNCTION, { "x", "y" }, NONE, MAJOR, "what uses it fails" },
	{ WB_KIND_TABLE, { "comment", "y" }, { "comment", "z" }, PATCH, "a remark" },
	{ WB_KIND_VIEW, { "owner", "y" }, { "owner", "z" }, PATCH, "belongs to somebody else" },
	{ WB_KIND_COLUMN, { "statistics", "1" }, { "statistics", "2" }, PATCH, "for the planner" },
	{ WB_KIND_TABLE, { "tablespace", "y" }, { "tablespace", "z" }, PATCH, "is stored elsewhere" },
	{ WB_KIND_TABLE, { "access_method", "y" }, { "access_method", "z" }, PATCH, "is stored otherwise" },
	{ WB_KIND_COLUMN, { "storage", "y" }, { "storage", "z" }, PATCH, "is stored otherwise" },
	{ WB_KIND_COLUMN, { "compression", "y" }, { "compression", "z" }, PATCH, "is stored otherwise" },
	{ WB_KIND_INDEX, { "clustered", "y" }, { "clustered", "z" }, PATCH, "is stored otherwise" },
	{ WB_KIND_TABLE, { "x", "y" }, { "unlogged", "true", "x", "y" }, PATCH, "is stored otherwise" },
	{ WB_KIND_INDEX, { "attached_to", "y" }, { "attached_to", "z" }, PATCH, "is stored otherwise" },
	{ WB_KIND_TABLE, { "replica_identity", "y" }, { "replica_identity", "z" }, PATCH, "what replication sends of old rows" },
	{ WB_KIND_CONSTRAINT, { "sql_name", "y" }, { "sql_name", "z" }, PATCH, "a name for people" },
	{ WB_KIND_TABLE, { "options", "y" }, { "options", "z" }, PATCH, "is stored otherwise" },
	{ WB_KIND_VIEW, { "options", "y" }, { "options", "z" }, MINOR, "is another one than before" },
	{ WB_KIND_COLUMN, { "options", "y" }, { "options", "z" }, PATCH, "for the planner" },
	{ WB_KIND_COLUMN, { "identity_options", "y" }, { "identity_options", "z" }, PATCH, "other numbers" },
	{ WB_KIND_CONSTRAINT, { "options", "y" }, { "options", "z" }, PATCH, "is stored otherwise" },
	{ WB_KIND_STATISTICS, { "x", "y" }, NONE, PATCH, "for the planner" },

	{ WB_KIND_DEFAULT_PRIVILEGES, { "privileges", "SELECT ON TABLES TO x" }, NONE, MINOR, "rights on what is yet to be made" },
	{ WB_KIND_TABLE, { "privileges", "SELECT ON TABLE t TO x" }, { "privileges", "INSERT, SELECT ON TABLE t TO x" }, MINOR, "more rights" },
	{ WB_KIND_TABLE, { "privileges", "INSERT, SELECT ON TABLE t TO x" }, { "privileges", "SELECT ON TABLE t TO x" }, MAJOR, "a right is taken away" },
	{ WB_KIND_TABLE, { "privileges", "SELECT ON TABLE t TO x", "y", "z" }, { "y", "z" }, MAJOR, "a right is taken away" },
	{ WB_KIND_FUNCTION, { "revoked", "EXECUTE ON FUNCTION f() FROM PUBLIC", "x", "y" }, { "x", "y" }, MINOR, "more rights" },
	{ WB_KIND_FUNCTION, { "x", "y" }, { "revoked", "EXECUTE ON FUNCTION f() FROM PUBLIC", "x", "y" }, MAJOR, "a right is taken away" },
	{ WB_KIND_POLICY, NONE, { "restrictive", "true" }, MAJOR, "hides rows" },
	{ WB_KIND_POLICY, NONE, { "using", "true" }, MINOR, "shows more rows" },
	{ WB_KIND_POLICY, { "restrictive", "true" }, NONE, MINOR, "shows more rows" },
	{ WB_KIND_POLICY, { "using", "true" }, NONE, MAJOR, "hides rows" },
	{ WB_KIND_POLICY, { "using", "true" }, { "using", "x" }, MAJOR, "may hide rows" },
	{ WB_KIND_TABLE, { "x", "y" }, { "row_security", "true", "x", "y" }, MAJOR, "hides rows" },
	{ WB_KIND_TABLE, { "row_security", "true", "x", "y" }, { "x", "y" }, MINOR, "shows more rows" },
	{ WB_KIND_TABLE, { "x", "y" }, { "force_row_security", "true", "x", "y" }, MAJOR, "hides rows from its owner" },
	{ WB_KIND_TABLE, { "force_row_security", "true", "x", "y" }, { "x", "y" }, MINOR, "shows its owner more rows" },

	{ WB_KIND_COLUMN, NONE, { "of_composite", "true" }, MAJOR, "values of the type have one part more" },
	{ WB_KIND_COLUMN, NONE, { "not_null", "true" }, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, NONE, { "not_null", "true", "default", "1" }, MINOR, "is new" },
	{ WB_KIND_COLUMN, NONE, { "type", "text" }, MINOR, "is new" },
	{ WB_KIND_COLUMN, { "type", "text" }, NONE, MAJOR, "what uses it fails" },
	{ WB_KIND_COLUMN, { "not_null", "true", "default", "1" }, { "not_null", "true" }, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, { "default", "1", "x", "y" }, { "x", "y" }, MINOR, "rows that do not give it hold something else" },
	{ WB_KIND_COLUMN, { "not_null", "true" }, { "not_null", "true", "no_default", "true" }, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, { "not_null", "true", "identity", "ALWAYS" }, { "not_null", "true" }, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, { "not_null", "true", "generated", "(x)" }, { "not_null", "true" }, MAJOR, "rows that do not give it are refused" },
	{ WB_KIND_COLUMN, { "generated", "(x)", "x", "y" }, { "x", "y" }, MINOR, "can be written" },
	{ WB_KIND_COLUMN, { "x", "y" }, { "generated", "(x)", "x", "y" }, MAJOR, "cannot be written any more" },
	{ WB_KIND_COLUMN, { "generated", "(x)" }, { "generated", "(y)" }, MAJOR, "holds something else" },
	{ WB_KIND_COLUMN, { "identity", "BY DEFAULT" }, { "identity", "ALWAYS" }, MAJOR, "rows that give it are refused" },
	{ WB_KIND_COLUMN, { "identity", "ALWAYS" }, { "identity", "BY DEFAULT" }, MINOR, "is another one than before" },
	{ WB_KIND_COLUMN, { "type", "integer" }, { "type", "bigint" }, MINOR, "holds more than before" },
	{ WB_KIND_COLUMN, { "type", "bigint" }, { "type", "integer" }, MAJOR, "another type: what is written or read may not fit" },
	{ WB_KIND_COLUMN, { "x", "y" }, { "not_null", "true", "x", "y" }, MAJOR, "NULL is refused" },
	{ WB_KIND_COLUMN, { "not_null", "true", "x", "y" }, { "x", "y" }, MINOR, "may be NULL" },
	{ WB_KIND_COLUMN, { "collation", "y" }, { "collation", "z" }, MAJOR, "sorts and compares otherwise" },
	{ WB_KIND_COLUMN, { "collate", "y" }, { "collate", "z" }, MAJOR, "sorts and compares otherwise" },
	{ WB_KIND_COLUMN, { "primary_key", "y" }, { "primary_key", "z" }, MAJOR, "another key" },

	{ WB_KIND_TABLE, { "partition_of", "app.all" }, NONE, MINOR, "a partition: its rows are not there any more" },
	{ WB_KIND_TABLE, { "x", "y" }, { "strict", "true", "x", "y" }, MAJOR, "values of other types are refused" },
	{ WB_KIND_TABLE, { "strict", "true", "x", "y" }, { "x", "y" }, MINOR, "is another one than before" },
	{ WB_KIND_TABLE, { "x", "y" }, { "without_rowid", "true", "x", "y" }, MAJOR, "its rows have no rowid any more" },
	{ WB_KIND_TABLE, { "x", "y" }, { "rowid_alias", "true", "x", "y" }, MAJOR, "another rowid" },
	{ WB_KIND_TABLE, { "of_type", "y" }, { "of_type", "z" }, MAJOR, "another type of rows" },
	{ WB_KIND_TABLE, { "bound", "y" }, { "bound", "z" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_TABLE, { "definition", "y" }, { "definition", "z" }, MAJOR, "what has changed in it cannot be told" },
	{ WB_KIND_VIRTUAL_TABLE, { "module", "y" }, { "module", "z" }, MAJOR, "other columns, or searched otherwise" },

	{ WB_KIND_CONSTRAINT, NONE, { "type", "unique", "definition", "UNIQUE (fresh)" }, MINOR, "is about new columns" },
	{ WB_KIND_CONSTRAINT, NONE, { "type", "foreign key", "definition", "FOREIGN KEY (fresh) REFERENCES o(a)" }, MINOR, "is about new columns" },
	{ WB_KIND_CONSTRAINT, NONE, { "type", "unique", "definition", "UNIQUE (fresh, a)" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_CONSTRAINT, NONE, { "type", "UNIQUE", "columns", "\"a\"" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_CONSTRAINT, NONE, { "type", "check", "definition", "CHECK (a IN (1, 2, 3))" }, MINOR, "accepts more values" },
	{ WB_KIND_CONSTRAINT, NONE, { "type", "check", "definition", "CHECK (a IN (1, 3))" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_CONSTRAINT, NONE, { "of_domain", "true", "type", "check", "definition", "CHECK (VALUE > 0)" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_CONSTRAINT, { "type", "PRIMARY KEY" }, NONE, MAJOR, "ON CONFLICT and foreign keys rely on it" },
	{ WB_KIND_CONSTRAINT, { "type", "unique" }, NONE, MAJOR, "ON CONFLICT and foreign keys rely on it" },
	{ WB_KIND_CONSTRAINT, { "type", "foreign key", "definition", "FOREIGN KEY (a) REFERENCES o(a) ON DELETE CASCADE" }, NONE, MAJOR, "deleting and updating does not reach other rows any more" },
	{ WB_KIND_CONSTRAINT, { "type", "FOREIGN KEY", "on_update", "SET NULL" }, NONE, MAJOR, "deleting and updating does not reach other rows any more" },
	{ WB_KIND_CONSTRAINT, { "type", "foreign key", "definition", "FOREIGN KEY (a) REFERENCES o(a)" }, NONE, MINOR, "accepts more rows" },
	{ WB_KIND_CONSTRAINT, { "type", "check" }, NONE, MINOR, "accepts more rows" },
	{ WB_KIND_CONSTRAINT, { "not_valid", "true", "x", "y" }, { "x", "y" }, PATCH, "old rows are checked, too" },
	{ WB_KIND_CONSTRAINT, { "x", "y" }, { "not_valid", "true", "x", "y" }, MINOR, "old rows are not checked" },
	{ WB_KIND_CONSTRAINT, { "deferrable", "DEFERRABLE", "x", "y" }, { "x", "y" }, MAJOR, "is checked at once" },
	{ WB_KIND_CONSTRAINT, { "x", "y" }, { "deferrable", "DEFERRABLE", "x", "y" }, MINOR, "is checked at another time" },
	{ WB_KIND_CONSTRAINT, { "initially_deferred", "true", "x", "y" }, { "x", "y" }, MAJOR, "is checked at once" },
	{ WB_KIND_CONSTRAINT, { "x", "y" }, { "initially_deferred", "true", "x", "y" }, MINOR, "is checked at another time" },
	{ WB_KIND_CONSTRAINT, { "autoincrement", "true", "x", "y" }, { "x", "y" }, MINOR, "numbers are given otherwise" },
	{ WB_KIND_CONSTRAINT, { "type", "check", "definition", "CHECK (a = ANY (ARRAY['a'::text, 'b'::text]))" },
	  { "type", "check", "definition", "CHECK (a = ANY (ARRAY['a'::text, 'b'::text, 'c'::text]))" }, MINOR, "accepts more values" },
	{ WB_KIND_CONSTRAINT, { "type", "check", "definition", "CHECK (a > 5)" }, { "type", "check", "definition", "CHECK (a > 6)" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_INDEX, NONE, { "definition", "CREATE INDEX x ON t USING btree (a)" }, PATCH, "what it finds is found faster" },
	{ WB_KIND_INDEX, NONE, { "definition", "CREATE UNIQUE INDEX x ON t USING btree (fresh)" }, PATCH, "what it finds is found faster" },
	{ WB_KIND_INDEX, NONE, { "definition", "CREATE UNIQUE INDEX x ON t USING btree (a)" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_INDEX, NONE, { "unique", "true", "columns", "a" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_INDEX, { "unique", "true", "columns", "a" }, NONE, MAJOR, "ON CONFLICT and foreign keys rely on it" },
	{ WB_KIND_INDEX, { "columns", "a" }, NONE, PATCH, "what it found is found more slowly" },
	{ WB_KIND_INDEX, { "invalid", "true", "x", "y" }, { "x", "y" }, PATCH, "whether it is used" },
	{ WB_KIND_INDEX, { "unique", "true", "columns", "a" }, { "unique", "true", "columns", "b" }, MAJOR, "rows that were accepted may be refused" },
	{ WB_KIND_INDEX, { "columns", "a" }, { "columns", "b" }, PATCH, "what it finds is found otherwise" },

	{ WB_KIND_ENUM, { "values", "'a', 'c'" }, { "values", "'a', 'b', 'c'" }, MINOR, "more values" },
	{ WB_KIND_ENUM, { "values", "'a', 'b'" }, { "values", "'a'" }, MAJOR, "a value is gone, or sorts elsewhere" },
	{ WB_KIND_ENUM, { "values", "'a', 'b'" }, { "values", "'b', 'a'" }, MAJOR, "a value is gone, or sorts elsewhere" },
	{ WB_KIND_DOMAIN, { "type", "character varying(9)" }, { "type", "text" }, MINOR, "holds more than before" },
	{ WB_KIND_DOMAIN, { "type", "text" }, { "type", "integer" }, MAJOR, "another type: what is written or read may not fit" },
	{ WB_KIND_DOMAIN, { "x", "y" }, { "not_null", "true", "x", "y" }, MAJOR, "NULL is refused" },
	{ WB_KIND_DOMAIN, { "collation", "y" }, { "collation", "z" }, MAJOR, "sorts and compares otherwise" },
	{ WB_KIND_RANGE, { "subtype", "y" }, { "subtype", "z" }, MAJOR, "another type" },
	{ WB_KIND_COLLATION, { "locale", "y" }, { "locale", "z" }, MAJOR, "sorts and compares otherwise" },

	{ WB_KIND_VIEW, { "definition", "SELECT a FROM t" }, { "definition", "SELECT a, b FROM t" }, MINOR, "the same columns, found otherwise" },
	{ WB_KIND_VIEW, { "definition", "SELECT a FROM t" }, { "definition", "SELECT b FROM t" }, MAJOR, "a column may be gone, or have another name" },
	{ WB_KIND_MATERIALIZED_VIEW, { "definition", "SELECT a FROM t" }, { "definition", "SELECT a FROM o" }, MINOR, "the same columns, found otherwise" },
	{ WB_KIND_MATERIALIZED_VIEW, { "definition", "SELECT * FROM t" }, { "definition", "SELECT * FROM o" }, MAJOR, "a column may be gone, or have another name" },
	{ WB_KIND_FUNCTION, { "arguments", "a integer" }, { "arguments", "a integer DEFAULT 1" }, MINOR, "an argument may be left out" },
	{ WB_KIND_PROCEDURE, { "arguments", "a integer" }, { "arguments", "b integer" }, MAJOR, "calls that name an argument, or leave it out, may fail" },
	{ WB_KIND_FUNCTION, { "result", "integer" }, { "result", "bigint" }, MAJOR, "gives something else" },
	{ WB_KIND_FUNCTION, { "definition", "y" }, { "definition", "z" }, PATCH, "does it otherwise" },
	{ WB_KIND_PROCEDURE, { "definition", "y" }, { "definition", "z" }, PATCH, "does it otherwise" },
	{ WB_KIND_TRIGGER, { "definition", "y" }, { "definition", "z" }, PATCH, "does it otherwise" },
	{ WB_KIND_RULE, { "definition", "y" }, { "definition", "z" }, PATCH, "does it otherwise" },
	{ WB_KIND_TRIGGER, { "definition", "y" }, NONE, MAJOR, "what it did is not done any more" },
	{ WB_KIND_RULE, { "definition", "y" }, NONE, MAJOR, "what it did is not done any more" },
	{ WB_KIND_EVENT_TRIGGER, { "event", "y" }, NONE, MINOR, "what it did is not done any more" },
	{ WB_KIND_EXTENSION, { "installed_in", "y" }, { "installed_in", "z" }, MAJOR, "its objects have other names" },
	{ WB_KIND_PUBLICATION, { "publish", "y" }, { "publish", "z" }, MAJOR, "subscribers get something else" },
	{ WB_KIND_SEQUENCE, { "increment", "2" }, { "increment", "3" }, MINOR, "is another one than before" },
};
/* clang-format on */

static bool add(struct wb_model *m, enum wb_kind kind, const char *name, const char *const *attrs)
{
	bool part = wb_kind_flags(kind) & WB_KIND_PART;
	struct wb_object *o = wb_model_add(m, kind, NULL, part ? "t" : NULL, name);

	for (size_t i = 0; o && i < 8 && attrs[i]; i += 2)
		if (!wb_object_set(m, o, attrs[i], attrs[i + 1]))
			return false;
	return o;
}

static struct wb_model *model_of(enum wb_kind kind, const char *const *attrs, bool after)
{
	static const char *const none[8] = { NULL }, *const listed[8] = { "type", "check", "definition",
									  "CHECK (a IN (1, 2))" };
	struct wb_model *m = wb_model_new("postgresql", NULL);

	assert_true(add(m, WB_KIND_TABLE, "t", none));
	assert_true(add(m, WB_KIND_COLUMN, "a", none));
	assert_true(!after || add(m, WB_KIND_COLUMN, "fresh", none));
	assert_true(add(m, WB_KIND_CONSTRAINT, "t_a_listed", listed));
	assert_true(!attrs[0] || add(m, kind, "o", attrs));
	assert_int_equal(wb_model_finish(m, NULL), 0);
	return m;
}

static void test_each_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(changes); i++) {
		const struct change *c = &changes[i];
		struct wb_model *before = model_of(c->kind, c->before, false);
		struct wb_model *after = model_of(c->kind, c->after, true);
		enum wb_impact most = WB_IMPACT_NONE;
		const char *why = NULL, *told = NULL;
		struct wb_diff d;

		assert_int_equal(wb_schema_diff(after, before, &d, NULL), 0);
		for (size_t k = 0; k < d.n; k++) {
			const struct wb_object *o = d.v[k].expected ? d.v[k].expected : d.v[k].actual;
			enum wb_impact impact = wb_difference_impact(before, &d.v[k], &why);

			if (strcmp(o->name, "o") == 0 && impact > most) {
				most = impact;
				told = why;
			}
		}
		if (most != c->impact || !told || strcmp(told, c->why) != 0)
			fail_msg("case %zu, %s: %s (%s), wanted %s (%s)", i, wb_kind_name(c->kind),
				 wb_impact_name(most), told ? told : "-", wb_impact_name(c->impact), c->why);
		wb_diff_done(&d);
		wb_model_free(after);
		wb_model_free(before);
	}
}

static void test_types(void **state)
{
	static const struct {
		const char *old, *new;
		bool wider;
	} cases[] = {
		{ "smallint", "integer", true },
		{ "integer", "bigint", true },
		{ "INTEGER", "bigint", true },
		{ "bigint", "integer", false },
		{ "integer", "real", false },
		{ "real", "double precision", true },
		{ "character varying(10)", "character varying(20)", true },
		{ "character varying(20)", "character varying(10)", false },
		{ "character varying(20)", "character varying", true },
		{ "character varying", "character varying(20)", false },
		{ "character varying(20)", "text", true },
		{ "VARCHAR(20)", "TEXT", true },
		{ "text", "character varying(20)", false },
		{ "character(2)", "character(3)", true },
		{ "character(2)", "character", false },
		{ "numeric(10,2)", "numeric(12,2)", true },
		{ "numeric(10,2)", "numeric(12,4)", true },
		{ "numeric(10,2)", "numeric(12,5)", false },
		{ "numeric(10,2)", "numeric(10,0)", false },
		{ "numeric(10,2)", "numeric", true },
		{ "integer", "numeric(4,0)", false },
		{ "timestamp(3) without time zone", "timestamp without time zone", false },
		{ "timestamp(3) without time zone", "timestamp(6) without time zone", true },
		{ "timestamp(3) without time zone", "timestamp(6) with time zone", false },
		{ "date", "timestamp without time zone", false },
		{ "text[]", "text", false },
		{ "odd(x)", "odd(y)", false },
		{ "TEXT", NULL, true },
		{ NULL, "TEXT", false },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++)
		if (wb_type_is_wider(cases[i].old, cases[i].new) != cases[i].wider)
			fail_msg("%s to %s", cases[i].old, cases[i].new);
}

static void test_checks(void **state)
{
	(void)state;
	assert_true(wb_check_lists_more("\"s\" IN ('a', 'b')", "\"s\" IN ('x', 'a', 'b')"));
	assert_true(wb_check_lists_more("CHECK (((s)::text = ANY ((ARRAY['a'::character varying])::text[])))",
					"CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character "
					"varying])::text[])))"));
	assert_false(wb_check_lists_more("s IN ('a', 'b')", "s IN ('a')"));
	assert_false(wb_check_lists_more("s NOT IN ('a')", "s NOT IN ('a', 'b')"));
	assert_false(wb_check_lists_more("s <> ALL (ARRAY['a'])", "s <> ALL (ARRAY['a', 'b'])"));
	assert_false(wb_check_lists_more("s IN ('a')", "s IN ('a') AND t > 1"));
	assert_false(wb_check_lists_more("s IN ('a')", "s IN ('a') AND b"));
	assert_false(wb_check_lists_more("length(s) < 5", "length(s) < 6"));
	assert_false(wb_check_lists_more("f(s, 1)", "f(s, 1, 2)"));
}

static void test_queries(void **state)
{
	static const struct {
		const char *old, *new;
		bool keeps;
	} cases[] = {
		{ " SELECT t.a,\n    t.b AS c\n   FROM t;", " SELECT o.c,\n    1 AS d,\n    o.a\n   FROM o;", true },
		{ "SELECT a FROM t", "SELECT a AS b FROM t", false },
		{ "SELECT count(*) AS n FROM t", "SELECT sum(x) AS n FROM t", true },
		{ "SELECT count(*) FROM t", "SELECT count(*) FROM o", false },
		{ "SELECT a::text FROM t", "SELECT a::text, b FROM t", false },
		{ "SELECT a + b FROM t", "SELECT a + b FROM t", false },
		{ "SELECT DISTINCT a FROM t", "SELECT a FROM t", true },
		{ "WITH x AS (SELECT q FROM t) SELECT x.a FROM x", "SELECT a FROM (SELECT q FROM x) y", true },
		{ "SELECT a FROM t UNION SELECT b FROM o", "SELECT b FROM t UNION SELECT a FROM o", false },
		{ "SELECT \"A b\" FROM t", "SELECT x AS \"A b\" FROM t", true },
		{ "CREATE VIEW v AS SELECT id, name FROM t", "CREATE VIEW v AS SELECT id, name FROM t WHERE x", true },
		{ "CREATE VIEW v (a) AS SELECT id FROM t", "CREATE VIEW v (a) AS SELECT id FROM o", false },
		{ "CREATE VIEW v AS SELECT * FROM t", "CREATE VIEW v AS SELECT * FROM t WHERE x", false },
		{ "VALUES (1)", "VALUES (2)", false },
		{ NULL, "SELECT 1 AS a", false },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++)
		if (wb_query_keeps_columns(cases[i].old, cases[i].new) != cases[i].keeps)
			fail_msg("%s; %s", cases[i].old, cases[i].new);
}

static void test_grants_and_arguments(void **state)
{
	(void)state;
	assert_true(wb_grants_keep(NULL, "SELECT ON TABLE t TO x"));
	assert_true(wb_grants_keep("SELECT ON TABLE t TO x", "SELECT ON TABLE t TO x WITH GRANT OPTION"));
	assert_false(wb_grants_keep("SELECT ON TABLE t TO x WITH GRANT OPTION", "SELECT ON TABLE t TO x"));
	assert_false(wb_grants_keep("SELECT ON TABLE t TO x", "SELECT ON TABLE t TO xy"));
	assert_true(wb_grants_keep("SELECT ON TABLE t TO x\nUPDATE ON TABLE t TO y",
				   "UPDATE ON TABLE t TO y\nINSERT, SELECT ON TABLE t TO x"));
	assert_false(wb_grants_keep("what is this", "what is this"));
	assert_true(wb_arguments_keep("a integer, b text", "a integer, b text DEFAULT f(1, 2)"));
	assert_true(wb_arguments_keep("", NULL));
	assert_false(wb_arguments_keep("a integer DEFAULT 1", "a integer"));
	assert_false(wb_arguments_keep("a integer", "b integer"));
	assert_false(wb_arguments_keep("a integer", "a integer, b integer"));
}

int test_breaking(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_grants_and_arguments),
	};

	return RUN_GROUP("breaking");
}
