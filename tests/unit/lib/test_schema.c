/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas for programs: where they are read from, what is refused, what differs,
 * drift and kept snapshots; memory that runs out anywhere in it.
 */
#include "tests.h"

#include <whimbrel/schema.h>

static void files(struct place *p)
{
	put(p, "V1__users.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, email text NOT NULL);\n");
	put(p, "V2__email.sql",
	    "CREATE INDEX users_email ON users (email);\n-- migrate:down\nDROP INDEX users_email;\n");
}

static struct wb_schema *read_it(struct place *p, const char *where, const struct wb_schema_options *o)
{
	struct wb_schema *s = NULL;
	ok(p, wb_schema_read(context(p), where, o, &s, &p->err));
	return s;
}

static int refused(struct place *p, const char *where, const struct wb_schema_options *o)
{
	struct wb_schema *s = NULL;
	int rc = wb_schema_read(context(p), where, o, &s, &p->err);
	assert_null(s);
	return rc;
}

static void put_text(struct place *p, const char *name, struct wb_schema *s)
{
	const char *text = NULL;
	size_t n = 0;
	ok(p, wb_schema_snapshot(s, &text, &n, &p->err));
	assert_int_equal(strlen(text), n);
	put(p, name, text);
}

static void assert_same(struct place *p, const struct wb_schema *a, const struct wb_schema *b)
{
	struct wb_schema_comparison *c = NULL;
	assert_string_equal(a->hash, b->hash);
	ok(p, wb_schema_compare(a, b, &c, &p->err));
	assert_int_equal(c->n_differences, 0);
	assert_int_equal(c->n_changes, 0);
	assert_false(c->critical || c->destroys);
	wb_schema_comparison_free(c);
}

static const struct wb_schema_object *find(const struct wb_schema *s, const char *kind, const char *path)
{
	for (size_t i = 0; i < s->n_objects; i++)
		if (!strcmp(s->objects[i].kind, kind) && !strcmp(s->objects[i].path, path))
			return &s->objects[i];
	return NULL;
}

static void test_everywhere_the_same(void **state)
{
	struct place *p = *state;
	files(p);
	ok(p, UP(p));
	struct wb_schema *live = read_it(p, NULL, NULL);
	put_text(p, "../schema.snapshot", live);
	struct wb_schema *folder = read_it(p, p->migrations, NULL);
	struct wb_schema *file = read_it(p, path_of(p, "../schema.snapshot"), NULL);
	struct wb_schema *url = read_it(p, p->o.url, NULL);
	assert_same(p, live, folder);
	assert_same(p, live, file);
	assert_same(p, live, url);
	assert_has(live->origin, "app.db");
	assert_string_equal(folder->origin, p->migrations);
	assert_non_null(find(live, "table", "users"));
	assert_non_null(find(live, "column", "users.email"));
	assert_null(find(live, "table", "whimbrel_meta"));
	size_t n = 0, text;
	for (size_t i = 0; i < live->n_counts; i++)
		n += live->counts[i].n;
	assert_int_equal(n, live->n_objects);
	const char *ddl = NULL;
	ok(p, wb_schema_ddl(live, &ddl, &text, &p->err));
	assert_has(ddl, "CREATE TABLE \"users\"");
	wb_schema_free(url);
	wb_schema_free(file);
	wb_schema_free(folder);
	wb_schema_free(live);
	wb_schema_free(NULL);
	wb_schema_comparison_free(NULL);
}

static void test_what_is_refused(void **state)
{
	struct place *p = *state;
	struct wb_schema_options o = { .size = 1 };
	files(p);
	ok(p, UP(p));
	assert_code(p, refused(p, NULL, &o), WB_EUSAGE);
	assert_code(p, refused(p, "nowhere", NULL), WB_ENOTFOUND);
	assert_has(p->err.hint, "whimbrel snapshot");
	put(p, "../text", "SELECT 1;\n");
	assert_code(p, refused(p, path_of(p, "../text"), NULL), WB_EINPUT);
	put(p, "V3__broken.sql", "CREATE TABLE users (x);\n");
	assert_code(p, refused(p, p->migrations, NULL), WB_ESQL);
	p->o.url = NULL;
	context_again(p);
	assert_code(p, refused(p, p->migrations, NULL), WB_EUSAGE);
	assert_has(p->err.hint, "--scratch-url");
	assert_code(p, refused(p, NULL, NULL), WB_EUSAGE);
}

