/* SPDX-License-Identifier: Apache-2.0
 *
 * New files: their names, and what is refused.
 */
#include "tests.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* 2026-11-21 07:32:00 UTC */
#define NOW INT64_C(1795246320000000)

struct made {
	struct wb_arena a;
	const char *path, *down, *name;
};

static int make(struct place *p, const struct wb_new_options *o, struct made *m)
{
	struct wb_new_options all = *o;
	int rc;

	all.dir = all.dir ? all.dir : p->dir;
	all.now_us = all.now_us ? all.now_us : NOW;
	memset(&p->err, 0, sizeof(p->err));
	rc = wb_source_new(&all, &m->a, &m->path, &m->down, &p->err);
	if (rc == 0)
		m->name = strrchr(m->path, '/') + 1;
	else
		assert_true(p->err.message[0] != '\0');
	return rc;
}

static void assert_made(struct place *p, const struct wb_new_options *o, const char *name)
{
	struct made m = { .a = WB_ARENA_INIT };

	if (make(p, o, &m))
		print_error("%s\n", p->err.message);
	assert_non_null(m.path);
	assert_string_equal(m.name, name);
	assert_true(wb_fs_exists(m.path));
	if (m.down)
		assert_true(wb_fs_exists(m.down));
	wb_arena_done(&m.a);
}

static void assert_refused(struct place *p, const struct wb_new_options *o, int code, const char *message,
			   const char *hint)
{
	struct made m = { .a = WB_ARENA_INIT };

	assert_int_equal(make(p, o, &m), code);
	assert_has(p->err.message, message);
	assert_has(p->err.hint, hint);
	assert_null(m.path);
	wb_arena_done(&m.a);
}

static void versions_go_on(void **state)
{
	struct place *p = *state;

	assert_made(p, &(struct wb_new_options){ .description = "Initial schema" }, "V001__initial_schema.sql");
	assert_made(p, &(struct wb_new_options){ .description = "Add users table" }, "V002__add_users_table.sql");
	put(p, "V009__x.sql", "SELECT 1;");
	put(p, "R__view.sql", "SELECT 1;");
	assert_made(p, &(struct wb_new_options){ .description = "next" }, "V010__next.sql");
	put(p, "V999__x.sql", "SELECT 1;");
	assert_made(p, &(struct wb_new_options){ .description = "next" }, "V1000__next.sql");
	put(p, "V1000.1.9__x.sql", "SELECT 1;");
	assert_made(p, &(struct wb_new_options){ .description = "next" }, "V1000.1.10__next.sql");
}

static void other_families(void **state)
{
	struct place *p = *state;

	assert_made(p, &(struct wb_new_options){ .description = "a", .family = WB_FAMILY_NUMBERED }, "001_a.sql");
	assert_made(p, &(struct wb_new_options){ .description = "b" }, "002_b.sql");
}

static void pairs(void **state)
{
	struct made m = { .a = WB_ARENA_INIT };
	struct place *p = *state;

	assert_int_equal(make(p, &(struct wb_new_options){ .description = "a", .family = WB_FAMILY_PAIRED }, &m), 0);
	assert_string_equal(m.name, "0001_a.up.sql");
	assert_string_equal(m.down, path_of(p, "0001_a.down.sql"));
	wb_arena_done(&m.a);
	put(p, "0007_x.down.sql", "");
	assert_made(p, &(struct wb_new_options){ .description = "b" }, "0008_b.up.sql");
	load(p);
	assert_int_equal(p->s->n, 2);
}

static void times(void **state)
{
	struct place *p = *state;

	assert_made(p, &(struct wb_new_options){ .description = "Add e-mail", .family = WB_FAMILY_TIMESTAMPED },
		    "20261121_073200_schema_add_e_mail.sql");
	assert_made(p, &(struct wb_new_options){ .description = "Add e-mail", .type = "data" },
		    "20261121_073201_data_add_e_mail.sql");
	/* Somebody's clock is ahead. */
	put(p, "20261231_235959_schema_x.sql", "SELECT 1;");
	assert_made(p, &(struct wb_new_options){ .description = "y" }, "20270101_000000_schema_y.sql");
}

static void times_in_numbered_folders(void **state)
{
	struct place *p = *state;

	put(p, "20251120143000_x.sql", "SELECT 1;");
	assert_made(p, &(struct wb_new_options){ .description = "y" }, "20261121073200_y.sql");
	assert_made(p, &(struct wb_new_options){ .description = "z" }, "20261121073201_z.sql");
}

static void phases_start_a_timestamped_folder(void **state)
{
	struct place *p = *state;

	assert_made(p, &(struct wb_new_options){ .description = "x", .template_name = "phases" },
		    "20261121_073200_schema_x.sql");
}

static void phases_follow_the_folder(void **state)
{
	struct place *p = *state;

	put(p, "V001__x.sql", "SELECT 1;");
	assert_made(p, &(struct wb_new_options){ .description = "y", .template_name = "phases" }, "V002__y.sql");
}

static void strict_numbering_ends(void **state)
{
	struct place *p = *state;
	struct wb_new_options o = { .description = "y", .numbering = WB_NUMBERING_STRICT };

	put(p, "V998__x.sql", "SELECT 1;");
	assert_made(p, &o, "V999__y.sql");
	assert_refused(p, &o, WB_EREFUSED, "no version after 999", "squash");
}

static void strict_pairs_have_three_digits(void **state)
{
	struct place *p = *state;

	assert_made(p,
		    &(struct wb_new_options){
			    .description = "y", .family = WB_FAMILY_PAIRED, .numbering = WB_NUMBERING_STRICT },
		    "001_y.up.sql");
}

