/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a context: what it takes, what it refuses, what it hides.
 */
#include "tests.h"

#include <unistd.h>

#include "lib/context.h"

static int open_with(struct place *p, struct wb_options o)
{
	struct wb_context *c = NULL;
	o.size = o.size ? o.size : sizeof(o);
	p->err = (struct wb_error){ 0 };
	int rc = wb_open(&o, &c, &p->err);
	assert_int_equal(rc == 0, c != NULL);
	wb_close(p->ctx);
	p->ctx = c;
	return rc;
}

static void test_nothing_said(void **state)
{
	struct place *p = *state;
	struct wb_status *s = NULL;
	struct wb_plan *plan = NULL;
	ok(p, wb_open(NULL, &p->ctx, &p->err));
	assert_string_equal(wb_engine(p->ctx), "postgresql");
	assert_string_equal(wb_safe_url(p->ctx), "");
	assert_code(p, wb_up(p->ctx, NULL, NULL, &p->err), WB_EUSAGE);
	assert_has(p->err.hint, "--dir");
	assert_code(p, wb_status(p->ctx, &s, &p->err), WB_EUSAGE);
	assert_code(p, wb_plan(p->ctx, NULL, &plan, &p->err), WB_EUSAGE);
	ok(p, open_with(p, (struct wb_options){ .dir = p->migrations }));
	assert_code(p, wb_up(p->ctx, NULL, NULL, &p->err), WB_EUSAGE);
	assert_has(p->err.hint, "DATABASE_URL");
	assert_code(p, wb_wait(p->ctx, 10, &p->err), WB_EUSAGE);
	assert_code(p, wb_create_database(p->ctx, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_read_query(p->ctx, "SELECT 1", NULL, NULL, &p->err), WB_EUSAGE);
	wb_close(NULL);
}

static void test_size_field(void **state)
{
	struct place *p = *state;
	struct wb_context *c = NULL;
	struct wb_options o = { .url = p->url };
	struct wb_plan_options po = { .to = "1" };
	struct wb_run_options ro = { .timeout_ms = 1 };
	struct wb_validate_options vo = { .reversible = true };
	struct wb_new_file nf = { .description = "x" };
	struct wb_plan *plan = NULL;
	struct wb_validation *v = NULL;
	char *path = NULL;
	assert_code(p, wb_open(&o, &c, &p->err), WB_EUSAGE);
	assert_has(p->err.message, "size");
	c = context(p);
	assert_code(p, wb_plan(c, &po, &plan, &p->err), WB_EUSAGE);
	assert_code(p, wb_up(c, &ro, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_down(c, &ro, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_redo(c, &ro, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_resume(c, &ro, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_validate(c, &vo, &v, &p->err), WB_EUSAGE);
	assert_code(p, wb_new(c, &nf, &path, NULL, &p->err), WB_EUSAGE);
}

/* Compiled against another version: what it does not know is as if it were zero, what we do not know is left alone. */
static void test_older_and_newer_callers(void **state)
{
	struct place *p = *state;
	struct {
		struct wb_options o;
		char more[64];
	} newer = { .o = p->o };
	newer.o.size = sizeof(newer);
	memset(newer.more, 0x55, sizeof(newer.more));
	ok(p, wb_open(&newer.o, &p->ctx, &p->err));
	assert_string_equal(wb_engine(p->ctx), "sqlite");
	struct wb_options older = { .size = offsetof(struct wb_options, dir), .url = p->url, .dir = "/nonexistent" };
	ok(p, open_with(p, older));
	assert_code(p, wb_up(p->ctx, NULL, NULL, &p->err), WB_EUSAGE); /* it did not say any folder */
}

static void test_engines(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *url, *engine, *is;
	} cases[] = { { "sqlite:a.db", NULL, "sqlite" },         { "sqlite3:a.db", "postgresql", "sqlite" },
		      { "postgres://h/d", NULL, "postgresql" },  { "postgresql://h/d", NULL, "postgresql" },
		      { "host=h dbname=d", NULL, "postgresql" }, { NULL, "sqlite", "sqlite" },
		      { NULL, "postgresql", "postgresql" },      { NULL, NULL, "postgresql" } };
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		ok(p, open_with(p, (struct wb_options){ .url = cases[i].url, .engine = cases[i].engine }));
		assert_string_equal(wb_engine(p->ctx), cases[i].is);
	}
	assert_code(p, open_with(p, (struct wb_options){ .url = "neo4j://h:7474/db" }), WB_EUSAGE);
	assert_code(p, open_with(p, (struct wb_options){ .url = "mysql://h/d" }), WB_EUSAGE);
	assert_code(p, open_with(p, (struct wb_options){ .engine = "abacus" }), WB_EUSAGE);
	assert_code(p, open_with(p, (struct wb_options){ .url = "" }), WB_EUSAGE);
	assert_code(p, open_with(p, (struct wb_options){ .url = "sqlite:a.db", .direct_url = "nonsense" }), WB_EUSAGE);
	assert_code(p, open_with(p, (struct wb_options){ .url = "sqlite:a.db", .n_embedded = 3 }), WB_EUSAGE);
	assert_code(p, open_with(p, (struct wb_options){ .url = "sqlite:a.db", .n_variables = 3 }), WB_EUSAGE);
}

static void test_passwords(void **state)
{
	struct place *p = *state;
	char buf[128];
	ok(p, open_with(p, (struct wb_options){ .url = "postgres://u:secret@h/d" }));
	assert_has(wb_safe_url(p->ctx), "***");
	assert_null(strstr(wb_safe_url(p->ctx), "secret"));
	ok(p, wb_mask_url("postgres://u:secret@h/d?sslmode=require", buf, sizeof(buf), &p->err));
	assert_null(strstr(buf, "secret"));
	assert_has(buf, "sslmode=require");
	ok(p, wb_mask_url("host=h password=secret", buf, sizeof(buf), &p->err));
	assert_null(strstr(buf, "secret"));
	assert_code(p, wb_mask_url("secret:secret", buf, sizeof(buf), &p->err), WB_EUSAGE);
	assert_null(strstr(p->err.message, "secret"));
	ok(p, wb_mask_url("sqlite:a.db", buf, 5, &p->err));
	assert_int_equal(strlen(buf), 4);
}

static void test_missing_module(void **state)
{
	struct place *p = *state;
	char dir[128];
	snprintf(dir, sizeof(dir), "%s/modules", p->dir);
	p->o.url = "postgres:///d?host=/nonexistent";
	p->o.module_dir = dir;
	assert_code(p, UP(p), WB_EUNSUPPORTED);
	assert_has(p->err.message, "whimbrel-postgres.so");
	assert_has(p->err.hint, "WHIMBREL_MODULE_DIR");
	ok(p, wb_fs_mkdir_p(dir, 0700, &p->err));
	char path[256];
	snprintf(path, sizeof(path), "%s/whimbrel-postgres.so", dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("this is no program\n", f);
	fclose(f);
	assert_code(p, UP(p), WB_EUNSUPPORTED);
	assert_has(p->err.detail, "whimbrel-postgres.so");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", path), 0);
	if (access(path, R_OK) == 0) {
		assert_code(p, UP(p), WB_EUNSUPPORTED);
		assert_has(p->err.message, "is no driver");
	}
}

static void test_missing_folder(void **state)
{
	struct place *p = *state;
	char dir[128];
	snprintf(dir, sizeof(dir), "%s/nowhere", p->dir);
	p->o.dir = dir;
	assert_code(p, UP(p), WB_ENOTFOUND);
	assert_has(p->err.message, dir);
	p->o.dir = p->migrations;
	context_again(p);
	ok(p, UP(p)); /* an empty one is no mistake */
	assert_string_equal(applied(p), "");
}

static void test_unreachable(void **state)
{
	struct place *p = *state;
	char url[128];
	put(p, "V1__a.sql", "SELECT 1;");
	snprintf(url, sizeof(url), "sqlite:%s/nowhere/app.db", p->dir);
	p->o.url = url;
	assert_code(p, UP(p), WB_ECONN);
	int64_t start = wb_now_ms();
	assert_code(p, wb_wait(context(p), 300, &p->err), WB_ECONN);
	assert_in_range(wb_now_ms() - start, 250, 5000);
	assert_has(p->err.message, "app.db");
	assert_code(p, UP(p, .wait_ms = 300), WB_ECONN);
}

/* A database file that `up` is to make need not be waited for. */
static void test_up_with_wait_makes_the_file(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);");
	int64_t start = wb_now_ms();
	ok(p, UP(p, .wait_ms = 5000));
	assert_true(wb_now_ms() - start < 3000);
	assert_string_equal(states(p), "1:applied");
	ok(p, wb_wait(context(p), 0, &p->err));
}

static void test_reading_makes_no_file(void **state)
{
	struct place *p = *state;
	struct wb_status *s = NULL;
	struct wb_history *h = NULL;
	struct wb_locks *l = NULL;
	struct wb_validation *v = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);");
	ok(p, wb_status(context(p), &s, &p->err));
	assert_false(s->has_journal);
	assert_int_equal(s->n_pending, 1);
	assert_null(s->current);
	wb_status_free(s);
	ok(p, wb_history(context(p), NULL, 0, &h, &p->err));
	assert_int_equal(h->n_entries, 0);
	wb_history_free(h);
	ok(p, wb_locks(context(p), &l, &p->err));
	wb_locks_free(l);
	ok(p, wb_validate(context(p), NULL, &v, &p->err));
	assert_true(v->valid);
	wb_validation_free(v);
	ok(p, PLAN(p));
	assert_false(wb_fs_exists(p->db));
	ok(p, UP(p)); /* the same context, now for real */
	assert_true(wb_fs_exists(p->db));
	ok(p, wb_status(context(p), &s, &p->err));
	assert_true(s->has_journal);
	wb_status_free(s);
}

/* A long-lived program asks again and again: its memory does not grow. */
static void test_memory_stays(void **state)
{
	struct place *p = *state;
	struct wb_status *s = NULL;
	struct wb_named_value v = { "a", "b" };
	size_t before = 0;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);");
	p->o.variables = &v;
	p->o.n_variables = 1;
	for (int round = 0; round < 2; round++) { /* without the file, and with it */
		for (int i = 0; i < 100; i++) {
			ok(p, wb_status(context(p), &s, &p->err));
			wb_status_free(s);
			if (i == 0)
				before = p->ctx->arena.total;
		}
		assert_int_equal(p->ctx->arena.total, before);
		ok(p, UP(p));
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(wb_version(), "0.1.0");
	assert_string_equal(wb_code_name(WB_EBUSY), "WB_EBUSY");
	assert_int_equal(wb_code_exit_status(WB_EBUDGET), 5);
	assert_string_equal(wb_event_name(WB_EVENT_STEP_PROBED), "step_probed");
	assert_string_equal(wb_event_name(WB_EVENT_COUNT), "unknown");
}

int test_open(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_nothing_said),
		TEST(test_size_field),
		TEST(test_older_and_newer_callers),
		TEST(test_engines),
		TEST(test_passwords),
		TEST(test_missing_module),
		TEST(test_missing_folder),
		TEST(test_unreachable),
		TEST(test_up_with_wait_makes_the_file),
		TEST(test_reading_makes_no_file),
		TEST(test_memory_stays),
		cmocka_unit_test(test_names),
	};
	return RUN_GROUP("open");
}