static void test_options(void **state)
{
	static const char *const ignore[] = { "index *", "tmp_*" };
	struct place *p = *state;
	struct wb_schema_options o = { .size = sizeof(o), .to = "1" };
	files(p);
	put(p, "V3__tmp.sql", "CREATE TABLE tmp_x (y int);\n");
	ok(p, UP(p));
	struct wb_schema *first = read_it(p, p->migrations, &o);
	assert_null(find(first, "index", "users.users_email"));
	assert_null(find(first, "table", "tmp_x"));
	o = (struct wb_schema_options){ .size = sizeof(o), .ignore = ignore, .n_ignore = 2 };
	struct wb_schema *most = read_it(p, NULL, &o);
	assert_same(p, first, most);
	wb_schema_free(first);
	o = (struct wb_schema_options){ .size = sizeof(o), .scratch_url = "sqlite:/nonexistent/x.db" };
	struct wb_schema *elsewhere = read_it(p, p->migrations, &o);
	assert_non_null(find(elsewhere, "table", "tmp_x"));
	wb_schema_free(elsewhere);
	wb_schema_free(most);
}

static void test_differences(void **state)
{
	struct place *p = *state;
	struct wb_schema_comparison *c = NULL;
	files(p);
	ok(p, UP(p));
	struct wb_schema *expected = read_it(p, NULL, NULL);
	sql(p, "DROP INDEX users_email");
	sql(p, "CREATE TABLE more (x int)");
	struct wb_schema *actual = read_it(p, NULL, NULL);
	ok(p, wb_schema_compare(expected, actual, &c, &p->err));
	assert_int_equal(c->n_differences, 2);
	assert_string_equal(c->differences[0].type, "unexpected");
	assert_string_equal(c->differences[0].object, "more");
	assert_string_equal(c->differences[0].severity, "critical");
	assert_has(c->differences[0].sql, "DROP TABLE \"more\"");
	assert_string_equal(c->differences[1].type, "missing");
	assert_string_equal(c->differences[1].kind, "index");
	assert_string_equal(c->differences[1].severity, "high");
	assert_true(c->critical && c->destroys);
	for (size_t i = 0; i < c->n_changes; i++)
		sql(p, c->changes[i].sql);
	struct wb_schema *mended = read_it(p, NULL, NULL);
	assert_same(p, expected, mended);
	wb_schema_comparison_free(c);
	wb_schema_free(mended);
	wb_schema_free(actual);
	wb_schema_free(expected);
}

static void test_two_engines(void **state)
{
	struct place *p = *state;
	struct wb_schema_comparison *c = NULL;
	put(p, "../pg.snapshot", "");
	struct wb_schema *lite = read_it(p, "sqlite::memory:", NULL);
	struct wb_schema *server = read_it(p, NULL, NULL);
	assert_code(p, wb_schema_compare(lite, server, &c, &p->err), WB_EUSAGE);
	assert_null(c);
	wb_schema_free(server);
	wb_schema_free(lite);
}

/* ---- drift ------------------------------------------------------------------------------ */

static struct wb_drift *drift(struct place *p, const struct wb_drift_options *o)
{
	struct wb_drift *d = NULL;
	ok(p, wb_drift(context(p), o, &d, &p->err));
	return d;
}

static void test_drift(void **state)
{
	struct place *p = *state;
	struct wb_drift_options o = { .size = sizeof(o), .record = true };
	struct wb_drift *d = NULL;
	files(p);
	assert_code(p, wb_drift(context(p), NULL, &d, &p->err), p->pg ? WB_EREFUSED : WB_ECONN);
	ok(p, UP(p));
	d = drift(p, NULL);
	assert_int_equal(d->comparison->n_differences, 0);
	assert_has(d->origin, "up to 2");
	assert_string_equal(d->version, "2");
	wb_drift_free(d);
	sql(p, "DROP INDEX users_email");
	d = drift(p, &o);
	assert_int_equal(d->comparison->n_differences, 1);
	assert_int_equal(d->opened, 1);
	wb_drift_free(d);
	d = drift(p, &o);
	assert_int_equal(d->opened + d->resolved, 0);
	wb_drift_free(d);
	sql(p, "CREATE INDEX users_email ON users (email)");
	d = drift(p, &o);
	assert_int_equal(d->resolved, 1);
	wb_drift_free(d);
	wb_drift_free(NULL);
}

