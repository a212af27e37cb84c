/* SPDX-License-Identifier: Apache-2.0
 *
 * Files cut into sections, in the manners of all the tools.
 */
#include "tests.h"

/* Loads text as the only file; its sections as "kind[start,end)line …". */
static const char *cut(struct place *p, const char *text)
{
	static char out[1024];
	const struct wb_migration *m;

	put(p, "V1__x.sql", text);
	m = load(p)->v[0];
	out[0] = '\0';
	for (size_t i = 0; i < m->n_sections; i++) {
		size_t n = strlen(out);
		(void)snprintf(out + n, sizeof(out) - n, "%s%s[%u,%u)%u", i ? " " : "",
			       wb_section_name(m->sections[i].kind), (unsigned)m->sections[i].start.offset,
			       (unsigned)m->sections[i].end, m->sections[i].heading_line);
	}
	return out;
}

static const struct wb_section *section(struct place *p, size_t i)
{
	assert_true(i < p->s->v[0]->n_sections);
	return &p->s->v[0]->sections[i];
}

static void without_headings_all_is_up(void **state)
{
	struct place *p = *state;

	assert_string_equal(cut(p, "SELECT 1;\n"), "up[0,10)0");
	assert_no_problem(p);
	assert_true(p->s->v[0]->has_up && !p->s->v[0]->has_down && !p->s->v[0]->has_phases);
	assert_int_equal(section(p, 0)->options.lock_timeout_ms, -1);
	assert_string_equal(cut(p, "\xEF\xBB\xBFSELECT 1;\n"), "up[3,13)0");
}

static void dbmate(void **state)
{
	struct place *p = *state;

	assert_string_equal(cut(p, "-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"),
			    "up[32,42)1 down[58,68)3");
	assert_no_problem(p);
	assert_int_equal(section(p, 0)->options.transaction, WB_NO);
	assert_int_equal(section(p, 1)->options.transaction, WB_UNSET);
	assert_int_equal(section(p, 1)->heading, 42);
	assert_int_equal(section(p, 1)->start.line, 4);
	assert_true(p->s->v[0]->has_up && p->s->v[0]->has_down);
}

static void goose(void **state)
{
	struct place *p = *state;

	assert_string_equal(cut(p, "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n"
				   "-- +goose StatementEnd\n-- +goose Down\nSELECT 2;\n"),
			    "up[38,96)2 down[111,121)6");
	assert_no_problem(p);
	assert_int_equal(section(p, 0)->options.transaction, WB_NO);
	assert_int_equal(section(p, 1)->options.transaction, WB_NO);
}

static void goose_switches_variables(void **state)
{
	struct place *p = *state;

	assert_string_equal(
		cut(p, "-- +goose Up\nSELECT 1;\n-- +goose ENVSUB ON\nSELECT 2;\n-- +goose ENVSUB OFF\nSELECT 3;\n"
		       "-- +goose Down\nSELECT 4;\n"),
		"up[13,23)1 up[43,53)3 up[74,84)5 down[99,109)7");
	assert_no_problem(p);
	assert_int_equal(section(p, 0)->options.variables, WB_UNSET);
	assert_int_equal(section(p, 1)->options.variables, WB_YES);
	assert_int_equal(section(p, 2)->options.variables, WB_NO);
	assert_int_equal(section(p, 3)->options.variables, WB_NO);
	assert_string_equal(cut(p, "-- +goose ENVSUB ON\n-- +goose Up\nSELECT 1;\n"), "up[33,43)2");
	assert_no_problem(p);
	assert_int_equal(section(p, 0)->options.variables, WB_YES);
	assert_string_equal(cut(p, "-- +goose ENVSUB ON\nSELECT 1;\n"), "up[0,0)0 up[20,30)1");
	assert_no_problem(p);
}

static void tern(void **state)
{
	struct place *p = *state;

	assert_string_equal(
		cut(p, "---- tern: disable-tx ----\nSELECT 1;\n\n---- create above / drop below ----\n\nSELECT 2;\n"),
		"up[0,38)0 down[74,85)4");
	assert_no_problem(p);
	assert_int_equal(section(p, 0)->options.transaction, WB_NO);
}

static void atlas_and_sqlx(void **state)
{
	struct place *p = *state;

	assert_string_equal(cut(p, "-- atlas:txmode none\n\n-- atlas:nolint\nSELECT 1;\n"), "up[0,48)0");
	assert_int_equal(section(p, 0)->options.transaction, WB_NO);
	assert_string_equal(cut(p, "-- no-transaction\nSELECT 1;\n"), "up[0,28)0");
	assert_int_equal(section(p, 0)->options.transaction, WB_NO);
	assert_string_equal(cut(p, "-- atlas:txmode file\nSELECT 1;\n"), "up[0,31)0");
	assert_int_equal(section(p, 0)->options.transaction, WB_YES);
	assert_no_problem(p);
}

