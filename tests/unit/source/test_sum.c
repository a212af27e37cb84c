/* SPDX-License-Identifier: Apache-2.0
 *
 * migrations.sum: absent it means nothing; where it is, every difference
 * between it and the folder is named.
 */
#include "tests.h"

#include <unistd.h>

static void write_sum(struct place *p)
{
	assert_int_equal(wb_source_write_sum(p->s, &p->err), 0);
	load(p);
	assert_no_problem(p);
}

static void two_files(struct place *p)
{
	put(p, "V1__a.sql", "SELECT 1;\n-- migrate:down\nSELECT 2;\n");
	put(p, "V2__b.sql", "SELECT 2;\n");
	load(p);
	assert_no_problem(p);
	write_sum(p);
}

static void read_sum(struct place *p, struct wb_str *text)
{
	assert_int_equal(wb_fs_read(path_of(p, "migrations.sum"), 100000, text, &p->err), 0);
}

static void put_sum(struct place *p, const char *text)
{
	put(p, "migrations.sum", text);
	load(p);
}

static void agrees(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT, crlf = WB_STR_INIT;

	two_files(p);
	read_sum(p, &text);
	assert_has(text.p, " V1__a.sql\n");
	assert_has(text.p, " V2__b.sql\n");
	put(p, "V1__a.sql", "SELECT 1;\r\n-- migrate:down\r\nSELECT 3;\r\n"); /* line ends, and a down: not counted */
	for (size_t i = 0; i < text.n; i++)
		wb_str_addf(&crlf, text.p[i] == '\n' ? "\r\n" : "%c", text.p[i]);
	put_sum(p, crlf.p);
	assert_no_problem(p);
}

static void edited(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	two_files(p);
	put(p, "V1__a.sql", "SELECT 7;\n");
	load(p);
	problem = only_problem(p, "sum");
	assert_has(problem->message, "V1__a.sql was changed");
	assert_int_equal(problem->line, 2);
	assert_false(problem->warning);
	assert_int_equal(wb_source_check(p->s, &p->err), WB_ECHECKSUM);
	write_sum(p);
}

static void added_and_removed(void **state)
{
	struct place *p = *state;

	two_files(p);
	put(p, "V3__c.sql", "SELECT 3;\n");
	load(p);
	assert_string_equal(only_problem(p, "sum")->version, "3");
	assert_int_equal(unlink(path_of(p, "V3__c.sql")), 0);
	assert_int_equal(unlink(path_of(p, "V2__b.sql")), 0);
	load(p);
	assert_has(only_problem(p, "sum")->message, "V2__b.sql is listed here and gone");
}

/* Two branches that both add a file change the same lines; a careless merge is told. */
static void merged(void **state)
{
	struct place *p = *state;
	wb_autostr ours = WB_STR_INIT, theirs = WB_STR_INIT, both = WB_STR_INIT;
	struct wb_sv rest, line, last = { NULL, 0 };

	two_files(p);
	put(p, "V3__c.sql", "SELECT 3;\n");
	load(p);
	write_sum(p);
	read_sum(p, &ours);
	assert_int_equal(unlink(path_of(p, "V3__c.sql")), 0);
	put(p, "V4__d.sql", "SELECT 4;\n");
	load(p);
	assert_int_equal(wb_source_write_sum(p->s, &p->err), 0);
	read_sum(p, &theirs);
	put(p, "V3__c.sql", "SELECT 3;\n");
	rest = wb_str_sv(&theirs);
	while (wb_sv_cut(&rest, '\n', &line))
		last = line;
	wb_str_addsv(&both, wb_str_sv(&ours));
	wb_str_addsv(&both, last);
	put_sum(p, both.p);
	assert_has(only_problem(p, "sum")->message, "does not follow");
	assert_int_equal(p->s->problems[0].line, 5);
	wb_str_clear(&both);
	wb_str_addf(&both, "%s<<<<<<< ours\n%.*s\n>>>>>>> theirs\n", ours.p, (int)last.n, last.p);
	put_sum(p, both.p);
	assert_has(p->s->problems[0].message, "merge conflict");
	put_sum(p, "hello\n");
	assert_int_equal(p->s->n_problems, 5); /* four files are not listed */
	assert_has(p->s->problems[4].message, "no line of a migrations.sum");
}

static void other_engines_keep_their_lines(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;

	put(p, "1_a.sql", "SELECT 1;\n");
	put(p, "2_b.cypher", "CREATE (n);\n");
	load(p);
	write_sum(p);
	p->o.engine = "neo4j";
	load(p);
	assert_has(only_problem(p, "sum")->message, "2_b.cypher is not in");
	write_sum(p);
	p->o.engine = NULL;
	load(p);
	assert_no_problem(p);
	read_sum(p, &text);
	assert_has(text.p, " 1_a.sql\n");
	assert_has(text.p, " 2_b.cypher\n");
}

static void embedded_has_none(void **state)
{
	static const struct wb_embedded files[] = { { "V1__a.sql", "SELECT 1;\n" } };
	struct place *p = *state;

	p->o = (struct wb_source_options){ .embedded = files, .n_embedded = 1 };
	load(p);
	assert_int_equal(wb_source_write_sum(p->s, &p->err), WB_EUSAGE);
}

static int only_open(void *user)
{
	struct place *p = user;
	struct wb_source *s = NULL;
	int rc = wb_source_open(&p->o, &s, &p->err);

	wb_source_free(s);
	return rc;
}

static int only_write(void *user)
{
	struct place *p = user;

	return wb_source_write_sum(p->s, &p->err);
}

static void no_memory(void **state)
{
	struct place *p = *state;

	two_files(p);
	put(p, "V3__c.sql", "SELECT 3;\n");
	put(p, "V1__a.sql", "SELECT 7;\n");
	assert_int_equal(unlink(path_of(p, "V2__b.sql")), 0);
	put(p, "2_b.cypher", "CREATE (n);\n");
	assert_true(wb_oom_run(only_open, p) > 10);
	load(p);
	assert_true(wb_oom_run(only_write, p) > 3);
}

int test_sum(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(agrees),
		TEST(edited),
		TEST(added_and_removed),
		TEST(merged),
		TEST(other_engines_keep_their_lines),
		TEST(embedded_has_none),
		TEST(no_memory),
	};

	return RUN_GROUP("sum");
}
