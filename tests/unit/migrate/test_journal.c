/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal: what a run writes, what it refuses to read, how it is repaired.
 */
#include "tests.h"

#include <unistd.h>

static void put_numbered(struct place *p, int i)
{
	char name[32], text[128];
	snprintf(name, sizeof(name), "V%03d__t.sql", i);
	snprintf(text, sizeof(text), "-- migrate:up\nCREATE TABLE t%d (x int);\n-- migrate:down\nDROP TABLE t%d;\n", i,
		 i);
	put(p, name, text);
}

static void test_rows_of_a_run(void **state)
{
	struct place *p = *state;
	char want[200];
	p->o.applied_by = "gertrude";
	p->o.project = "shop";
	put_numbered(p, 1);
	ok(p, UP(p));
	assert_string_equal(
		ask(p, "SELECT project, version, kind, rank, description, family, type, file, state, phase, "
		       "statements_total, "
		       "statements_done, applied_by, tool_version, origin, reason, error FROM @schema_migrations"),
		"shop:001:versioned:1:t:versioned:schema:V001__t.sql:applied:up:1:1:gertrude:0.1.0:whimbrel:-:-");
	assert_has(ask(p, "SELECT checksum FROM @schema_migrations"), "sha256:");
	assert_has(ask(p, "SELECT down_sql FROM @schema_migrations"), "DROP TABLE t1");
	assert_has(ask(p, "SELECT applied_sql FROM @schema_migrations"), "CREATE TABLE t1");
	assert_string_equal(
		ask(p, "SELECT count(started_at) + count(finished_at) + count(execution_ms) + count(host) + count(run) "
		       "FROM @schema_migrations"),
		"5");
	assert_string_equal(ask(p,
				"SELECT r.command, r.result, r.who, r.pid = h.retries, h.who, h.retries, h.statements "
				"FROM @migration_runs r JOIN @migration_history h ON h.run = r.id"),
			    "up:ok:gertrude:0:gertrude:0:1");
	snprintf(want, sizeof(want), "%d", (int)getpid());
	assert_string_equal(ask(p, "SELECT pid FROM @migration_runs"), want);
	assert_has(ask(p, "SELECT plan FROM @migration_runs"), "apply 001 sha256:");
}

static void test_projects_do_not_mix(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	ok(p, UP(p));
	p->o.project = "other";
	context_again(p);
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "001");
	sql(p, "DROP TABLE t1");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT project, version FROM @schema_migrations ORDER BY project"),
			    "main:001 other:001");
	ok(p, DOWN(p));
	assert_string_equal(ask(p, "SELECT project, state FROM @schema_migrations ORDER BY project"),
			    "main:applied other:reverted");
}

static void test_prefix(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	p->o.journal_schema = "our_own";
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT version FROM our_own_schema_migrations"), "001");
	put(p, "V002__u.sql", "DELETE FROM our_own_schema_migrations;");
	assert_code(p, UP(p), WB_EINPUT);
	put(p, "V002__u.sql", "CREATE TABLE whimbrel_meta (x int);");
	ok(p, UP(p));
	p->o.journal_schema = "not a name";
	context_again(p);
	assert_code(p, UP(p), WB_EUSAGE);
}

static void test_newer_format(void **state)
{
	struct place *p = *state;
	struct wb_status *s = NULL;
	struct wb_history *h = NULL;
	struct wb_repair *r = NULL;
	put_numbered(p, 1);
	ok(p, UP(p));
	put_numbered(p, 2);
	sql(p, "UPDATE @meta SET format = 2");
	for (int i = 0; i < 2; i++) {
		assert_code(p, UP(p), WB_ENEWER);
		assert_has(p->err.message, "format 2");
		assert_has(p->err.hint, "upgrade");
		assert_null(p->result);
		assert_code(p, DOWN(p), WB_ENEWER);
		assert_code(p, PLAN(p), WB_ENEWER);
		assert_code(p, wb_status(context(p), &s, &p->err), WB_ENEWER);
		assert_code(p, wb_history(context(p), NULL, 0, &h, &p->err), WB_ENEWER);
		assert_code(p, wb_baseline(context(p), "1", NULL, NULL, &p->err), WB_ENEWER);
		assert_code(p, RESUME(p), WB_ENEWER);
		assert_code(p, wb_repair(context(p), false, NULL, &r, &p->err), WB_ENEWER);
		assert_code(p, wb_repair(context(p), true, NULL, &r, &p->err), WB_ENEWER);
		/* A newer journal may have other columns: that is no reason to speak of SQL. */
		if (i == 0)
			sql(p, "ALTER TABLE @schema_migrations RENAME COLUMN rank TO place");
	}
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name = 't2'"), "0");
}

static void test_unknown_state(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	ok(p, UP(p));
	sql(p, "UPDATE @schema_migrations SET state = 'levitating'");
	assert_code(p, UP(p), WB_ENEWER);
	assert_has(p->err.message, "levitating");
}

/* States of things to come are read, and count for what they are. */
static void test_other_states(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *state, *planned;
	} cases[] = {
		{ "skipped", "" }, { "missing", "" }, { "expanded", "" }, { "baseline", "" }, { "reverted", "001" }
	};
	put_numbered(p, 1);
	ok(p, UP(p));
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		char text[128];
		snprintf(text, sizeof(text), "UPDATE @schema_migrations SET state = '%s'", cases[i].state);
		sql(p, text);
		ok(p, PLAN(p));
		assert_string_equal(planned(p), cases[i].planned);
	}
}

