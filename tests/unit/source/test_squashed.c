/* SPDX-License-Identifier: Apache-2.0
 *
 * Baselines that stand for other files: the head by which they are known again,
 * and what the rest of the folder may leave to them.
 */
#include "tests.h"

#include <unistd.h>

static const char body[] = "CREATE TABLE a (x int);\n-- squashed\nCREATE TABLE b (x int);\n";

static struct wb_migration *find(struct place *p, const char *name)
{
	for (size_t i = 0; i < p->s->n; i++)
		if (strcmp(p->s->v[i]->name, name) == 0)
			return p->s->v[i];
	fail_msg("no %s", name);
	return NULL;
}

/* A baseline over V1 and V2, as squash writes it; V3 goes on. */
static void squashed_folder(struct place *p)
{
	wb_autostr text = WB_STR_INIT;
	unsigned char digest[32];

	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n");
	load(p);
	sha(body, digest);
	wb_squashed_head(&text, "2", p->s->v, 2, digest);
	wb_str_add(&text, body);
	put(p, "B2__squashed.sql", text.p);
	load(p);
	assert_no_problem(p);
}

static int check(struct place *p)
{
	struct wb_migration *old[] = { find(p, "V1__a.sql"), find(p, "V2__b.sql") };

	return wb_squashed_check(find(p, "B2__squashed.sql"), old, 2, &p->err);
}

static void assert_refused(struct place *p, const char *message)
{
	load(p);
	assert_int_equal(check(p), WB_EREFUSED);
	assert_has(p->err.message, message);
	assert_has(p->err.file, "B2__squashed.sql");
}

static void known_again(void **state)
{
	struct place *p = *state;
	struct wb_migration *none = NULL;

	squashed_folder(p);
	assert_int_equal(check(p), 0);
	assert_int_equal(wb_squashed_check(find(p, "B2__squashed.sql"), &none, 0, &p->err), 0);
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\r\n-- migrate:down\nDELETE FROM b;\n"); /* a down does not count */
	load(p);
	assert_int_equal(check(p), 0);
	assert_int_equal(find(p, "B2__squashed.sql")->sections[0].options.variables, WB_NO);
}

static void changed(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;

	squashed_folder(p);
	assert_int_equal(wb_fs_read(path_of(p, "B2__squashed.sql"), 100000, &text, &p->err), 0);
	put(p, "V1__a.sql", "CREATE TABLE a (x text);\n");
	assert_refused(p, "V1__a.sql was changed since it was proved");
	squashed_folder(p);
	wb_str_add(&text, "-- more\n");
	put(p, "B2__squashed.sql", text.p);
	assert_refused(p, "it was changed since it was proved");
	put(p, "B2__squashed.sql", body);
	assert_refused(p, "it was not written by `squash`");
	put(p, "B2__squashed.sql", "");
	assert_refused(p, "it was not written by `squash`");
}

static void another_file(void **state)
{
	struct place *p = *state;
	struct wb_migration *other;

	squashed_folder(p);
	other = find(p, "V3__c.sql");
	assert_int_equal(wb_squashed_check(find(p, "B2__squashed.sql"), &other, 1, &p->err), WB_EREFUSED);
	assert_has(p->err.message, "V3__c.sql is none of the files it stands for");
	assert_int_equal(unlink(path_of(p, "B2__squashed.sql")), 0);
	assert_int_equal(check(p), WB_EIO);
}

static int check_life(void *user)
{
	return check(user);
}

static void memory(void **state)
{
	struct place *p = *state;

	squashed_folder(p);
	assert_true(wb_oom_run(check_life, p) > 2);
}

static void names_cannot_end_the_comment(void **state)
{
	struct wb_migration m = { .name = "V1__a\nDROP TABLE x;.sql" }, *v[] = { &m };
	wb_autostr text = WB_STR_INIT;

	(void)state;
	wb_squashed_head(&text, "1", v, 1, m.checksum);
	assert_null(strstr(text.p, "\nDROP"));
	assert_has(text.p, "V1__a?DROP TABLE x;.sql\n");
}