static void test_kept_snapshots(void **state)
{
	struct place *p = *state;
	struct wb_drift_options o = { .size = sizeof(o), .replay = true };
	files(p);
	p->o.keep_snapshots = true;
	ok(p, UP(p));
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT version FROM @schema_snapshots ORDER BY id"), "2");
	put(p, "V3__more.sql", "CREATE TABLE more (x int);\n-- migrate:down\nDROP TABLE more;\n");
	ok(p, UP(p));
	ok(p, DOWN(p));
	assert_string_equal(ask(p, "SELECT version FROM @schema_snapshots ORDER BY id"), "2 3 2");
	struct wb_drift *d = drift(p, NULL);
	assert_has(d->origin, "the snapshot of version 2");
	assert_int_equal(d->comparison->n_differences, 0);
	wb_drift_free(d);
	d = drift(p, &o);
	assert_has(d->origin, "up to 2");
	wb_drift_free(d);
	ok(p, wb_snapshot_store(context(p), NULL, &p->err));
	assert_string_equal(ask(p, "SELECT version FROM @schema_snapshots ORDER BY id"), "2 3 2");
}

/* ---- indexes, before a run, what is there already ---------------------------------------------- */

static void test_indexes(void **state)
{
	struct place *p = *state;
	struct wb_drift_options o = { .size = sizeof(o), .indexes = true };
	files(p);
	put(p, "V3__towns.sql", "CREATE TABLE towns (id int PRIMARY KEY, u int REFERENCES users (id));\n");
	ok(p, UP(p));
	struct wb_drift *d = drift(p, &o);
	assert_int_equal(d->indexes->n_notes, 1);
	assert_string_equal(d->indexes->notes[0].type, "foreign_key_without_index");
	assert_has(d->indexes->notes[0].sql, "towns_u_idx");
	wb_drift_free(d);
	struct wb_schema *s = read_it(p, NULL, NULL);
	struct wb_index_report *report = NULL;
	ok(p, wb_index_report(NULL, s, &report, &p->err));
	assert_int_equal(report->n_notes, 1);
	assert_null(report->since);
	wb_index_report_free(report);
	wb_index_report_free(NULL);
	wb_schema_free(s);
}

static void test_gate(void **state)
{
	struct place *p = *state;
	struct wb_schema_options counts = { .size = sizeof(counts) };
	struct wb_run_options run = { .size = sizeof(run),
				      .plan = { .size = sizeof(run.plan) },
				      .drift_gate = &counts };
	files(p);
	p->o.keep_snapshots = true;
	ok(p, wb_up(context(p), &run, NULL, &p->err));
	sql(p, "CREATE TABLE more (x int)");
	ok(p, wb_up(context(p), &run, NULL, &p->err));
	put(p, "V3__more.sql", "CREATE TABLE again (x int);\n");
	assert_code(p, wb_up(context(p), &run, NULL, &p->err), WB_EREFUSED);
	assert_has(p->err.detail, "more: unexpected");
	counts.ignore = (const char *const[]){ "*more" };
	counts.n_ignore = 1;
	ok(p, wb_up(context(p), &run, NULL, &p->err));
}

static void test_declared(void **state)
{
	struct place *p = *state;
	files(p);
	put(p, "V3__there.sql", "CREATE TABLE there (x int);\n-- migrate:down\nDROP TABLE there;\n");
	assert_code(p, wb_declare_applied(context(p), "V3__there.sql", NULL, &p->err), WB_EREFUSED);
	sql(p, "CREATE TABLE there (x int)");
	struct wb_run_options run = { .size = sizeof(run), .plan = { .size = sizeof(run.plan), .to = "2" } };
	ok(p, wb_up(context(p), &run, NULL, &p->err));
	ok(p, wb_declare_applied(context(p), "migrations/V3__there.sql", "by hand", &p->err));
	assert_code(p, wb_declare_applied(context(p), "V3__there.sql", NULL, &p->err), WB_EREFUSED);
	assert_code(p, wb_declare_applied(context(p), "V4__none.sql", NULL, &p->err), WB_ENOTFOUND);
	ok(p, DOWN(p));
	assert_string_equal(ask(p, "SELECT version FROM @schema_migrations WHERE state = 'applied' ORDER BY 1"), "1 2");
}

