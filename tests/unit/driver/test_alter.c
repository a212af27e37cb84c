/* SPDX-License-Identifier: Apache-2.0
 *
 * What the schema would be after ALTER TABLE in the standard's forms: the same
 * as that of a database whose table is made so.
 */
#include "tests.h"

#include "inspected.h"

#include "schema/schema.h"

static int altered(struct wb_conn *c, const char *sql, struct wb_model **ret_model, struct wb_alters *ret_alters,
		   struct wb_error *err)
{
	static struct wb_sv one;
	struct wb_inspect_options o = { .alters = ret_alters };

	one = wb_sv_str(sql);
	*ret_alters = (struct wb_alters){ .v = &one, .n = 1 };
	return wb_conn_inspect(c, &o, ret_model, err);
}

#define TABLE \
	"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b NOT NULL DEFAULT 4, CONSTRAINT k CHECK (b > 0));"

static void test_results(void **state)
{
	static const struct {
		const char *before, *alter, *after;
	} cases[] = {
		{ "CREATE TABLE t (a)", "ALTER TABLE t ALTER a TYPE int", "CREATE TABLE t (a INT)" },
		{ "CREATE TABLE t (a)",
		  "ALTER TABLE main.[T] ALTER COLUMN \"A\" SET DATA TYPE varchar ( 3 ) COLLATE rtrim",
		  "CREATE TABLE t (a varchar(3) COLLATE RTRIM)" },
		{ "CREATE TABLE t (a COLLATE nocase)", "ALTER TABLE t ALTER a TYPE text COLLATE binary",
		  "CREATE TABLE t (a TEXT)" },
		{ "CREATE TABLE t (a)", "ALTER TABLE t ALTER a SET NOT NULL, ALTER a SET DEFAULT -1",
		  "CREATE TABLE t (a NOT NULL DEFAULT -1)" },
		{ TABLE, "ALTER TABLE t ALTER b DROP NOT NULL, ALTER b DROP DEFAULT, DROP CONSTRAINT K",
		  "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b)" },
		{ TABLE, "ALTER TABLE t DROP b", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE)" },
		{ TABLE, "ALTER TABLE t DROP COLUMN a RESTRICT",
		  "CREATE TABLE t (id INTEGER PRIMARY KEY, b NOT NULL DEFAULT 4, CONSTRAINT k CHECK (b > 0))" },
		{ TABLE, "ALTER TABLE t DROP CONSTRAINT \"UNIQUE (a)\"",
		  "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b NOT NULL DEFAULT 4, CONSTRAINT k CHECK (b > 0))" },
		{ "CREATE TABLE t (a, b)",
		  "ALTER TABLE t ADD PRIMARY KEY (a, b), ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES "
		  "t (b) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, ADD UNIQUE (b)",
		  "CREATE TABLE t (a, b, PRIMARY KEY (a, b), CONSTRAINT f FOREIGN KEY (a) REFERENCES t (b) ON DELETE "
		  "SET "
		  "NULL DEFERRABLE INITIALLY DEFERRED, UNIQUE (b))" },
		{ "CREATE TABLE t (a, CHECK (a > 1))",
		  "ALTER TABLE t ADD b INTEGER CHECK (t.b < 4) REFERENCES t, ADD COLUMN c "
		  "AS (a + 1) STORED",
		  "CREATE TABLE t (a, b INTEGER CHECK (b < 4) REFERENCES t, c AS (a + 1) STORED, CHECK (a > 1))" },
		{ "CREATE TABLE t (a)",
		  "ALTER TABLE t ADD IF NOT EXISTS A text, DROP COLUMN IF EXISTS z, DROP CONSTRAINT IF "
		  "EXISTS y",
		  "CREATE TABLE t (a)" },
		{ "CREATE TABLE t (a)", "ALTER TABLE IF EXISTS u ALTER a TYPE text", "CREATE TABLE t (a)" },
		{ "CREATE TABLE t (a INT PRIMARY KEY)", "ALTER TABLE t ALTER a TYPE integer",
		  "CREATE TABLE t (a INTEGER PRIMARY KEY)" },
		{ "CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE b > 1; CREATE INDEX b ON t (a)",
		  "ALTER TABLE t DROP b", "CREATE TABLE t (a); CREATE INDEX b ON t (a)" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_model *m = NULL, *wanted = model_of(cases[i].after);
		wb_autostr got = WB_STR_INIT, want = WB_STR_INIT;
		struct wb_alters alters;
		struct memory mem;

		open_memory(&mem);
		make(mem.db, cases[i].before);
		assert_ok(altered(mem.c, cases[i].alter, &m, &alters, &mem.err), &mem.err);
		assert_ok(wb_schema_write(m, &got, &mem.err), &mem.err);
		assert_ok(wb_schema_write(wanted, &want, &mem.err), &mem.err);
		assert_string_equal(got.p, want.p);
		wb_model_free(m);
		wb_model_free(wanted);
		close_memory(&mem);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *alter;
		int rc;
		size_t offset;
	} cases[] = {
		{ "ALTER TABLE t ALTER z TYPE x", WB_ESQL, 20 },
		{ "ALTER TABLE t ADD A text", WB_ESQL, 18 },
		{ "ALTER TABLE t ADD PRIMARY KEY (a)", WB_ESQL, 18 },
		{ "ALTER TABLE t ADD CONSTRAINT K CHECK (a)", WB_ESQL, 18 },
		{ "ALTER TABLE t DROP CONSTRAINT z", WB_ESQL, 30 },
		{ "ALTER TABLE t DROP z", WB_ESQL, 19 },
		{ "ALTER TABLE t DROP b, DROP a, DROP id", WB_ESQL, 35 },
		{ "ALTER TABLE g DROP a", WB_ESQL, 19 },
		{ "ALTER TABLE w DROP a", WB_ESQL, 19 },
		{ "ALTER TABLE w DROP CONSTRAINT \"PRIMARY KEY\"", WB_ESQL, 30 },
		{ "ALTER TABLE w DROP CONSTRAINT none", WB_ESQL, 30 },
		{ "ALTER TABLE p DROP x", WB_ESQL, 0 },
		{ "ALTER TABLE v ADD x", WB_ESQL, 0 },
		{ "ALTER TABLE f ADD x", WB_ESQL, 0 },
		{ "ALTER TABLE f_data ADD x", WB_ESQL, 0 },
		{ "ALTER TABLE z ADD x", WB_ESQL, 0 },
		{ "ALTER TABLE temp.t ADD x", WB_ESQL, 0 },
		{ "ALTER TABLE odd ADD x", WB_ESQL, 0 },
		{ "ALTER TABLE t ALTER a FROB", WB_EINPUT, 22 },
		{ "ALTER TABLE t ADD x, FROB", WB_EINPUT, 21 },
		{ "ALTER TABLE t ADD x INTEGER y z (", WB_EINPUT, 32 },
		{ "ALTER TABLE t RENAME a TO b", WB_EUNSUPPORTED, 0 },
		{ "ALTER TABLE", WB_EUNSUPPORTED, 0 },
		{ "SELECT 1", WB_EUNSUPPORTED, 0 },
	};
	struct memory mem;

	(void)state;
	open_memory(&mem);
	make(mem.db,
	     TABLE "CREATE TABLE g (a, b AS (a + 1)); CREATE TABLE w (a PRIMARY KEY, b) WITHOUT ROWID;"
		   "CREATE TABLE p (x UNIQUE, y); CREATE TABLE c (x REFERENCES P (X)); CREATE VIEW v AS SELECT 1;"
		   "CREATE VIRTUAL TABLE f USING fts5 (a); CREATE TABLE odd (a);"
		   "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE odd (a ?)' WHERE "
		   "name = 'odd'");
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_model *m = NULL;
		struct wb_alters alters;
		int rc = altered(mem.c, cases[i].alter, &m, &alters, &mem.err);

		if (rc != cases[i].rc || alters.offset != cases[i].offset)
			print_error("%s: %s at %zu: %s\n", cases[i].alter, wb_code_name(rc), alters.offset,
				    mem.err.message);
		assert_int_equal(rc, cases[i].rc);
		assert_int_equal(alters.offset, cases[i].offset);
	}
	close_memory(&mem);
}