static void descriptions_become_names(void **state)
{
	struct place *p = *state;

	assert_made(p, &(struct wb_new_options){ .description = "  Don't  drop/--the  \"users\"__table!\n" },
		    "V001__dont_drop_the_users_table.sql");
	assert_made(p, &(struct wb_new_options){ .description = "Größe 2" }, "V002__größe_2.sql");
	assert_made(p, &(struct wb_new_options){ .description = "../../etc/passwd" }, "V003__etc_passwd.sql");
}

static void what_is_refused(void **state)
{
	struct place *p = *state;
	char longest[300];

	memset(longest, 'x', sizeof(longest));
	longest[299] = '\0';
	assert_refused(p, &(struct wb_new_options){ .description = "  --  " }, WB_EUSAGE, "no letters",
		       "add users table");
	assert_refused(p, &(struct wb_new_options){ .description = longest }, WB_EUSAGE, "too long", "180");
	assert_refused(p, &(struct wb_new_options){ .description = "x", .type = "shema" }, WB_EUSAGE,
		       "unknown type 'shema'", "did you mean schema?");
	assert_refused(p, &(struct wb_new_options){ .description = "x", .type = "zzz" }, WB_EUSAGE, "unknown type",
		       "types are");
	assert_refused(p, &(struct wb_new_options){ .description = "x", .template_name = "tabel" }, WB_EUSAGE,
		       "unknown template 'tabel'", "did you mean table?");
	assert_refused(p, &(struct wb_new_options){ .description = "x", .template_name = "zzz" }, WB_EUSAGE,
		       "unknown template", "templates are");
	assert_refused(p, &(struct wb_new_options){ .description = "x", .engine = "neo4j" }, WB_EUNSUPPORTED, "neo4j",
		       "");
	put(p, "file", "x");
	path_of(p, "file");
	assert_refused(p, &(struct wb_new_options){ .description = "x", .dir = p->path }, WB_EIO, "", "");
	put(p, "V1__x.sql", "SELECT 1;");
	assert_refused(p, &(struct wb_new_options){ .description = "x", .family = WB_FAMILY_PAIRED }, WB_EREFUSED,
		       "holds versioned migrations such as V1__x.sql, not paired ones", "style");
	put(p, "002_x.sql", "SELECT 1;");
	assert_refused(p, &(struct wb_new_options){ .description = "x" }, WB_EINPUT, "two families", "one family");
}

static void dependencies_must_exist(void **state)
{
	static const char *const good[] = { "V001", "V001__x" }, *const bad[] = { "1", "77" };
	struct place *p = *state;

	put(p, "V001__x.sql", "SELECT 1;");
	assert_refused(p, &(struct wb_new_options){ .description = "y", .depends = bad, .n_depends = 2 }, WB_ENOTFOUND,
		       "there is no migration 77", "by its version");
	assert_made(p,
		    &(struct wb_new_options){ .description = "y",
					      .depends = good,
					      .n_depends = 2,
					      .breaking = true,
					      .type = "data",
					      .author = "me\nyou" },
		    "V002__y.sql");
	load(p);
	assert_true(only_problem(p, "empty")->warning);
	assert_int_equal(p->s->v[1]->n_parents, 2);
	assert_int_equal(p->s->v[1]->header.breaking, WB_YES);
	assert_string_equal(p->s->v[1]->type, "data");
	assert_string_equal(p->s->v[1]->header.author, "me you");
}

static void folder_is_made(void **state)
{
	struct place *p = *state;
	char dir[128];

	(void)snprintf(dir, sizeof(dir), "%s/db/migrations/", p->dir);
	assert_made(p, &(struct wb_new_options){ .description = "x", .dir = dir }, "V001__x.sql");
}

static void nothing_is_overwritten(void **state)
{
	struct place *p = *state;

	/* A folder of that name is no file that the listing's version tells of. */
	assert_int_equal(mkdir(path_of(p, "V001__x.txt"), 0700), 0);
	put(p, "V001__x.sql", "keep");
	assert_made(p, &(struct wb_new_options){ .description = "x" }, "V002__x.sql");
	load(p);
	assert_int_equal(p->s->v[0]->size, 4);
}

/* Sixteen processes at once get sixteen versions. */
static void everybody_gets_a_version(void **state)
{
	struct place *p = *state;
	char description[32];
	int status, failed = 0;

	for (int i = 0; i < 16; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct made m = { .a = WB_ARENA_INIT };
			(void)snprintf(description, sizeof(description), "by %d", i);
			_exit(make(p, &(struct wb_new_options){ .description = description }, &m) ? 1 : 0);
		}
	}
	for (int i = 0; i < 16; i++) {
		assert_true(wait(&status) > 0);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	p->o.numbering = WB_NUMBERING_STRICT;
	load(p);
	assert_int_equal(p->s->n, 16);
	for (size_t i = 0; i < p->s->n_problems; i++)
		assert_string_equal(p->s->problems[i].kind, "empty");
}

int test_new(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(versions_go_on),
		TEST(other_families),
		TEST(pairs),
		TEST(times),
		TEST(times_in_numbered_folders),
		TEST(phases_start_a_timestamped_folder),
		TEST(phases_follow_the_folder),
		TEST(strict_numbering_ends),
		TEST(strict_pairs_have_three_digits),
		TEST(descriptions_become_names),
		TEST(what_is_refused),
		TEST(dependencies_must_exist),
		TEST(folder_is_made),
		TEST(nothing_is_overwritten),
		TEST(everybody_gets_a_version),
	};
	return RUN_GROUP("new");
}
