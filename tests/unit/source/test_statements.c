/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements of chosen sections, variables, and files that change meanwhile.
 */
#include "tests.h"

#include <unistd.h>

#define BIT(kind) (1u << WB_SEC_##kind)
#define ALL 0x7fu

/* All items of m's sections as "text|text|…", COPY data between < and >. */
static int collect(const struct wb_migration *m, unsigned kinds, const struct wb_stmt_options *o, char *out,
		   size_t size, struct wb_error *err)
{
	struct wb_statements *s = NULL;
	const struct wb_section *section;
	struct wb_item item;
	int rc = wb_statements_open(m, kinds, o, &s, err);

	out[0] = '\0';
	while (rc == 0) {
		size_t n = strlen(out);
		rc = wb_statements_next(s, &item, &section, err);
		if (rc || item.kind == WB_ITEM_END)
			break;
		assert_true(section && (kinds & (1u << section->kind)));
		if (item.kind == WB_ITEM_COPY_DATA)
			(void)snprintf(out + n, size - n, "<%.*s>", WB_SV_ARG(item.text));
		if (item.kind == WB_ITEM_STATEMENT)
			(void)snprintf(out + n, size - n, "%.*s|", WB_SV_ARG(item.text));
	}
	wb_statements_close(s);
	return rc;
}

static void assert_collects(struct place *p, size_t i, unsigned kinds, const char *expected)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	char out[2048];
	int rc = collect(p->s->v[i], kinds, &o, out, sizeof(out), &p->err);

	if (rc)
		print_error("%s\n", p->err.message);
	assert_int_equal(rc, 0);
	assert_string_equal(out, expected);
}

static void sections_are_chosen(void **state)
{
	struct place *p = *state;

	put(p, "V1__x.sql",
	    "-- migrate:require\nSELECT 0;\n-- migrate:up\nSELECT 1; SELECT\n2\n-- migrate:down\nSELECT 3;\n-- "
	    "migrate:verify\n");
	load(p);
	assert_no_problem(p);
	assert_collects(p, 0, BIT(UP), "SELECT 1|SELECT\n2|");
	assert_collects(p, 0, BIT(DOWN), "SELECT 3|");
	assert_collects(p, 0, BIT(REQUIRE) | BIT(DOWN), "SELECT 0|SELECT 3|");
	assert_collects(p, 0, BIT(VERIFY) | BIT(EXPAND), "");
	assert_collects(p, 0, ALL, "SELECT 0|SELECT 1|SELECT\n2|SELECT 3|");
}

static void down_files(void **state)
{
	struct place *p = *state;

	put(p, "1_x.up.sql", "\xEF\xBB\xBFSELECT 1;");
	put(p, "1_x.down.sql", "-- DOWN\nSELECT 2;");
	load(p);
	assert_collects(p, 0, BIT(UP), "SELECT 1|");
	assert_collects(p, 0, BIT(DOWN), "SELECT 2|");
	assert_collects(p, 0, ALL, "SELECT 1|SELECT 2|");
}

static void copy_data(void **state)
{
	struct place *p = *state;

	put(p, "V1__x.sql", "CREATE TABLE t (a text);\nCOPY t FROM STDIN;\n-- DOWN\n${x}\n\\.\nSELECT 1;\n");
	load(p);
	assert_no_problem(p);
	assert_collects(p, 0, BIT(UP), "CREATE TABLE t (a text)|COPY t FROM STDIN|<-- DOWN\n${x}\n>SELECT 1|");
}

