/* SPDX-License-Identifier: Apache-2.0
 *
 * Every allocation fails once.
 */
#include "tests.h"

#include <unistd.h>

static int open_source(void *user)
{
	struct place *p = user;
	struct wb_source *s = NULL;
	int rc = wb_source_open(&p->o, &s, &p->err);

	if (rc == 0)
		wb_source_free(s);
	return rc;
}

static void opening(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- ID: one\n-- Author: me\n-- Colour: red\n-- Type: data\n-- Breaking: maybe\nSELECT 1;");
	put(p, "V1__dup.sql", "-- ID: one\nSELECT 1;");
	put(p, "V2__b.sql",
	    "-- Dependencies: 1, x, 9\n-- migrate:up depends:4\nSELECT 1;\n-- migrate:upp\n-- migrate:down\nSELECT 2;");
	put(p, "U2__b.sql", "SELECT 1;");
	put(p, "V4__d.sql", "-- Dependencies: 2\n-- UP\n-- +goose ENVSUB ON\nSELECT 'x");
	put(p, "V5__e.sql", "-- Database: postgrsql\n-- Dependencies: 6\n");
	put(p, "V6_1__e.sql", "");
	put(p, "V6__e.sql", "-- UP\n-- UP\n-- migrate:upp");
	put(p, "U9__x.sql", "SELECT 1;");
	put(p, "R__x.sql", "SELECT 1;");
	put(p, "V7_x.sql", "SELECT 1;");
	put(p, "y.sql", "SELECT 1;");
	assert_int_equal(symlink("V8__loop.sql", path_of(p, "V8__loop.sql")), 0);
	p->o.numbering = WB_NUMBERING_STRICT;
	assert_true(wb_oom_run(open_source, p) > 40);
}

static void opening_a_mix(void **state)
{
	struct place *p = *state;

	put(p, "0001_a.up.sql", "SELECT 1;");
	put(p, "0001_a.down.sql", "-- DOWN\nSELECT 1;");
	put(p, "0002_b.down.sql", "SELECT 1;");
	assert_true(wb_oom_run(open_source, p) > 5);
}

static void opening_a_large_file(void **state)
{
	struct place *p = *state;
	size_t n = (1u << 20) + 100;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, ' ', n);
	memcpy(text, "-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n", 34);
	put_bytes(p, "V1__x.sql", text, n);
	memset(text, 'x', n);
	put_bytes(p, "V2__x.sql", text, n);
	free(text);
	assert_true(wb_oom_run(open_source, p) > 5);
}

static int read_problem(void *user)
{
	struct place *p = user;
	int rc = wb_source_check(p->s, &p->err);

	return rc == WB_EINPUT ? 0 : rc;
}

static void telling_a_problem(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- migrate:upp\nSELECT 1;");
	load(p);
	/* Without memory the error only lacks its line. */
	assert_true(wb_oom_run(read_problem, p) > 0);
}

static int read_statements(void *user)
{
	static const struct wb_variable variables[] = { { "x", "value" } };
	struct wb_stmt_options o = { WB_DIALECT_POSTGRES, variables, 1, true };
	struct place *p = user;
	struct wb_statements *s = NULL;
	struct wb_item item;
	int rc = wb_statements_open(p->s->v[0], 0x7f, &o, &s, &p->err);

	do
		rc = rc ? rc : wb_statements_next(s, &item, NULL, &p->err);
	while (rc == 0 && item.kind != WB_ITEM_END);
	wb_statements_close(s);
	return rc;
}

static void reading_statements(void **state)
{
	struct place *p = *state;

	put(p, "1_a.up.sql", "SELECT ${x}, ${x};\nSELECT '$${x}';\nCOPY t FROM STDIN;\nx\n\\.\n");
	put(p, "1_a.down.sql", "SELECT 2;");
	load(p);
	assert_no_problem(p);
	assert_true(wb_oom_run(read_statements, p) > 5);
}

static int read_down(void *user)
{
	struct place *p = user;
	wb_autostr text = WB_STR_INIT, whole = WB_STR_INIT;
	int rc = wb_migration_down_text(p->s->v[0], 1000, &text, &p->err);

	return rc ? rc : wb_migration_text(p->s->v[0], 1000, &whole, &p->err);
}

static void reading_texts(void **state)
{
	static const struct wb_embedded files[] = { { "V1__x.sql", "SELECT 1;\n-- DOWN\nSELECT 2;" } };
	struct place *p = *state;

	put(p, "V1__a.sql", "SELECT 1;\n-- DOWN\nSELECT 2;");
	load(p);
	assert_true(wb_oom_run(read_down, p) > 1);
	p->o.dir = NULL;
	p->o.embedded = files;
	p->o.n_embedded = 1;
	load(p);
	assert_true(wb_oom_run(read_down, p) > 1);
	assert_true(wb_oom_run(open_source, p) > 1);
}

struct making {
	struct place *p;
	struct wb_new_options o;
};

static int make_file(void *user)
{
	struct making *m = user;
	wb_autoarena a = WB_ARENA_INIT;
	const char *path = NULL, *down = NULL;
	int rc;

	m->o.dir = m->p->dir;
	rc = wb_source_new(&m->o, &a, &path, &down, &m->p->err);
	if (rc == 0)
		(void)unlink(path);
	if (rc == 0 && down)
		(void)unlink(down);
	return rc;
}

static void making_files(void **state)
{
	struct place *p = *state;
	static const struct wb_new_options v[] = {
		{ .description = "create the users table", .template_name = "table" },
		{ .description = "add x",
		  .template_name = "phases",
		  .family = WB_FAMILY_TIMESTAMPED,
		  .now_us = 1795246320000000 },
		{ .description = "x", .family = WB_FAMILY_PAIRED },
		{ .description = "y", .family = WB_FAMILY_NUMBERED, .type = "data", .author = "me" },
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		struct making m = { p, v[i] };
		assert_true(wb_oom_run(make_file, &m) > 5);
	}
}

static void making_a_dependent(void **state)
{
	struct place *p = *state;
	static const char *const depends[] = { "one" };
	struct making m = { p, { .description = "y", .depends = depends, .n_depends = 1 } };

	put(p, "20260101000000_x.sql", "-- ID: one\nSELECT 1;");
	assert_true(wb_oom_run(make_file, &m) > 5);
}

static int make_key(void *user)
{
	wb_autoarena a = WB_ARENA_INIT;
	const char *key = wb_version_key(&a, user);

	return key ? 0 : WB_ENOMEM;
}

static void making_keys(void **state)
{
	static char version[] = "1.02.3";

	(void)state;
	assert_int_equal(wb_oom_run(make_key, version), 1);
}

int test_oom(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(opening),           TEST(opening_a_mix),      TEST(opening_a_large_file),
		TEST(telling_a_problem), TEST(reading_statements), TEST(reading_texts),
		TEST(making_files),      TEST(making_a_dependent), TEST(making_keys),
	};
	return RUN_GROUP("oom");
}
