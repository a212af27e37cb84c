/* SPDX-License-Identifier: Apache-2.0
 *
 * Duplicates, gaps under strict numbering, and finding migrations.
 */
#include "tests.h"

#include <unistd.h>

static void duplicates(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	put(p, "V014__a.sql", "SELECT 1;");
	put(p, "V14__b.sql", "SELECT 1;");
	load(p);
	problem = only_problem(p, "duplicate");
	assert_has(problem->message, "V014__a.sql and V14__b.sql");
	assert_int_equal(problem->code, WB_EORDER);
	assert_false(problem->warning);
	assert_int_equal(p->s->n, 2);
	put(p, "V14.0__c.sql", "SELECT 1;");
	load(p);
	assert_int_equal(p->s->n_problems, 2);
	(void)unlink(path_of(p, "V14.0__c.sql"));
	(void)unlink(path_of(p, "V14__b.sql"));
	put(p, "B14__b.sql", "SELECT 1;");
	load(p);
	assert_no_problem(p);
}

static void same_id(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- ID: x\nSELECT 1;");
	put(p, "V2__b.sql", "-- ID: x\nSELECT 1;");
	load(p);
	assert_has(only_problem(p, "duplicate")->message, "V1__a.sql and V2__b.sql have the same ID, x");
	assert_true(only_problem(p, "duplicate")->warning);
}

static void strict_numbering(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	p->o.numbering = WB_NUMBERING_STRICT;
	put(p, "V001__a.sql", "SELECT 1;");
	put(p, "V002__b.sql", "SELECT 1;");
	put(p, "R__x.sql", "SELECT 1;");
	load(p);
	assert_no_problem(p);
	put(p, "V004__d.sql", "SELECT 1;");
	load(p);
	problem = only_problem(p, "gap");
	assert_string_equal(problem->message, "version 003 is missing before V004__d.sql");
	assert_int_equal(problem->code, WB_EORDER);
	(void)unlink(path_of(p, "V002__b.sql"));
	load(p);
	assert_string_equal(only_problem(p, "gap")->message, "versions 002 and 003 are missing before V004__d.sql");
	(void)unlink(path_of(p, "V001__a.sql"));
	load(p);
	assert_string_equal(only_problem(p, "gap")->message, "versions 001 to 003 are missing before V004__d.sql");
	/* A baseline stands for all before it. */
	put(p, "B003__base.sql", "SELECT 1;");
	load(p);
	assert_no_problem(p);
	put(p, "V5__e.sql", "SELECT 1;");
	load(p);
	assert_has(only_problem(p, "name")->message, "version 5 is not exactly three digits");
	(void)unlink(path_of(p, "V5__e.sql"));
	put(p, "V4.1__e.sql", "SELECT 1;");
	load(p);
	assert_has(only_problem(p, "name")->message, "4.1");
}

static void strict_numbering_of_times(void **state)
{
	struct place *p = *state;

	p->o.numbering = WB_NUMBERING_STRICT;
	put(p, "20251120_143000_schema_a.sql", "SELECT 1;");
	put(p, "20251121_143000_schema_b.sql", "SELECT 1;");
	load(p);
	assert_no_problem(p);
}

static void finding(void **state)
{
	struct place *p = *state;
	struct wb_source *s;

	put(p, "V001__a.sql", "SELECT 1;");
	put(p, "V1_2__b.sql", "-- ID: the-b\nSELECT 1;");
	put(p, "V003__c.sql", "SELECT 1;");
	put(p, "R__views.sql", "SELECT 1;");
	s = load(p);
	assert_ptr_equal(wb_source_find(s, "001"), s->v[0]);
	assert_ptr_equal(wb_source_find(s, "1"), s->v[0]);
	assert_ptr_equal(wb_source_find(s, "1.0"), s->v[0]);
	assert_ptr_equal(wb_source_find(s, "V001"), s->v[0]);
	assert_ptr_equal(wb_source_find(s, "v1.2"), s->v[1]);
	assert_ptr_equal(wb_source_find(s, "1.2"), s->v[1]);
	assert_ptr_equal(wb_source_find(s, "the-b"), s->v[1]);
	assert_ptr_equal(wb_source_find(s, "V1_2__b"), s->v[1]);
	assert_ptr_equal(wb_source_find(s, "V1_2__b.sql"), s->v[1]);
	assert_ptr_equal(wb_source_find(s, "3"), s->v[2]);
	assert_ptr_equal(wb_source_find(s, "R__views"), s->v[3]);
	assert_null(wb_source_find(s, "2"));
	assert_null(wb_source_find(s, "4"));
	assert_null(wb_source_find(s, "V4"));
	assert_null(wb_source_find(s, "R__other"));
	assert_null(wb_source_find(s, ""));
	assert_null(wb_source_find(s, "nothing"));
}

static void many_are_sorted(void **state)
{
	struct place *p = *state;
	char name[32];

	for (int i = 300; i > 0; i--) {
		(void)snprintf(name, sizeof(name), "V%d__x.sql", i * 11 % 301);
		put(p, name, "SELECT 1;");
	}
	load(p);
	assert_no_problem(p);
	assert_int_equal(p->s->n, 300);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "%d", i + 1);
		assert_string_equal(p->s->v[i]->version, name);
		assert_ptr_equal(wb_source_find(p->s, name), p->s->v[i]);
	}
}

int test_order(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(duplicates), TEST(same_id),         TEST(strict_numbering), TEST(strict_numbering_of_times),
		TEST(finding),    TEST(many_are_sorted),
	};
	return RUN_GROUP("order");
}