static void sql_migrate(void **state)
{
	struct place *p = *state;

	assert_string_equal(cut(p, "-- +migrate Up notransaction\nSELECT 1;\n-- +migrate Down\nSELECT 2;\n"),
			    "up[29,39)1 down[56,66)3");
	assert_int_equal(section(p, 0)->options.transaction, WB_NO);
	assert_int_equal(section(p, 1)->options.transaction, WB_UNSET);
	assert_no_problem(p);
}

static void plain_up_and_down(void **state)
{
	struct place *p = *state;

	assert_string_equal(cut(p, "-- MVP2\n-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n"), "up[14,24)2 down[32,42)4");
	assert_string_equal(cut(p, "SELECT 1;\n-- DOWN\nSELECT 2"), "up[0,10)0 down[18,26)2");
	assert_no_problem(p);
	/* A heading ends a statement that its ';' does not end. */
	assert_string_equal(cut(p, "-- UP\nSELECT 1\n-- DOWN\nSELECT 2"), "up[6,15)1 down[23,31)3");
	assert_true(p->s->v[0]->has_up && p->s->v[0]->has_down);
}

static void summit_phases(void **state)
{
	struct place *p = *state;

	assert_string_equal(cut(p, "-- Migration: x\n"
				   "-- ====\n-- PHASE 1: EXPAND\n-- ====\nSELECT 1;\n"
				   "-- ====\n-- PHASE 2: MIGRATE\n-- ====\nSELECT 2;\n"
				   "-- ====\n-- PHASE 3: CONTRACT\n-- ====\nSELECT 3;\n"
				   "-- ====\n-- ROLLBACK\n-- ====\nSELECT 4;\n"
				   "-- ====\n-- VALIDATION\n-- ====\nSELECT 5;\n"),
			    "expand[43,69)3 backfill[89,115)7 contract[136,162)11 down[174,200)15 verify[214,232)19");
	assert_no_problem(p);
	assert_true(p->s->v[0]->has_phases && p->s->v[0]->has_up && p->s->v[0]->has_down);
}

static void headings_in_strings_are_text(void **state)
{
	struct place *p = *state;

	assert_string_equal(
		cut(p,
		    "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\n-- DOWN\nSELECT 'x\n-- migrate:upp\n'\n$$;\n"
		    "/*\n-- ROLLBACK\n*/\nCREATE TABLE t (a int,\n-- UP\nb int);\n"),
		"up[0,146)0");
	assert_no_problem(p);
}

static void require_and_verify_may_repeat(void **state)
{
	struct place *p = *state;

	assert_string_equal(
		cut(p, "-- migrate:require\nSELECT true;\n-- migrate:up\nSELECT 1;\n-- migrate:verify\nSELECT true;\n"
		       "-- migrate:verify\nSELECT true;\n"),
		"require[19,32)1 up[46,56)3 verify[74,87)5 verify[105,118)7");
	assert_no_problem(p);
}

static void backfills_in_batches(void **state)
{
	struct place *p = *state;
	const struct wb_section *s;

	(void)cut(p, "-- migrate:backfill rules:../r.yaml#a,b\n-- migrate:backfill table:t key:a,b batch_size:50 "
		     "pause:1s\nSELECT 1;\n-- migrate:backfill\nSELECT 2;\n");
	assert_no_problem(p);
	s = p->s->v[0]->sections;
	assert_int_equal(p->s->v[0]->n_sections, 3);
	assert_true(p->s->v[0]->has_up);
	assert_string_equal(s[0].backfill->heading, "-- migrate:backfill rules:../r.yaml#a,b");
	assert_string_equal(s[0].backfill->rules, "../r.yaml#a,b");
	assert_null(s[0].backfill->table);
	assert_string_equal(s[1].backfill->table, "t");
	assert_string_equal(s[1].backfill->key, "a,b");
	assert_int_equal(s[1].backfill->batch_size, 50);
	assert_int_equal(s[1].backfill->pause_ms, 1000);
	assert_null(s[1].backfill->rules);
	assert_null(s[2].backfill);
}