/* ---- renames ---------------------------------------------------------------------------- */

static const struct wb_schema_rename people_rename[] = { { "users", "people" }, { "users.email", "people.mail" } };

struct followed {
	struct wb_schema *here, *there, *renamed;
	struct wb_schema_comparison *comparison;
};

static void followed_done(struct followed *f)
{
	wb_schema_comparison_free(f->comparison);
	wb_schema_free(f->renamed);
	wb_schema_free(f->there);
	wb_schema_free(f->here);
}

/* Back: from the file, which says it in a remark or not, to the database. */
static int follow(struct place *p, struct wb_context *c, bool back, size_t n_said, struct followed *f)
{
	int rc = wb_schema_read(c, NULL, NULL, &f->here, &p->err);
	if (rc == 0)
		rc = wb_schema_read(c, path_of(p, "../schema.sql"), NULL, &f->there, &p->err);
	const struct wb_schema *expected = back ? f->here : f->there, *actual = back ? f->there : f->here;
	if (rc == 0)
		rc = wb_schema_follow_renames(c, expected, actual, people_rename, n_said, NULL, &f->renamed, &p->err);
	if (rc == 0)
		rc = wb_schema_compare(expected, f->renamed ? f->renamed : actual, &f->comparison, &p->err);
	return rc;
}

static void assert_renames(struct place *p, bool back, size_t n_said, const char *first, const char *second)
{
	struct followed f = { 0 };
	ok(p, follow(p, context(p), back, n_said, &f));
	const struct wb_schema_comparison *c = f.comparison;
	assert_int_equal(c->n_changes, 2);
	assert_int_equal(c->n_differences, 2);
	assert_string_equal(c->changes[0].sql, first);
	assert_string_equal(c->changes[1].sql, second);
	assert_string_equal(c->differences[0].attribute, "name");
	assert_false(c->destroys || c->critical);
	followed_done(&f);
}

static void test_renames(void **state)
{
	struct place *p = *state;
	files(p);
	ok(p, UP(p));
	sql(p, "DROP INDEX users_email");
	put(p, "../schema.sql", "CREATE TABLE people (id INTEGER PRIMARY KEY, mail text NOT NULL);\n");
	assert_renames(p, false, 2, "ALTER TABLE \"users\" RENAME TO \"people\";\n",
		       "ALTER TABLE \"people\" RENAME COLUMN \"email\" TO \"mail\";\n");
	put(p, "../schema.sql",
	    "CREATE TABLE people -- renamed from: users\n(id INTEGER PRIMARY KEY,\n"
	    "mail text NOT NULL -- renamed from: email\n);\n");
	assert_renames(p, false, 0, "ALTER TABLE \"users\" RENAME TO \"people\";\n",
		       "ALTER TABLE \"people\" RENAME COLUMN \"email\" TO \"mail\";\n");
	assert_renames(p, true, 0, "ALTER TABLE \"people\" RENAME TO \"users\";\n",
		       "ALTER TABLE \"users\" RENAME COLUMN \"mail\" TO \"email\";\n");
}

/* ---- memory ------------------------------------------------------------------------------ */

static int oom_all(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_schema *a = NULL, *b = NULL;
	struct wb_schema_comparison *comparison = NULL;
	const char *text;
	size_t n;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_schema_read(c, path_of(p, "../schema.snapshot"), NULL, &a, &p->err);
	if (rc == 0)
		rc = wb_schema_read(c, NULL, NULL, &b, &p->err);
	if (rc == 0)
		rc = wb_schema_snapshot(b, &text, &n, &p->err);
	if (rc == 0)
		rc = wb_schema_compare(a, b, &comparison, &p->err);
	for (size_t i = 0; rc == 0 && comparison->n_differences != 1 && i < comparison->n_differences; i++)
		print_error("%s %s %s %s: %s, %s\n", comparison->differences[i].type, comparison->differences[i].kind,
			    comparison->differences[i].object,
			    comparison->differences[i].attribute ? comparison->differences[i].attribute : "",
			    comparison->differences[i].expected, comparison->differences[i].actual);
	if (rc == 0)
		assert_int_equal(comparison->n_differences, 1);
	wb_schema_comparison_free(comparison);
	wb_schema_free(b);
	wb_schema_free(a);
	wb_close(c);
	return rc;
}