static void test_lost_table(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	ok(p, UP(p));
	sql(p, "DROP TABLE @schema_migrations");
	assert_code(p, UP(p), WB_ESQL);
	assert_has(p->err.message, "schema_migrations");
}

/* ---- repair ------------------------------------------------------------------------------ */

static const char *repaired(struct place *p, bool dry_run, const char *reason)
{
	struct wb_repair *r = NULL;
	ok(p, wb_repair(context(p), dry_run, reason, &r, &p->err));
	assert_int_equal(r->dry_run, dry_run);
	wb_str_clear(&p->text);
	for (size_t i = 0; i < r->n_items; i++) {
		assert_non_null(r->items[i].reason);
		wb_str_addf(&p->text, "%s%s:%s", i ? " " : "", r->items[i].version, r->items[i].action);
	}
	wb_repair_free(r);
	return p->text.p;
}

static void test_nothing_to_repair(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	sql(p, "SELECT 1");
	side_close(p);
	sql(p, "CREATE TABLE x (x int); DROP TABLE x"); /* a file without a journal */
	assert_string_equal(repaired(p, false, NULL), "");
	ok(p, UP(p));
	assert_string_equal(repaired(p, false, NULL), "");
	assert_string_equal(history(p), "up:001:ok");
}

static void test_repair_of_checksums(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	put_numbered(p, 2);
	ok(p, UP(p));
	put(p, "V001__t.sql", "-- migrate:up\nCREATE TABLE t1 (x integer);\n-- migrate:down\nDROP TABLE t1;\n");
	put(p, "V002__t.sql", "-- migrate:up\nCREATE TABLE t2 (x int);\n-- migrate:down\nDROP TABLE IF EXISTS t2;\n");
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(repaired(p, true, NULL), "001:checksum 002:checksum");
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(repaired(p, false, "agreed with Gertrude"), "001:checksum 002:checksum");
	ok(p, UP(p));
	assert_null(strstr(p->log.p, "was changed"));
	assert_string_equal(ask(p, "SELECT action, version, result, reason FROM @migration_history WHERE action = "
				   "'repair' ORDER BY id"),
			    "repair:001:checksum:agreed with Gertrude repair:002:checksum:agreed with Gertrude");
	assert_has(ask(p, "SELECT reason FROM @schema_migrations WHERE version = '001'"), "checksum is now");
	assert_string_equal(repaired(p, false, NULL), "");
}

/* A baseline's files may change as well as applied ones. */
static void test_repair_of_a_baseline(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	ok(p, wb_baseline(context(p), "1", NULL, NULL, &p->err));
	put(p, "V001__t.sql", "-- migrate:up\nCREATE TABLE t1 (x integer);\n");
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(repaired(p, false, NULL), "001:checksum");
	ok(p, UP(p));
	assert_string_equal(states(p), "001:baseline");
}

static void test_repair_of_failures(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	put(p, "V002__t.sql", "SELECT x FROM nowhere;");
	assert_code(p, UP(p), WB_ESQL);
	take_away(p, "V002__t.sql");
	assert_string_equal(repaired(p, false, NULL), "002:clear_failed");
	assert_string_equal(states(p), "001:applied");
	assert_has(ask(p, "SELECT reason FROM @migration_history WHERE action = 'repair'"), "nowhere");
	/* A part of it is committed: nothing may forget that. */
	put(p, "V002__t.sql", "-- migrate:up transaction:false\nCREATE TABLE t2 (x int);\nSELECT x FROM nowhere;");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(repaired(p, false, NULL), "");
	assert_string_equal(states(p), "001:applied 002:failed");
}

static void test_repair_of_missing_files(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 3; i++)
		put_numbered(p, i);
	ok(p, UP(p));
	take_away(p, "V002__t.sql");
	assert_code(p, UP(p), WB_EORDER);
	assert_string_equal(repaired(p, false, NULL), "002:mark_missing");
	assert_string_equal(states(p), "001:applied 002:missing 003:applied");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	/* Its down part is still in the journal. */
	ok(p, DOWN(p, .plan.steps = 2));
	assert_string_equal(applied(p), "003 002");
	put_numbered(p, 2);
	ok(p, UP(p));
	assert_string_equal(applied(p), "002 003");
}

static void test_repair_waits_for_order_in_the_folder(void **state)
{
	struct place *p = *state;
	struct wb_repair *r = NULL;
	put_numbered(p, 1);
	ok(p, UP(p));
	put(p, "V1__again.sql", "SELECT 1;");
	assert_code(p, wb_repair(context(p), false, NULL, &r, &p->err), WB_EORDER);
	assert_null(r);
}

int test_journal(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_rows_of_a_run),
		TEST(test_projects_do_not_mix),
		TEST(test_prefix),
		TEST(test_newer_format),
		TEST(test_unknown_state),
		TEST(test_other_states),
		TEST(test_lost_table),
		TEST(test_nothing_to_repair),
		TEST(test_repair_of_checksums),
		TEST(test_repair_of_a_baseline),
		TEST(test_repair_of_failures),
		TEST(test_repair_of_missing_files),
		TEST(test_repair_waits_for_order_in_the_folder),
	};
	return RUN_GROUP("journal");
}
