/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders: what is taken, what is told, what cannot be read.
 */
#include "tests.h"

#include <sys/stat.h>
#include <unistd.h>

static void versioned_folder(void **state)
{
	struct place *p = *state;
	struct wb_source *s;

	put(p, "V2__second_thing.sql", "SELECT 1;");
	put(p, "V10__tenth.sql", "SELECT 1;");
	put(p, "V1.5__between.sql", "SELECT 1;");
	put(p, "U2__second_thing.sql", "SELECT 1;");
	put(p, "R__b_view.sql", "SELECT 1;");
	put(p, "R__a_view.sql", "SELECT 1;");
	put(p, "B3__base.sql", "SELECT 1;");
	put(p, "README.md", "x");
	put(p, ".hidden.sql", "x");
	put(p, "atlas.sum", "x");
	put(p, "schema.sql", "x");
	assert_int_equal(mkdir(path_of(p, "V4__folder.sql"), 0700), 0);
	assert_int_equal(mkdir(path_of(p, "notes.sql"), 0700), 0);
	s = load(p);
	assert_no_problem(p);
	assert_int_equal(s->family, WB_FAMILY_VERSIONED);
	assert_names(s,
		     "V1.5__between.sql V2__second_thing.sql B3__base.sql V10__tenth.sql R__a_view.sql R__b_view.sql");
	assert_string_equal(s->v[1]->version, "2");
	assert_string_equal(s->v[1]->sort_key, "2");
	assert_string_equal(s->v[1]->description, "second thing");
	assert_string_equal(s->v[1]->type, "schema");
	assert_string_equal(s->v[1]->file, path_of(p, "V2__second_thing.sql"));
	assert_string_equal(s->v[1]->down_file, path_of(p, "U2__second_thing.sql"));
	assert_true(s->v[1]->has_down);
	assert_int_equal(s->v[2]->kind, WB_MIG_BASELINE);
	assert_int_equal(s->v[4]->kind, WB_MIG_REPEATABLE);
	assert_string_equal(s->v[4]->version, "R__a_view");
	assert_int_equal(wb_source_check(s, &p->err), 0);
}

static void trailing_slash_and_links(void **state)
{
	struct place *p = *state;
	char dir[80];

	put(p, "V1__a.sql", "SELECT 1;");
	assert_int_equal(symlink("V1__a.sql", path_of(p, "V2__b.sql")), 0);
	(void)snprintf(dir, sizeof(dir), "%s/", p->dir);
	p->o.dir = dir;
	load(p);
	assert_no_problem(p);
	assert_names(p->s, "V1__a.sql V2__b.sql");
	assert_string_equal(p->s->v[0]->file, path_of(p, "V1__a.sql"));
}

static void empty_folder(void **state)
{
	struct place *p = *state;

	load(p);
	assert_int_equal(p->s->n, 0);
	assert_int_equal(p->s->family, WB_FAMILY_NONE);
	assert_null(wb_source_find(p->s, "1"));
}

static void folders_that_are_none(void **state)
{
	struct place *p = *state;
	struct wb_source *s = NULL;

	p->o.dir = path_of(p, "nowhere");
	assert_int_equal(wb_source_open(&p->o, &s, &p->err), WB_ENOTFOUND);
	assert_has(p->err.hint, "whimbrel init");
	assert_int_equal(wb_source_open(&p->o, &s, NULL), WB_ENOTFOUND);
	put(p, "file", "x");
	p->o.dir = path_of(p, "file");
	assert_int_equal(wb_source_open(&p->o, &s, &p->err), WB_EIO);
	assert_has(p->err.detail, "directory");
	assert_null(s);
}

static void families_do_not_mix(void **state)
{
	struct place *p = *state;
	struct wb_source *s = NULL;

	put(p, "V1__a.sql", "SELECT 1;");
	put(p, "002_b.sql", "SELECT 1;");
	assert_int_equal(wb_source_open(&p->o, &s, &p->err), WB_EINPUT);
	assert_has(p->err.message, "V1__a.sql is versioned");
	assert_has(p->err.message, "002_b.sql is numbered");
	assert_true(p->err.hint[0] != '\0');
	/* One that is for another engine is no part of this run. */
	put(p, "002_b.sql", "-- Database: sqlite\nSELECT 1;");
	load(p);
	assert_names(p->s, "V1__a.sql");
}