/* The statement of several that is to blame. */
static void test_which(void **state)
{
	struct wb_sv several[] = { WB_SV("ALTER TABLE t ADD x"), WB_SV("ALTER TABLE t DROP x"),
				   WB_SV("ALTER TABLE t DROP x") };
	struct wb_alters alters = { .v = several, .n = 3 };
	struct wb_inspect_options o = { .alters = &alters };
	struct wb_model *m = NULL;
	struct memory mem;

	(void)state;
	open_memory(&mem);
	make(mem.db, TABLE);
	assert_int_equal(wb_conn_inspect(mem.c, &o, &m, &mem.err), WB_ESQL);
	assert_int_equal(alters.at, 2);
	alters.n = 2;
	assert_ok(wb_conn_inspect(mem.c, &o, &m, &mem.err), &mem.err);
	wb_model_free(m);
	close_memory(&mem);
}

static void test_compile(void **state)
{
	struct place *p = *state;

	exec(p->c, "CREATE TABLE t (a, b);CREATE VIEW v AS SELECT b FROM t");
	assert_ok(wb_conn_compile(p->c, "t", &p->err), &p->err);
	assert_ok(wb_conn_compile(p->c, "nowhere", &p->err), &p->err);
	assert_value(p->c, "SELECT sql FROM sqlite_schema WHERE name = 't'", "CREATE TABLE t (a, b)");
	exec(p->c, "DROP VIEW v;ALTER TABLE t DROP COLUMN b;CREATE VIEW v AS SELECT b FROM t");
	assert_int_equal(wb_conn_compile(p->c, "t", &p->err), WB_ESQL);
	assert_string_equal(p->err.message, "error in view v: no such column: b");
	exec(p->c, "BEGIN");
	assert_int_equal(wb_conn_compile(p->c, "t", &p->err), WB_ESQL);
	exec(p->c, "COMMIT");
}

