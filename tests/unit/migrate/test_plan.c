/* SPDX-License-Identifier: Apache-2.0
 *
 * Which migrations a run takes, and which it refuses to: order, targets,
 * repeatables, baselines.
 */
#include "tests.h"

static void three(struct place *p)
{
	put(p, "V001__a.sql", "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V002__b.sql", "-- migrate:up\nCREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	put(p, "V010__c.sql", "-- migrate:up\nCREATE TABLE c (x int);\n-- migrate:down\nDROP TABLE c;\n");
}

static void test_all_in_order(void **state)
{
	struct place *p = *state;
	three(p);
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "001 002 010");
	assert_string_equal(p->plan->direction, "up");
	assert_null(p->plan->current);
	assert_string_equal(p->plan->target, "010");
	assert_false(wb_fs_exists(p->db));
	ok(p, UP(p));
	assert_string_equal(applied(p), "001 002 010");
	assert_string_equal(states(p), "001:applied 002:applied 010:applied");
	assert_string_equal(ask(p, "SELECT DISTINCT statements_done = statements_total FROM @schema_migrations"), "1");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	assert_string_equal(p->events.p, "");
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "");
	assert_string_equal(p->plan->current, "010");
	assert_string_equal(p->plan->target, "010");
}

static void test_up_to(void **state)
{
	struct place *p = *state;
	three(p);
	ok(p, PLAN(p, .to = "2"));
	assert_string_equal(planned(p), "001 002");
	assert_string_equal(p->plan->target, "002");
	ok(p, UP(p, .plan.to = "0"));
	assert_string_equal(applied(p), "");
	ok(p, UP(p, .plan.to = "002"));
	assert_string_equal(states(p), "001:applied 002:applied");
	ok(p, UP(p, .plan.to = "001")); /* already beyond it */
	assert_string_equal(applied(p), "");
}

/* People write the version as they see it in the file's name, or the name itself. */
static void test_target_spellings(void **state)
{
	struct place *p = *state;
	static const char *const names[] = { "2", "002", "V002", "v2", "2.0", "V002__b", "V002__b.sql" };
	three(p);
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		ok(p, PLAN(p, .to = names[i]));
		assert_string_equal(planned(p), "001 002");
	}
	ok(p, UP(p));
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		ok(p, PLAN(p, .to = names[i], .down = true));
		assert_string_equal(planned(p), "010=revert");
	}
}

static void test_unknown_target(void **state)
{
	struct place *p = *state;
	static const char *const names[] = { "3", "V003", "nonsense", "" };
	three(p);
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		assert_code(p, UP(p, .plan.to = names[i]), WB_ENOTFOUND);
		assert_has(p->err.message, names[i]);
	}
	ok(p, UP(p, .plan.to = "1"));
	assert_code(p, DOWN(p, .plan.to = "3"), WB_ENOTFOUND);
	assert_code(p, DOWN(p, .plan.to = "V002"), WB_ENOTFOUND); /* there, but not applied */
	assert_has(p->err.message, "not applied");
	assert_string_equal(states(p), "001:applied");
}

static void test_steps_limit(void **state)
{
	struct place *p = *state;
	three(p);
	put(p, "R__views.sql", "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1 AS one;");
	ok(p, UP(p, .plan.steps = 2));
	assert_string_equal(applied(p), "001 002");
	ok(p, UP(p, .plan.steps = 1)); /* the last, so that the repeatables have their turn */
	assert_string_equal(applied(p), "010 R__views");
	ok(p, DOWN(p, .plan.steps = 2));
	assert_string_equal(applied(p), "010 002");
	assert_string_equal(p->result->direction, "down");
}

static void test_out_of_order(void **state)
{
	struct place *p = *state;
	three(p);
	ok(p, UP(p));
	put(p, "V005__late.sql", "CREATE TABLE late (x int); PRAGMA user_version = 1;");
	assert_code(p, UP(p), WB_EORDER);
	assert_string_equal(p->err.version, "005");
	assert_has(p->err.file, "V005__late.sql");
	assert_has(p->err.hint, "--out-of-order");
	assert_null(p->result);
	ok(p, PLAN(p));
	assert_has(p->plan->notes[0], "up will refuse");
	ok(p, UP(p, .plan.out_of_order = true));
	assert_string_equal(states(p), "001:applied 002:applied 010:applied 005:applied");
	ok(p, UP(p));
	/* Reverting goes by the order of application. */
	assert_code(p, DOWN(p), WB_EIRREVERSIBLE);
	assert_string_equal(p->err.version[0] ? p->err.version : "005", "005");
}

static void test_same_version_twice(void **state)
{
	struct place *p = *state;
	three(p);
	put(p, "V2.0__again.sql", "SELECT 1;");
	assert_code(p, UP(p), WB_EORDER);
	assert_has(p->err.message, "V2.0__again.sql");
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master"), "0");
}

static void test_strict_gap(void **state)
{
	struct place *p = *state;
	three(p);
	p->o.strict_numbering = true;
	assert_code(p, UP(p), WB_EORDER);
	assert_has(p->err.message, "003");
	put(p, "V003__c.sql", "SELECT 1;");
	take_away(p, "V010__c.sql");
	ok(p, UP(p));
	assert_string_equal(states(p), "001:applied 002:applied 003:applied");
}

