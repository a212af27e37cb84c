/* SPDX-License-Identifier: Apache-2.0
 *
 * Missing and bad indexes, rule by rule: one small table each, and what is told
 * of it. PostgreSQL's definitions as the server writes them, SQLite's columns.
 */
#include "tests.h"

#include "base/base.h"
#include "schema/index_report.h"

#define INDEX(index, text) \
	{ \
		.kind = WB_KIND_INDEX, .schema = "app", .parent = "t", .name = index, .attrs = { "definition", text } \
	}
#define ON_T "ON app.t USING "
#define KEY(constraint, what, text) \
	{ \
		.kind = WB_KIND_CONSTRAINT, .schema = "app", .parent = "t", .name = constraint, .attrs = { \
			"type", \
			what, \
			"definition", \
			text \
		} \
	}
#define TABLE \
	{ \
		.kind = WB_KIND_TABLE, .schema = "app", .name = "t" \
	}
#define TO_A KEY("fk", "foreign key", "FOREIGN KEY (a) REFERENCES app.o(id)")
#define TO_AB KEY("fk", "foreign key", "FOREIGN KEY (a, \"b \"\"x\") REFERENCES app.o(c, d)")
#define LACKS_A "lacking fk (a) medium\n"
#define LACKS_AB "lacking fk (a, \"b \"\"x\") medium\n"

struct rule {
	const char *why;
	const struct spec specs[5];
	struct wb_index_use uses[3];
	const char *told;
	const char *engine;
};