static void test_memory_of_schemas(void **state)
{
	struct place *p = *state;
	files(p);
	ok(p, UP(p));
	struct wb_schema *live = read_it(p, NULL, NULL);
	put_text(p, "../schema.snapshot", live);
	wb_schema_free(live);
	sql(p, "CREATE TABLE more (x int)");
	p->o.event = NULL;
	p->o.log = NULL;
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_true(wb_oom_run(oom_all, p) > 0);
}

static int oom_renames(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct followed f = { 0 };
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = follow(p, c, false, 2, &f);
	if (rc == 0)
		assert_int_equal(f.comparison->n_changes, 2);
	followed_done(&f);
	wb_close(c);
	return rc;
}

static void test_memory_of_renames(void **state)
{
	struct place *p = *state;
	files(p);
	ok(p, UP(p));
	sql(p, "DROP INDEX users_email");
	put(p, "../schema.sql", "CREATE TABLE people (id INTEGER PRIMARY KEY, mail text NOT NULL);\n");
	p->o.event = NULL;
	p->o.log = NULL;
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_true(wb_oom_run_every(7, oom_renames, p) > 0);
}

/* Refused, or short of memory: the run changes nothing. */
static int oom_gate(void *user)
{
	struct place *p = user;
	struct wb_schema_options counts = { .size = sizeof(counts) };
	struct wb_run_options run = { .size = sizeof(run),
				      .plan = { .size = sizeof(run.plan) },
				      .drift_gate = &counts };
	struct wb_context *c;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_up(c, &run, NULL, &p->err);
	wb_close(c);
	return rc == WB_EREFUSED ? 0 : rc;
}

static void test_memory_of_gate(void **state)
{
	struct place *p = *state;
	files(p);
	p->o.keep_snapshots = true;
	ok(p, UP(p));
	sql(p, "CREATE TABLE more (x int)");
	put(p, "V3__more.sql", "CREATE TABLE again (x int);\n");
	p->o.event = NULL;
	p->o.log = NULL;
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_true(wb_oom_run_every(5, oom_gate, p) > 0);
	assert_string_equal(ask(p, "SELECT max(version) FROM @schema_migrations"), "2");
}

static int oom_drift(void *user)
{
	struct place *p = user;
	struct wb_drift_options o = { .size = sizeof(o), .record = true, .indexes = true };
	struct wb_context *c;
	struct wb_drift *d = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_drift(c, &o, &d, &p->err);
	if (rc == 0)
		assert_int_equal(d->comparison->n_differences, 1);
	wb_drift_free(d);
	wb_close(c);
	return rc;
}

static void test_memory_of_drift(void **state)
{
	struct place *p = *state;
	files(p);
	p->o.keep_snapshots = true;
	ok(p, UP(p));
	sql(p, "CREATE TABLE more (x int)");
	p->o.event = NULL;
	p->o.log = NULL;
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_true(wb_oom_run(oom_drift, p) > 0);
}

int test_schema(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_everywhere_the_same),
		TEST(test_what_is_refused),
		TEST(test_options),
		TEST(test_differences),
		TEST_PG(test_two_engines),
		TEST(test_drift),
		TEST_PG(test_drift),
		TEST(test_kept_snapshots),
		TEST_PG(test_kept_snapshots),
		TEST(test_indexes),
		TEST_PG(test_indexes),
		TEST(test_gate),
		TEST_PG(test_gate),
		TEST(test_declared),
		TEST_PG(test_declared),
		TEST(test_renames),
		TEST(test_memory_of_schemas),
		TEST(test_memory_of_renames),
		TEST(test_memory_of_drift),
		TEST(test_memory_of_gate),
	};
	return RUN_GROUP("schema");
}