static void places_are_those_of_the_file(void **state)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	struct place *p = *state;
	struct wb_statements *s;
	const struct wb_section *section;
	struct wb_item item;

	put(p, "V1__x.sql", "-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n  SELECT nowhere;\n");
	load(p);
	assert_int_equal(wb_statements_open(p->s->v[0], BIT(DOWN), &o, &s, &p->err), 0);
	wb_statements_place(s, 0, &p->err); /* nothing given yet: says nothing */
	assert_int_equal(p->err.line, 0);
	assert_int_equal(wb_statements_next(s, &item, &section, &p->err), 0);
	assert_int_equal(item.pos.line, 4);
	assert_int_equal(item.pos.offset, 24);
	assert_ptr_equal(section, &p->s->v[0]->sections[1]);
	assert_int_equal(wb_statements_next(s, &item, NULL, &p->err), 0);
	assert_int_equal(item.pos.line, 5);
	assert_int_equal(item.pos.column, 3);
	wb_statements_place(s, 7, &p->err);
	assert_int_equal(p->err.line, 5);
	assert_int_equal(p->err.column, 10);
	assert_string_equal(p->err.file, path_of(p, "V1__x.sql"));
	assert_int_equal(wb_statements_next(s, &item, NULL, &p->err), 0);
	assert_int_equal(item.kind, WB_ITEM_END);
	assert_int_equal(wb_statements_next(s, &item, NULL, &p->err), 0);
	assert_int_equal(item.kind, WB_ITEM_END);
	wb_statements_close(s);
	wb_statements_close(NULL);
}

static void syntax_errors_have_a_place(void **state)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	struct place *p = *state;
	char out[256];

	put(p, "V1__x.sql", "SELECT 1;\n\n  SELECT 'open;\n");
	load(p);
	assert_no_problem(p);
	assert_int_equal(collect(p->s->v[0], BIT(UP), &o, out, sizeof(out), &p->err), WB_EINPUT);
	assert_int_equal(p->err.line, 3);
	assert_string_equal(p->err.file, path_of(p, "V1__x.sql"));
}

/* ---- variables ---------------------------------------------------------------- */

static const struct wb_variable variables[] = { { "schema", "orchestrator" }, { "empty", "" }, { "a.b-c", "\"q\"" } };

static int with_variables(struct place *p, const char *text, bool everywhere, char *out, size_t size)
{
	struct wb_stmt_options o = { WB_DIALECT_POSTGRES, variables, WB_ARRAY_LEN(variables), everywhere };

	put(p, "V1__x.sql", text);
	load(p);
	assert_no_problem(p);
	memset(&p->err, 0, sizeof(p->err));
	return collect(p->s->v[0], ALL, &o, out, size, &p->err);
}

static void variables_only_where_switched_on(void **state)
{
	struct place *p = *state;
	char out[512];

	assert_int_equal(with_variables(p, "SELECT '${nothing}';", false, out, sizeof(out)), 0);
	assert_string_equal(out, "SELECT '${nothing}'|");
	assert_int_equal(
		with_variables(p,
			       "-- migrate:up variables:on\nSELECT '${schema}';\n-- migrate:down\nSELECT '${schema}';",
			       false, out, sizeof(out)),
		0);
	assert_string_equal(out, "SELECT 'orchestrator'|SELECT '${schema}'|");
	assert_int_equal(
		with_variables(p,
			       "-- migrate:up variables:off\nSELECT '${schema}';\n-- migrate:down\nSELECT '${schema}';",
			       true, out, sizeof(out)),
		0);
	assert_string_equal(out, "SELECT '${schema}'|SELECT 'orchestrator'|");
}

static void what_is_a_variable(void **state)
{
	static const char *const v[][2] = {
		{ "SELECT ${schema}", "SELECT orchestrator|" },
		{ "CREATE TABLE ${schema}.${schema}_t${empty} (x int)",
		  "CREATE TABLE orchestrator.orchestrator_t (x int)|" },
		{ "SELECT ${a.b-c}", "SELECT \"q\"|" },
		{ "SELECT '$${schema}'", "SELECT '${schema}'|" },
		{ "SELECT '$$${schema}'", "SELECT '$${schema}'|" },
		{ "SELECT '${schema}$${schema}${schema}'", "SELECT 'orchestrator${schema}orchestrator'|" },
		{ "SELECT $j${\"a\": 1}$j$", "SELECT $j${\"a\": 1}$j$|" },
		{ "SELECT '${', '${}', '${1}', '${a b}', '$', '${schema'",
		  "SELECT '${', '${}', '${1}', '${a b}', '$', '${schema'|" },
		{ "SELECT $${\"a\": 1}$$", "SELECT $${\"a\": 1}$$|" },
	};
	struct place *p = *state;
	char out[512];

	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		assert_int_equal(with_variables(p, v[i][0], true, out, sizeof(out)), 0);
		assert_string_equal(out, v[i][1]);
	}
}