static void names_that_are_wrong(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "SELECT 1;");
	put(p, "notes.sql", "SELECT 1;");
	load(p);
	assert_true(only_problem(p, "name")->warning);
	assert_has(only_problem(p, "name")->message, "not applied");
	assert_string_equal(only_problem(p, "name")->file, path_of(p, "notes.sql"));
	(void)unlink(path_of(p, "notes.sql"));
	put(p, "V2_b.sql", "SELECT 1;");
	load(p);
	assert_false(only_problem(p, "name")->warning);
	assert_int_equal(wb_source_check(p->s, &p->err), WB_EINPUT);
	assert_has(p->err.hint, "V001__description.sql");
	assert_string_equal(p->err.file, path_of(p, "V2_b.sql"));
	(void)unlink(path_of(p, "V2_b.sql"));
	(void)unlink(path_of(p, "V1__a.sql"));
	put(p, "20251120_143000_add_x.sql", "SELECT 1;");
	load(p);
	assert_true(only_problem(p, "name")->warning);
	assert_int_equal(p->s->n, 1);
}

static void pairs(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	put(p, "0001_a.up.sql", "SELECT 1;");
	put(p, "0002_b.up.sql", "SELECT 1;");
	put(p, "0002_b.down.sql", "SELECT 1;");
	load(p);
	assert_no_problem(p);
	assert_int_equal(p->s->family, WB_FAMILY_PAIRED);
	assert_false(p->s->v[0]->has_down);
	assert_true(p->s->v[1]->has_down);
	put(p, "0003_c.down.sql", "SELECT 1;");
	load(p);
	problem = only_problem(p, "name");
	assert_has(problem->message, "no .up.sql file");
	assert_string_equal(problem->version, "0003");
	assert_int_equal(problem->code, WB_EINPUT);
	(void)unlink(path_of(p, "0003_c.down.sql"));
	put(p, "02_other.down.sql", "SELECT 1;");
	load(p);
	problem = only_problem(p, "duplicate");
	assert_has(problem->message, "0002_b.down.sql and 02_other.down.sql");
	assert_int_equal(problem->code, WB_EORDER);
}

static void undo_without_its_migration(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "SELECT 1;");
	put(p, "U2__b.sql", "SELECT 1;");
	load(p);
	assert_has(only_problem(p, "name")->message, "U2__b.sql undoes version 2, which no V file has");
	(void)unlink(path_of(p, "U2__b.sql"));
	put(p, "U1.0__whatever.sql", "SELECT 1;");
	load(p);
	assert_no_problem(p);
	assert_true(p->s->v[0]->has_down);
	/* A baseline cannot be undone. */
	put(p, "B5__base.sql", "SELECT 1;");
	put(p, "U5__base.sql", "SELECT 1;");
	load(p);
	assert_has(only_problem(p, "name")->message, "no V file");
}

static void down_goes_to_the_one_described_alike(void **state)
{
	struct place *p = *state;

	put(p, "1_a.up.sql", "SELECT 1;");
	put(p, "1_b.up.sql", "SELECT 1;");
	put(p, "1_b.down.sql", "SELECT 1;");
	load(p);
	(void)only_problem(p, "duplicate");
	assert_null(p->s->v[0]->down_file);
	assert_non_null(p->s->v[1]->down_file);
}

static void files_that_cannot_be_read(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	assert_int_equal(symlink("V1__loop.sql", path_of(p, "V1__loop.sql")), 0);
	load(p);
	problem = only_problem(p, "unreadable");
	assert_has(problem->message, "symbolic links");
	assert_int_equal(problem->code, WB_EIO);
	assert_false(problem->warning);
	assert_int_equal(p->s->n, 1);
	assert_int_equal(p->s->v[0]->n_sections, 0);
	(void)unlink(path_of(p, "V1__loop.sql"));
	assert_int_equal(symlink("gone.sql", path_of(p, "V1__gone.sql")), 0);
	load(p);
	assert_has(only_problem(p, "unreadable")->message, "No such file");
	(void)unlink(path_of(p, "V1__gone.sql"));
	assert_int_equal(mkfifo(path_of(p, "V1__pipe.sql"), 0600), 0);
	load(p);
	assert_has(only_problem(p, "unreadable")->message, "no regular file");
	(void)unlink(path_of(p, "V1__pipe.sql"));
	/* A folder as the file that undoes is no file. */
	put(p, "V1__a.sql", "SELECT 1;");
	assert_int_equal(mkdir(path_of(p, "U1__a.sql"), 0700), 0);
	load(p);
	assert_no_problem(p);
	assert_null(p->s->v[0]->down_file);
	if (geteuid() == 0)
		return;
	put(p, "V2__b.sql", "SELECT 1;");
	assert_int_equal(chmod(path_of(p, "V2__b.sql"), 0), 0);
	load(p);
	assert_has(only_problem(p, "unreadable")->message, "Permission denied");
}