static const struct rule rules[] = {
	{ "a foreign key without any index", { TABLE, TO_A }, .told = LACKS_A },
	{ "one that leads with the column, in any direction",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (a DESC NULLS LAST, z)") },
	  .told = "" },
	{ "one that has it second",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (z, a)") },
	  .told = LACKS_A },
	{ "both columns, in any order",
	  { TABLE, TO_AB, INDEX("i", "CREATE INDEX i " ON_T "btree (\"b \"\"x\", a, z)") },
	  .told = "" },
	{ "one of both only", { TABLE, TO_AB, INDEX("i", "CREATE INDEX i " ON_T "btree (a, z)") }, .told = LACKS_AB },
	{ "the primary key will do", { TABLE, TO_A, KEY("pk", "primary key", "PRIMARY KEY (a, z)") }, .told = "" },
	{ "what is only included is not searched",
	  { TABLE, TO_A, KEY("u", "unique", "UNIQUE (z) INCLUDE (a)") },
	  .told = LACKS_A },
	{ "a partial one does not find all",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (a) WHERE (z > 3)") },
	  .told = LACKS_A },
	{ "but for those that are not null",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (a) WHERE (a IS NOT NULL)") },
	  .told = "" },
	{ "not null elsewhere",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (a) WHERE (z IS NOT NULL)") },
	  .told = LACKS_A },
	{ "one of rows that an expression chooses",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (a) WHERE ((a + 1) IS NOT NULL)") },
	  .told = LACKS_A },
	{ "an expression is another thing",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (abs(a))") },
	  .told = LACKS_A },
	{ "another collation does not compare",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (a COLLATE \"C\")") },
	  .told = LACKS_A },
	{ "another class of operators has = as well",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (a text_pattern_ops)") },
	  .told = "" },
	{ "hash finds one column", { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "hash (a)") }, .told = "" },
	{ "gin does not", { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "gin (a)") }, .told = LACKS_A },
	{ "a small table matters less",
	  { TABLE, TO_A, INDEX("i", "CREATE INDEX i " ON_T "btree (z)") },
	  { { .schema = "app", .table = "t", .index = "i", .scans = 5, .rows = 10 } },
	  .told = "lacking fk (a) low\n" },
	{ "built half way: no index for the key, and to be told",
	  { TABLE,
	    TO_A,
	    { .kind = WB_KIND_INDEX,
	      .schema = "app",
	      .parent = "t",
	      .name = "i",
	      .attrs = { "definition", "CREATE INDEX i " ON_T "btree (a)", "invalid", "true" } } },
	  .told = "lacking fk by i (a) medium\ninvalid i high\n" },
	{ "being built right now is no fault",
	  { TABLE,
	    { .kind = WB_KIND_INDEX,
	      .schema = "app",
	      .parent = "t",
	      .name = "i",
	      .attrs = { "definition", "CREATE INDEX i " ON_T "btree (a)", "invalid", "true" } } },
	  { { .schema = "app", .table = "t", .index = "i", .building = true } },
	  .told = "" },

	{ "a prefix of another",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a)"), INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "duplicate i by j low\n" },
	{ "in another order it is none",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a DESC)"),
	    INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "" },
	{ "a unique one says more than a longer one",
	  { TABLE, INDEX("i", "CREATE UNIQUE INDEX i " ON_T "btree (a)"),
	    INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "" },
	{ "of two alike the first stays",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a)"), INDEX("j", "CREATE INDEX j " ON_T "btree (a)") },
	  .told = "duplicate j by i low\n" },
	{ "of two alike the unique one stays",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a)"),
	    INDEX("j", "CREATE UNIQUE INDEX j " ON_T "btree (a)") },
	  .told = "duplicate i by j low\n" },
	{ "the primary key is an index",
	  { TABLE, KEY("pk", "primary key", "PRIMARY KEY (a)"), INDEX("i", "CREATE UNIQUE INDEX i " ON_T "btree (a)") },
	  .told = "duplicate i by pk low\n" },
	{ "what is included is wanted",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a) INCLUDE (c)"),
	    INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "" },
	{ "a predicate is another index",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a) WHERE (b > 1)"),
	    INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "" },
	{ "the same predicate is not",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a) WHERE (b > 1)"),
	    INDEX("j", "CREATE INDEX j " ON_T "btree (a, b) WHERE (b > 1)") },
	  .told = "duplicate i by j low\n" },
	{ "another method is another index",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "hash (a)"), INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "" },
	{ "commas and brackets in expressions and strings",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (COALESCE(a, ')'::text), b)"),
	    INDEX("j", "CREATE INDEX j " ON_T "btree (COALESCE(a, ')'::text), b, c)") },
	  .told = "duplicate i by j low\n" },
	{ "of a partition it stays with the whole",
	  { TABLE,
	    { .kind = WB_KIND_INDEX,
	      .schema = "app",
	      .parent = "t",
	      .name = "i",
	      .attrs = { "definition", "CREATE INDEX i " ON_T "btree (a)", "attached_to", "app.whole" } },
	    INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "" },
	{ "rows are known by it",
	  { { .kind = WB_KIND_TABLE, .schema = "app", .name = "t", .attrs = { "replica_identity", "USING INDEX i" } },
	    INDEX("i", "CREATE INDEX i " ON_T "btree (a)"),
	    INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") },
	  .told = "" },

	{ "not read since the statistics were reset",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a)"), INDEX("j", "CREATE INDEX j " ON_T "btree (b)") },
	  { { .schema = "app", .table = "t", .index = "i", .scans = 0, .rows = 5000 },
	    { .schema = "app", .table = "t", .index = "j", .scans = 1, .rows = 5000 } },
	  .told = "unused i low\n" },
	{ "in a small table nobody reads one",
	  { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a)") },
	  { { .schema = "app", .table = "t", .index = "i", .scans = 0, .rows = 500 } },
	  .told = "" },
	{ "a unique one is used by writing",
	  { TABLE, INDEX("i", "CREATE UNIQUE INDEX i " ON_T "btree (a)"), KEY("u", "unique", "UNIQUE (b)") },
	  { { .schema = "app", .table = "t", .index = "i", .scans = 0, .rows = 5000 },
	    { .schema = "app", .table = "t", .index = "u", .scans = 0, .rows = 5000 } },
	  .told = "" },
	{ "uncounted is not unused", { TABLE, INDEX("i", "CREATE INDEX i " ON_T "btree (a)") }, .told = "" },
	{ "a column whose statistics ask for one",
	  { TABLE, { .kind = WB_KIND_COLUMN, .schema = "app", .parent = "t", .name = "a" } },
	  { { .schema = "app", .table = "t", .column = "a", .rows = 5000 } },
	  .told = "candidate a low\n" },
	{ "but it has one",
	  { TABLE,
	    { .kind = WB_KIND_COLUMN, .schema = "app", .parent = "t", .name = "a" },
	    INDEX("i", "CREATE INDEX i " ON_T "btree (a, b)") },
	  { { .schema = "app", .table = "t", .column = "a", .rows = 5000 } },
	  .told = "" },
	{ "of another table",
	  { TABLE, { .kind = WB_KIND_COLUMN, .schema = "app", .parent = "t", .name = "a" } },
	  { { .schema = "app", .table = "other", .column = "a", .rows = 5000 } },
	  .told = "" },

	{ "SQLite: names in any case, keys without a name",
	  { { .kind = WB_KIND_TABLE, .name = "t" },
	    { .kind = WB_KIND_CONSTRAINT,
	      .parent = "t",
	      .name = "fk",
	      .attrs = { "type", "FOREIGN KEY", "columns", "Who", "references", "o (id)" } },
	    { .kind = WB_KIND_INDEX, .parent = "t", .name = "i", .attrs = { "columns", "who DESC, b" } } },
	  .told = "",
	  .engine = "sqlite" },
	{ "SQLite: a key that is the row's number",
	  { { .kind = WB_KIND_TABLE, .name = "t", .attrs = { "rowid_alias", "true" } },
	    { .kind = WB_KIND_CONSTRAINT,
	      .parent = "t",
	      .name = "PRIMARY KEY",
	      .attrs = { "type", "PRIMARY KEY", "columns", "id" } },
	    { .kind = WB_KIND_INDEX, .parent = "t", .name = "i", .attrs = { "columns", "id" } } },
	  .told = "duplicate i by PRIMARY KEY low\n",
	  .engine = "sqlite" },
	{ "SQLite: unique, partial, an expression",
	  { { .kind = WB_KIND_TABLE, .name = "t" },
	    { .kind = WB_KIND_INDEX, .parent = "t", .name = "i", .attrs = { "columns", "lower(a)", "unique", "true" } },
	    { .kind = WB_KIND_INDEX, .parent = "t", .name = "j", .attrs = { "columns", "lower(a), b" } },
	    { .kind = WB_KIND_INDEX, .parent = "t", .name = "k", .attrs = { "columns", "lower(a)", "where", "b > 1" } },
	    { .kind = WB_KIND_INDEX, .parent = "t", .name = "l", .attrs = { "columns", "lower(a), b" } } },
	  .told = "duplicate l by j low\n",
	  .engine = "sqlite" },
};