static void unknown_variables(void **state)
{
	struct place *p = *state;
	char out[512];

	assert_int_equal(with_variables(p, "SELECT 1;\n-- x\nSELECT ${schema},\n  ${shcema};", true, out, sizeof(out)),
			 WB_EINPUT);
	assert_string_equal(p->err.message, "unknown variable ${shcema}");
	assert_string_equal(p->err.hint, "did you mean ${schema}?");
	assert_int_equal(p->err.line, 4);
	assert_int_equal(p->err.column, 3);
	assert_string_equal(p->err.file, path_of(p, "V1__x.sql"));
	assert_int_equal(with_variables(p, "SELECT ${other}", true, out, sizeof(out)), WB_EINPUT);
	assert_has(p->err.hint, "$${other}");
}

static void places_are_those_before_substitution(void **state)
{
	static const struct {
		size_t offset;
		unsigned line, column;
	} v[] = { { 0, 1, 1 }, { 7, 1, 8 }, { 12, 1, 8 }, { 19, 1, 17 }, { 21, 2, 1 }, { 23, 2, 4 } };
	struct wb_stmt_options o = { WB_DIALECT_POSTGRES, variables, WB_ARRAY_LEN(variables), true };
	struct place *p = *state;
	struct wb_statements *s;
	struct wb_item item;

	put(p, "V1__x.sql", "SELECT ${schema},\n'$${schema}'");
	load(p);
	assert_int_equal(wb_statements_open(p->s->v[0], ALL, &o, &s, &p->err), 0);
	assert_int_equal(wb_statements_next(s, &item, NULL, &p->err), 0);
	assert_true(wb_sv_eq(item.text, WB_SV("SELECT orchestrator,\n'${schema}'")));
	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++) {
		memset(&p->err, 0, sizeof(p->err));
		wb_statements_place(s, v[i].offset, &p->err);
		assert_int_equal(p->err.line, v[i].line);
		assert_int_equal(p->err.column, v[i].column);
	}
	wb_statements_close(s);
}

/* ---- changes ------------------------------------------------------------------------ */

/* As when there was no room left to hold it. */
static void forget_text(struct place *p)
{
	p->s->v[0]->memory = p->s->v[0]->down_memory = NULL;
}

static void a_small_file_runs_as_it_was_read(void **state)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	struct place *p = *state;
	char out[256];

	put(p, "V1__x.sql", "SELECT 1;\n-- DOWN\nSELECT 2;\n");
	load(p);
	put(p, "V1__x.sql", "SELECT 9;\n");
	assert_int_equal(collect(p->s->v[0], BIT(UP), &o, out, sizeof(out), &p->err), 0);
	assert_string_equal(out, "SELECT 1|");
}

static void a_changed_file_gives_nothing(void **state)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	struct place *p = *state;
	char out[256];

	put(p, "V1__x.sql", "SELECT 1;\n-- DOWN\nSELECT 2;\n");
	load(p);
	forget_text(p);
	put(p, "V1__x.sql", "SELECT 1;\n-- DOWN\nSELECT 3;\n");
	assert_int_equal(collect(p->s->v[0], BIT(UP), &o, out, sizeof(out), &p->err), WB_ECHECKSUM);
	assert_string_equal(out, "");
	assert_string_equal(p->err.file, path_of(p, "V1__x.sql"));
	assert_true(p->err.hint[0] != '\0');
	put(p, "V1__x.sql", "SELECT 9;\n-- DOWN\nSELECT 2;\n");
	assert_int_equal(collect(p->s->v[0], BIT(UP), &o, out, sizeof(out), &p->err), WB_ECHECKSUM);
	(void)unlink(path_of(p, "V1__x.sql"));
	assert_int_equal(collect(p->s->v[0], BIT(UP), &o, out, sizeof(out), &p->err), WB_EIO);
	assert_has(p->err.detail, "No such file");
	assert_int_equal(collect(p->s->v[0], BIT(VERIFY), &o, out, sizeof(out), &p->err), 0);
}