static void embedded(void **state)
{
	static const struct wb_embedded files[] = {
		{ "0002_b.up.sql", "-- migrate:upp\nSELECT 2;" },
		{ "0001_a.down.sql", "DROP TABLE a;" },
		{ "0001_a.up.sql", "CREATE TABLE a (x int);" },
	};
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;

	p->o.dir = NULL;
	p->o.embedded = files;
	p->o.n_embedded = 3;
	load(p);
	assert_names(p->s, "0001_a.up.sql 0002_b.up.sql");
	assert_ptr_equal(p->s->v[0]->memory, files[2].text);
	assert_ptr_equal(p->s->v[0]->down_memory, files[1].text);
	assert_string_equal(p->s->v[0]->file, "0001_a.up.sql");
	assert_true(p->s->v[0]->has_up && p->s->v[0]->has_down);
	(void)only_problem(p, "section");
	assert_int_equal(wb_source_check(p->s, &p->err), WB_EINPUT);
	assert_string_equal(p->err.excerpt, "-- migrate:upp");
	assert_int_equal(wb_migration_text(p->s->v[0], 100, &text, &p->err), 0);
	assert_string_equal(text.p, files[2].text);
	assert_int_equal(wb_migration_text(p->s->v[0], 10, &text, &p->err), WB_EINPUT);
	assert_int_equal(wb_migration_down_text(p->s->v[0], 100, &text, &p->err), 0);
	assert_string_equal(text.p, "DROP TABLE a;");
	p->o.n_embedded = 0;
	load(p);
	assert_int_equal(p->s->n, 0);
}

/* Read by two threads: nothing is lost between them, and both halves' findings are told in order. */
static void many_files(void **state)
{
	struct place *p = *state;
	char name[40], late[40];

	(void)snprintf(late, sizeof(late), "V%d__a.sql", WB_READ_MANY - 7);
	for (int i = 1; i <= WB_READ_MANY; i++) {
		(void)snprintf(name, sizeof(name), "V%d__a.sql", i);
		put(p, name,
		    i == 7 || i == WB_READ_MANY - 7 ? ""
		    : i == 9                        ? "-- Database: SQLite\nSELECT 1;"
						    : "SELECT 1;");
	}
	p->o.engine = "postgresql";
	load(p);
	assert_int_equal(p->s->n, WB_READ_MANY - 1);
	assert_int_equal(p->s->skipped, 1);
	assert_int_equal(p->s->n_problems, 2);
	assert_has(p->s->problems[0].file, late);
	assert_has(p->s->problems[1].file, "V7__a.sql");
	for (size_t i = 0; i < p->s->n; i++)
		assert_true(p->s->v[i]->has_up || p->s->v[i]->size == 0);
	assert_null(wb_source_find(p->s, "9"));
	assert_int_equal(wb_source_find(p->s, "8")->size, 9);
	(void)snprintf(name, sizeof(name), "%d", WB_READ_MANY);
	assert_int_equal(wb_source_find(p->s, name)->size, 9);
}

static void problems_are_in_order(void **state)
{
	struct place *p = *state;

	put(p, "V3__c.sql", "");
	put(p, "x.sql", "");
	put(p, "V1__a.sql", "-- migrate:up a b\n-- migrate:upp\n-- migrate:up c");
	put(p, "V2_b.sql", "");
	put(p, "aa.sql", "");
	load(p);
	assert_int_equal(p->s->n_problems, 7);
	for (size_t i = 1; i < p->s->n_problems; i++) {
		const struct wb_source_problem *a = &p->s->problems[i - 1], *b = &p->s->problems[i];
		int c = strcmp(a->file, b->file);
		assert_true(c < 0 || (c == 0 && a->line <= b->line));
	}
}

int test_folder(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(versioned_folder),
		TEST(trailing_slash_and_links),
		TEST(empty_folder),
		TEST(folders_that_are_none),
		TEST(families_do_not_mix),
		TEST(names_that_are_wrong),
		TEST(pairs),
		TEST(undo_without_its_migration),
		TEST(down_goes_to_the_one_described_alike),
		TEST(files_that_cannot_be_read),
		TEST(embedded),
		TEST(many_files),
		TEST(problems_are_in_order),
	};
	return RUN_GROUP("folder");
}