static void tell(const struct wb_index_findings *f, struct wb_str *out)
{
	static const char *const names[] = { "lacking", "invalid", "duplicate", "unused", "candidate" };

	for (size_t i = 0; i < f->n; i++) {
		const struct wb_index_finding *x = &f->v[i];
		wb_str_addf(out, "%s %s", names[x->fault], x->object->name);
		wb_str_addf(out, "%s%s", x->other ? " by " : "", x->other ? x->other->name : "");
		wb_str_addf(out, "%s%s%s", x->columns ? " (" : "", x->columns ? x->columns : "", x->columns ? ")" : "");
		wb_str_addf(out, " %s\n", wb_severity_name(x->severity));
	}
}

static void check(const struct rule *r)
{
	struct wb_index_use uses[WB_ARRAY_LEN(r->uses)];
	struct wb_index_uses counted = { .v = uses };
	struct wb_index_findings found;
	struct wb_error err = { 0 };
	wb_autostr told = WB_STR_INIT;
	size_t n = 0;

	while (n < WB_ARRAY_LEN(r->specs) && r->specs[n].name)
		n++;
	for (; counted.n < WB_ARRAY_LEN(uses) && r->uses[counted.n].table; counted.n++)
		uses[counted.n] = r->uses[counted.n];
	struct wb_model *m = model_from(r->engine ? r->engine : "postgresql", r->specs, n);
	assert_non_null(m);
	assert_ok(wb_index_findings_make(m, &counted, &found, &err), &err);
	tell(&found, &told);
	if (strcmp(told.p, r->told) != 0)
		fail_msg("%s: told\n%swanted\n%s", r->why, told.p, r->told);
	wb_index_findings_done(&found);
	wb_model_free(m);
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(rules); i++)
		check(&rules[i]);
}

static void test_odd_texts(void **state)
{
	static const char *const texts[] = { "",
					     "(",
					     ")",
					     "CREATE INDEX i ON t (",
					     "CREATE INDEX i ON t ()",
					     "x (,)",
					     "x ('a",
					     "x (\"a) WHERE",
					     "x () INCLUDE (",
					     "x (a) WHERE (" };
	struct wb_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		const struct spec specs[] = { TABLE, TO_A, INDEX("i", texts[i]), INDEX("j", texts[i]),
					      KEY("fk2", "foreign key", texts[i]) };
		struct wb_model *m = MODEL("postgresql", specs);
		struct wb_index_findings found;

		assert_ok(wb_index_findings_make(m, NULL, &found, &err), &err);
		wb_index_findings_done(&found);
		wb_model_free(m);
	}
}

static int make_all(void *user)
{
	struct wb_index_findings found;
	int rc = wb_index_findings_make(user, NULL, &found, NULL);

	if (rc == 0)
		wb_index_findings_done(&found);
	return rc;
}

static void test_memory(void **state)
{
	static const struct spec specs[] = { TABLE, TO_AB, INDEX("i", "CREATE INDEX i " ON_T "btree (a)"),
					     INDEX("j", "CREATE INDEX j " ON_T "btree (a, b)") };
	struct wb_model *m = MODEL("postgresql", specs);

	(void)state;
	assert_true(wb_oom_run(make_all, m) > 0);
	wb_model_free(m);
}

int test_index_report(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_odd_texts),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("missing and bad indexes");
}