static void a_changed_down_file(void **state)
{
	struct wb_stmt_options o = { .dialect = WB_DIALECT_POSTGRES };
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;
	char out[256];

	put(p, "1_x.up.sql", "SELECT 1;");
	put(p, "1_x.down.sql", "SELECT 2;");
	load(p);
	forget_text(p);
	put(p, "1_x.down.sql", "SELECT 3;");
	assert_int_equal(collect(p->s->v[0], BIT(UP), &o, out, sizeof(out), &p->err), 0);
	assert_int_equal(collect(p->s->v[0], ALL, &o, out, sizeof(out), &p->err), WB_ECHECKSUM);
	assert_string_equal(out, "SELECT 1|");
	assert_has(p->err.message, "1_x.down.sql");
	assert_int_equal(wb_migration_down_text(p->s->v[0], 100, &text, &p->err), WB_ECHECKSUM);
}

/* ---- texts --------------------------------------------------------------------------- */

static void down_text(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;

	put(p, "V1__a.sql", "SELECT 1;\n-- DOWN\nDROP a;\r\nDROP b;");
	put(p, "V2__b.sql", "SELECT 1;");
	put(p, "V3__c.sql", "SELECT 1;");
	put(p, "U3__c.sql",
	    "\xEF\xBB\xBF"
	    "DROP c;\n");
	put(p, "V4__d.sql",
	    "-- +goose Up\nSELECT 1;\n-- +goose Down\n-- +goose ENVSUB ON\nDROP d;\n-- +goose ENVSUB OFF\nDROP e;\n");
	load(p);
	assert_no_problem(p);
	assert_int_equal(wb_migration_down_text(p->s->v[0], 100, &text, &p->err), 0);
	assert_string_equal(text.p, "DROP a;\r\nDROP b;");
	assert_int_equal(wb_migration_down_text(p->s->v[1], 100, &text, &p->err), WB_ENOTFOUND);
	assert_string_equal(text.p, "DROP a;\r\nDROP b;");
	assert_int_equal(wb_migration_down_text(p->s->v[2], 100, &text, &p->err), 0);
	assert_string_equal(text.p, "DROP c;\n");
	assert_int_equal(wb_migration_down_text(p->s->v[3], 100, &text, &p->err), 0);
	assert_string_equal(text.p, "DROP d;\nDROP e;\n");
	assert_int_equal(wb_migration_down_text(p->s->v[3], 15, &text, &p->err), WB_EINPUT);
	assert_int_equal(wb_migration_text(p->s->v[1], 100, &text, &p->err), 0);
	assert_string_equal(text.p, "SELECT 1;");
	assert_int_equal(wb_migration_text(p->s->v[1], 8, &text, &p->err), WB_EINPUT);
}

int test_statements(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(sections_are_chosen),
		TEST(down_files),
		TEST(copy_data),
		TEST(places_are_those_of_the_file),
		TEST(syntax_errors_have_a_place),
		TEST(variables_only_where_switched_on),
		TEST(what_is_a_variable),
		TEST(unknown_variables),
		TEST(places_are_those_before_substitution),
		TEST(a_small_file_runs_as_it_was_read),
		TEST(a_changed_file_gives_nothing),
		TEST(a_changed_down_file),
		TEST(down_text),
	};
	return RUN_GROUP("statements");
}