/* Settings that help are gone afterwards; who asked for deleted rows to be overwritten gets it. */
static void test_settings(void **state)
{
	struct place *p = *state;
	char spill[32];

	exec(p->c, "PRAGMA secure_delete = ON");
	exec(p->c, "PRAGMA cache_size = 1024");
	(void)snprintf(spill, sizeof(spill), "%s", value(p->c, "PRAGMA cache_spill"));
	assert_ok(wb_conn_rebuild_begin(p->c, true, &p->err), &p->err);
	assert_value(p->c, "PRAGMA secure_delete", "1");
	assert_value(p->c, "PRAGMA cache_spill", "16385");
	assert_ok(wb_conn_rebuild_end(p->c, &p->err), &p->err);
	assert_value(p->c, "PRAGMA cache_spill", spill);
	assert_ok(wb_conn_rebuild_end(p->c, &p->err), &p->err);
}

static void test_overwriting(void **state)
{
	struct place *p = *state;
	bool on = sqlite3_compileoption_used("SECURE_DELETE");

	assert_ok(wb_conn_rebuild_begin(p->c, false, &p->err), &p->err);
	assert_value(p->c, "SELECT * FROM pragma_secure_delete", on ? "1" : "0");
	assert_ok(wb_conn_rebuild_end(p->c, &p->err), &p->err);
	assert_ok(wb_conn_rebuild_begin(p->c, true, &p->err), &p->err);
	assert_value(p->c, "SELECT * FROM pragma_secure_delete", on ? "2" : "0");
	assert_ok(wb_conn_rebuild_end(p->c, &p->err), &p->err);
	assert_value(p->c, "SELECT * FROM pragma_secure_delete", on ? "1" : "0");
}

/* ---- memory ------------------------------------------------------------------------------------ */

static int alter_life(void *user)
{
	struct wb_conn *c = user;
	struct wb_alters alters;
	struct wb_model *m = NULL;
	int rc = altered(c,
			 "ALTER TABLE t ALTER b SET DEFAULT (t.a || 'x'), DROP CONSTRAINT k, ADD n INTEGER UNIQUE "
			 "CHECK (t.n > 1), "
			 "DROP a, ADD FOREIGN KEY (b) REFERENCES t (n)",
			 &m, &alters, NULL);

	if (rc == 0)
		wb_model_free(m);
	return rc;
}

static void test_memory(void **state)
{
	struct memory mem;

	(void)state;
	open_memory(&mem);
	make(mem.db, TABLE "CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT b FROM t");
	assert_true(wb_oom_run(alter_life, mem.c) > 10);
	close_memory(&mem);
}

int test_alter(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results), cmocka_unit_test(test_refusals), cmocka_unit_test(test_which),
		TEST_CONN(test_compile),        TEST_CONN(test_settings),        TEST_CONN(test_overwriting),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("alter");
}