static void mistakes_have_a_place(void **state)
{
	static const struct {
		const char *text, *kind, *message;
		unsigned line, column;
	} v[] = {
		{ "-- migrate:upp\nSELECT 1;\n", "section", "unknown section 'migrate:upp'", 1, 12 },
		{ "-- migrate:up\nSELECT 1;\n  -- migrate:up fast\n", "section", "'fast' is no option", 3, 17 },
		{ "-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n-- DOWN\nSELECT 3;\n", "section",
		  "second down section; the first is at line 3", 5, 1 },
		{ "-- UP\nSELECT 1;\n-- migrate:up\nSELECT 3;\n", "section", "second up section", 3, 1 },
		{ "SELECT 0;\n-- UP\nSELECT 1;\n", "section", "a statement stands before the first section", 1, 1 },
		{ "-- migrate:backfill key:id\nSELECT 1;\n", "section", "which table is walked", 1, 1 },
		{ "-- migrate:up batch_size:5\nSELECT 1;\n", "section", "are for backfill sections", 1, 1 },
		{ "-- migrate:backfill rules:r.yaml pause:1s\n", "section", "in the file of rules", 1, 1 },
		{ "-- migrate:backfill rules:r.yaml\n\nSELECT 1;\n", "section", "has no statements", 3, 1 },
		{ "-- migrate:backfill table:t key:id batch_size:0\n", "section", "'0' is no value for batch_size", 1,
		  37 },
		{ "-- UP\nSELECT 'x;\n", "syntax", "a string is not closed", 2, 8 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		const struct wb_source_problem *problem;
		(void)cut(p, v[i].text);
		problem = only_problem(p, v[i].kind);
		assert_has(problem->message, v[i].message);
		assert_int_equal(problem->line, v[i].line);
		assert_int_equal(problem->column, v[i].column);
		assert_int_equal(problem->code, WB_EINPUT);
		assert_false(problem->warning);
		assert_string_equal(problem->version, "1");
		assert_non_null(problem->hint);
		memset(&p->err, 0, sizeof(p->err));
		assert_int_equal(wb_source_check(p->s, &p->err), WB_EINPUT);
		assert_string_equal(p->err.file, path_of(p, "V1__x.sql"));
		assert_int_equal(p->err.line, v[i].line);
		assert_string_equal(p->err.version, "1");
		assert_int_equal(p->err.caret + 1, v[i].column);
		assert_true(p->err.excerpt[0] != '\0');
		assert_int_equal(wb_source_check(p->s, NULL), WB_EINPUT);
	}
}

static void down_files_hold_down_alone(void **state)
{
	struct place *p = *state;

	put(p, "1_a.up.sql", "SELECT 1;");
	put(p, "1_a.down.sql", "-- migrate:down transaction:false\nSELECT 2;");
	load(p);
	assert_no_problem(p);
	assert_int_equal(section(p, 1)->options.transaction, WB_NO);
	assert_true(section(p, 1)->in_down_file && !section(p, 0)->in_down_file);
	put(p, "1_a.down.sql", "-- migrate:up\nSELECT 2;");
	load(p);
	assert_has(only_problem(p, "section")->message, "nothing but a down section");
	assert_has(only_problem(p, "section")->file, "1_a.down.sql");
	put(p, "1_a.down.sql", "SELECT 0;\n-- DOWN\nSELECT 2;");
	load(p);
	assert_has(only_problem(p, "section")->message, "before the first section");
	put(p, "1_a.down.sql", "SELECT 2;");
	put(p, "1_a.up.sql", "SELECT 1;\n-- DOWN\nSELECT 2;");
	load(p);
	assert_has(only_problem(p, "section")->message, "has a down section of its own and this file");
}

static void nothing_to_do(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	put(p, "V1__x.sql", "");
	load(p);
	problem = only_problem(p, "empty");
	assert_false(problem->warning);
	assert_int_equal(problem->code, WB_EINPUT);
	assert_false(p->s->v[0]->has_up);
	put(p, "V1__x.sql", "-- nothing\n/* yet */ ;\n");
	load(p);
	assert_true(only_problem(p, "empty")->warning);
	put(p, "V1__x.sql", "-- migrate:up\n-- migrate:down\nSELECT 1;\n");
	load(p);
	assert_true(only_problem(p, "empty")->warning);
	assert_false(p->s->v[0]->has_up);
	assert_true(p->s->v[0]->has_down);
	put(p, "V1__x.sql", "SELECT 1;");
	put(p, "U1__x.sql", "");
	load(p);
	assert_true(only_problem(p, "empty")->warning);
	assert_false(p->s->v[0]->has_down);
	put(p, "U1__x.sql", "-- no way back\n");
	load(p);
	assert_has(only_problem(p, "empty")->message, "cannot be reverted");
}

int test_sections(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_headings_all_is_up),
		TEST(dbmate),
		TEST(goose),
		TEST(goose_switches_variables),
		TEST(tern),
		TEST(atlas_and_sqlx),
		TEST(sql_migrate),
		TEST(plain_up_and_down),
		TEST(summit_phases),
		TEST(headings_in_strings_are_text),
		TEST(require_and_verify_may_repeat),
		TEST(backfills_in_batches),
		TEST(mistakes_have_a_place),
		TEST(down_files_hold_down_alone),
		TEST(nothing_to_do),
	};
	return RUN_GROUP("sections");
}