static void files_may_be_gone_from_the_list(void **state)
{
	struct place *p = *state;

	squashed_folder(p);
	assert_false(wb_source_has_sum(p->s));
	assert_int_equal(wb_source_write_sum(p->s, &p->err), 0);
	assert_true(wb_source_has_sum(p->s));
	assert_int_equal(unlink(path_of(p, "V1__a.sql")), 0);
	assert_int_equal(unlink(path_of(p, "V2__b.sql")), 0);
	load(p);
	assert_no_problem(p);
	assert_int_equal(unlink(path_of(p, "V3__c.sql")), 0);
	load(p);
	assert_has(only_problem(p, "sum")->message, "V3__c.sql is listed here and gone");
	assert_int_equal(unlink(path_of(p, "B2__squashed.sql")), 0);
	load(p);
	assert_true(count_problems(p, false) > 2);
}

static void parents_may_be_in_it(void **state)
{
	struct place *p = *state;

	squashed_folder(p);
	assert_int_equal(unlink(path_of(p, "V1__a.sql")), 0);
	assert_int_equal(unlink(path_of(p, "V2__b.sql")), 0);
	put(p, "V3__c.sql", "-- migrate:up depends:1,V2\nSELECT 1;\n");
	load(p);
	assert_no_problem(p);
	assert_int_equal(find(p, "V3__c.sql")->n_parents, 2);
	assert_ptr_equal(find(p, "V3__c.sql")->parents[0], find(p, "B2__squashed.sql"));
	put(p, "V5__d.sql", "-- migrate:up depends:4\nSELECT 1;\n");
	load(p);
	assert_has(only_problem(p, "parent")->message, "V5__d.sql depends on 4");
}

static void in_every_family(void **state)
{
	static const char *const files[] = { "0003_c.up.sql", "20250101_120000_schema_c.sql", "V3__c.sql",
					     "0003_c.sql" };
	struct place *p = *state;

	for (size_t i = 0; i < WB_ARRAY_LEN(files); i++) {
		put(p, "B2__squashed.sql", body);
		put(p, files[i], "SELECT 1;");
		load(p);
		assert_int_equal(p->s->family, WB_FAMILY_PAIRED + i);
		assert_int_equal(p->s->n, 2);
		assert_int_equal(unlink(path_of(p, files[i])), 0);
	}
	put(p, "0003_c.sql", "SELECT 1;");
	put(p, "V4__d.sql", "SELECT 1;");
	assert_int_equal(wb_source_open(&p->o, &p->s, &p->err), WB_EINPUT);
	assert_has(p->err.message, "0003_c.sql is numbered, V4__d.sql is versioned");
}

static void new_files_go_on(void **state)
{
	static const struct {
		const char *base, *next;
	} cases[] = {
		{ "B0007__squashed.sql", "V0008__x.sql" },
		{ "B29990101_120000__squashed.sql", "29990101_120001_schema_x.sql" },
	};
	struct place *p = *state;
	struct wb_new_options o = { .dir = p->dir, .description = "x", .dialect = WB_DIALECT_SQLITE };

	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		const char *path, *down;

		put(p, cases[i].base, body);
		assert_int_equal(wb_source_new(&o, &a, &path, &down, &p->err), 0);
		assert_has(path, cases[i].next);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(unlink(path_of(p, cases[i].base)), 0);
	}
}

int test_squashed(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(known_again),
		TEST(changed),
		TEST(another_file),
		TEST(memory),
		TEST(names_cannot_end_the_comment),
		TEST(files_may_be_gone_from_the_list),
		TEST(parents_may_be_in_it),
		TEST(in_every_family),
		TEST(new_files_go_on),
	};

	return RUN_GROUP("squashed");
}