static void test_repeatables(void **state)
{
	struct place *p = *state;
	three(p);
	put(p, "R__b_view.sql", "DROP VIEW IF EXISTS bv; CREATE VIEW bv AS SELECT x FROM b;");
	put(p, "R__a_view.sql", "DROP VIEW IF EXISTS av; CREATE VIEW av AS SELECT x FROM a;");
	ok(p, UP(p, .plan.to = "010"));
	assert_string_equal(applied(p), "001 002 010");
	ok(p, UP(p));
	assert_string_equal(applied(p), "R__a_view R__b_view");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	put(p, "R__a_view.sql", "DROP VIEW IF EXISTS av; CREATE VIEW av AS SELECT x + 1 AS x FROM a;");
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "R__a_view=reapply");
	ok(p, UP(p));
	assert_string_equal(applied(p), "R__a_view");
	/* One row per name, and it keeps its place. */
	assert_string_equal(states(p), "001:applied 002:applied 010:applied R__a_view:applied R__b_view:applied");
	ok(p, DOWN(p));
	assert_string_equal(applied(p), "010");
	put(p, "R__a_view.sql", "DROP VIEW IF EXISTS av; CREATE VIEW av AS SELECT nothing FROM nowhere;\nSELEC 1;");
	ok(p, UP(p, .plan.to = "010"));
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(p->err.version, "R__a_view");
	/* The one that is in force is the old one. */
	assert_has(states(p), "R__a_view:applied");
	assert_string_equal(ask(p, "SELECT count(*) FROM av"), "0");
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "R__a_view=reapply");
}

static void test_reverted_and_applied_again(void **state)
{
	struct place *p = *state;
	three(p);
	ok(p, UP(p));
	ok(p, DOWN(p, .plan.to = "001"));
	assert_string_equal(applied(p), "010 002");
	assert_string_equal(states(p), "001:applied 002:reverted 010:reverted");
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "002 010");
	put(p, "V003__between.sql", "CREATE TABLE between_them (x int);");
	ok(p, UP(p));
	assert_string_equal(applied(p), "002 003 010");
	assert_string_equal(states(p), "001:applied 002:applied 003:applied 010:applied");
	ok(p, DOWN(p, .plan.steps = 1));
	assert_string_equal(applied(p), "010");
}

static void test_down_to_nothing(void **state)
{
	struct place *p = *state;
	three(p);
	ok(p, DOWN(p));
	assert_string_equal(applied(p), "");
	ok(p, UP(p));
	ok(p, DOWN(p, .plan.to = "0"));
	assert_string_equal(applied(p), "010 002 001");
	assert_string_equal(states(p), "001:reverted 002:reverted 010:reverted");
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name IN ('a', 'b', 'c')"), "0");
	ok(p, DOWN(p, .plan.to = "0"));
	assert_string_equal(applied(p), "");
}

static void test_dependencies(void **state)
{
	struct place *p = *state;
	put(p, "V001__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V002__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	ok(p, UP(p, .plan.to = "2"));
	ok(p, DOWN(p));
	put(p, "V003__c.sql",
	    "-- Dependencies: 001\n-- migrate:up\nCREATE TABLE c (x int);\n-- migrate:down\nDROP TABLE c;\n");
	/* 3 before 2, so that reverting by order of application would take 2 first, then 3. */
	ok(p, UP(p, .plan.out_of_order = true, .plan.to = "1"));
	take_away(p, "V002__b.sql");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT version, depends_on FROM @migration_dependencies"), "003:001");
	ok(p, DOWN(p));
	assert_string_equal(ask(p, "SELECT count(*) FROM @migration_dependencies"), "0");
}

static void test_dependant_stops_down(void **state)
{
	struct place *p = *state;
	put(p, "V001__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V003__c.sql",
	    "-- Dependencies: 001\n-- migrate:up\nCREATE TABLE c (x int);\n-- migrate:down\nDROP TABLE c;\n");
	ok(p, UP(p));
	/* As if 1 had been applied again, later than 3. */
	sql(p, "UPDATE @schema_migrations SET rank = 9 WHERE version = '001'");
	assert_code(p, DOWN(p), WB_EREFUSED);
	assert_has(p->err.message, "003 depends on 001");
	assert_has(p->err.hint, "revert 003 first");
	ok(p, DOWN(p, .plan.to = "0"));
	assert_string_equal(applied(p), "001 003");
}

static void test_unknown_parent(void **state)
{
	struct place *p = *state;
	put(p, "V003__c.sql", "-- Dependencies: 001\n-- migrate:up\nCREATE TABLE c (x int);\n");
	assert_code(p, UP(p), WB_EORDER);
	assert_has(p->err.message, "001");
}

static void test_digest_tells_plans_apart(void **state)
{
	struct place *p = *state;
	char one[80], two[80];
	three(p);
	ok(p, PLAN(p));
	snprintf(one, sizeof(one), "%s", p->plan->digest);
	assert_has(one, "sha256:");
	ok(p, PLAN(p, .to = "2"));
	assert_string_not_equal(p->plan->digest, one);
	ok(p, UP(p));
	ok(p, PLAN(p, .down = true));
	snprintf(two, sizeof(two), "%s", p->plan->digest);
	put(p, "V010__c.sql", "-- migrate:up\nCREATE TABLE c (x int);\n-- migrate:down\nDROP TABLE IF EXISTS c;\n");
	ok(p, PLAN(p, .down = true));
	assert_string_not_equal(p->plan->digest, two);
}

int test_plan(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_all_in_order),
		TEST(test_up_to),
		TEST(test_target_spellings),
		TEST(test_unknown_target),
		TEST(test_steps_limit),
		TEST(test_out_of_order),
		TEST(test_same_version_twice),
		TEST(test_strict_gap),
		TEST(test_repeatables),
		TEST(test_reverted_and_applied_again),
		TEST(test_down_to_nothing),
		TEST(test_dependencies),
		TEST(test_dependant_stops_down),
		TEST(test_unknown_parent),
		TEST(test_digest_tells_plans_apart),
	};
	return RUN_GROUP("plan");
}
