/* SPDX-License-Identifier: Apache-2.0
 *
 * Dependencies: resolved, missing, out of order, in cycles.
 */
#include "tests.h"

static void all_ways_to_name_a_parent(void **state)
{
	struct place *p = *state;
	struct wb_migration *m;

	put(p, "V001__a.sql", "-- ID: first\nSELECT 1;");
	put(p, "V002__b.sql", "-- Dependencies: 1, V001, V001__a, V001__a.sql, first\nSELECT 1;");
	load(p);
	assert_no_problem(p);
	m = p->s->v[1];
	assert_int_equal(m->n_parents, 5);
	for (size_t i = 0; i < 5; i++)
		assert_ptr_equal(m->parents[i], p->s->v[0]);
	assert_int_equal(p->s->v[0]->n_parents, 0);
}

static void version_wins_over_id(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "SELECT 1;");
	put(p, "V2__b.sql", "-- ID: 1\nSELECT 1;");
	put(p, "V3__c.sql", "-- Dependencies: 1\nSELECT 1;");
	load(p);
	assert_no_problem(p);
	assert_ptr_equal(p->s->v[2]->parents[0], p->s->v[0]);
}

static void missing_parent(void **state)
{
	struct place *p = *state;
	const struct wb_source_problem *problem;

	put(p, "20251120_143000_schema_a.sql", "-- ID: add-users\nSELECT 1;");
	put(p, "20251121_143000_schema_b.sql", "-- Dependencies: add-usres\nSELECT 1;");
	load(p);
	problem = only_problem(p, "parent");
	assert_has(problem->message, "depends on add-usres, which is not in this folder");
	assert_string_equal(problem->hint, "did you mean add-users?");
	assert_int_equal(problem->code, WB_EORDER);
	put(p, "20251121_143000_schema_b.sql", "-- Dependencies: completely-different\nSELECT 1;");
	load(p);
	assert_has(only_problem(p, "parent")->hint, "add its file");
	assert_int_equal(p->s->v[1]->n_parents, 0);
}

/* Without other keys of a header, words with blanks between them are prose. */
static void prose_is_no_parent(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- Dependencies: needs the pgcrypto extension, really\nSELECT 1;");
	load(p);
	assert_no_problem(p);
	assert_int_equal(p->s->v[0]->header.n_depends, 0);
	put(p, "V1__a.sql", "-- ID: a\n-- Dependencies: the other one\nSELECT 1;");
	load(p);
	assert_has(only_problem(p, "parent")->message, "depends on the other one,");
	for (size_t i = 0; i < 3; i++) {
		static const char *const none[] = { "-- Dependencies: None\nSELECT 1;",
						    "-- Dependencies: n/a\nSELECT 1;",
						    "-- Dependencies: -\nSELECT 1;" };
		put(p, "V1__a.sql", none[i]);
		load(p);
		assert_no_problem(p);
	}
}

/* A folder in which all is the wrong way round. */
static void many_parents_after_their_children(void **state)
{
	struct place *p = *state;
	char name[40], text[60];

	for (int i = 1; i <= 150; i++) {
		(void)snprintf(name, sizeof(name), "V%03d__x.sql", i);
		(void)snprintf(text, sizeof(text), "%s%d\nSELECT 1;", i < 150 ? "-- Dependencies: " : "-- ", i + 1);
		put(p, name, text);
	}
	load(p);
	assert_int_equal(p->s->n_problems, 149);
	for (size_t i = 0; i < 149; i++)
		assert_string_equal(p->s->problems[i].kind, "order");
}

static void only_some_get_a_hint(void **state)
{
	struct place *p = *state;
	char name[40], text[60];

	put(p, "V100__x.sql", "-- ID: target\nSELECT 1;");
	for (int i = 101; i < 130; i++) {
		(void)snprintf(name, sizeof(name), "V%d__x.sql", i);
		(void)snprintf(text, sizeof(text), "-- Dependencies: targte\nSELECT %d;", i);
		put(p, name, text);
	}
	load(p);
	assert_int_equal(p->s->n_problems, 29);
	assert_has(p->s->problems[0].hint, "did you mean target?");
	assert_has(p->s->problems[28].hint, "write its version");
}

static void parent_after_child(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- Dependencies: 3\nSELECT 1;");
	put(p, "V2__b.sql", "SELECT 1;");
	put(p, "V3__c.sql", "-- Dependencies: 2\nSELECT 1;");
	load(p);
	assert_has(only_problem(p, "order")->message, "V1__a.sql depends on V3__c.sql, which comes after it");
	assert_int_equal(only_problem(p, "order")->code, WB_EORDER);
	assert_int_equal(wb_source_check(p->s, &p->err), WB_EORDER);
}

static void cycles(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "-- Dependencies: 3\nSELECT 1;");
	put(p, "V2__b.sql", "-- Dependencies: 1\nSELECT 1;");
	put(p, "V3__c.sql", "-- Dependencies: 2\nSELECT 1;");
	load(p);
	assert_has(only_problem(p, "parent")->message, "V1__a.sql needs V3__c.sql needs V2__b.sql needs V1__a.sql");
	put(p, "V4__d.sql", "-- Dependencies: 4\nSELECT 1;");
	load(p);
	assert_int_equal(p->s->n_problems, 2);
	assert_has(p->s->problems[1].message, "V4__d.sql needs V4__d.sql");
	/* The same nodes are told once. */
	put(p, "V4__d.sql", "SELECT 1;");
	put(p, "V1__a.sql", "-- Dependencies: 3,2\nSELECT 1;");
	load(p);
	(void)only_problem(p, "parent");
}

static void long_cycle_is_told_shortly(void **state)
{
	struct place *p = *state;
	char name[64], text[80];

	for (int i = 1; i <= 60; i++) {
		(void)snprintf(name, sizeof(name), "V%d__a_name_of_some_length.sql", i);
		(void)snprintf(text, sizeof(text), "-- Dependencies: %d\nSELECT 1;", i == 1 ? 60 : i - 1);
		put(p, name, text);
	}
	load(p);
	assert_has(only_problem(p, "parent")->message,
		   "V1__a_name_of_some_length.sql depends on itself through others");
}

static void diamond_is_fine(void **state)
{
	struct place *p = *state;

	put(p, "V1__a.sql", "SELECT 1;");
	put(p, "V2__b.sql", "-- Dependencies: 1\nSELECT 1;");
	put(p, "V3__c.sql", "-- Dependencies: 1\nSELECT 1;");
	put(p, "V4__d.sql", "-- Dependencies: 2, 3\nSELECT 1;");
	put(p, "R__e.sql", "-- Dependencies: 4\nSELECT 1;");
	load(p);
	assert_no_problem(p);
	assert_int_equal(p->s->v[3]->n_parents, 2);
}

int test_graph(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(all_ways_to_name_a_parent),
		TEST(version_wins_over_id),
		TEST(missing_parent),
		TEST(prose_is_no_parent),
		TEST(many_parents_after_their_children),
		TEST(only_some_get_a_hint),
		TEST(parent_after_child),
		TEST(cycles),
		TEST(long_cycle_is_told_shortly),
		TEST(diamond_is_fine),
	};
	return RUN_GROUP("graph");
}
