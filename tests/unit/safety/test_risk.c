/* SPDX-License-Identifier: Apache-2.0
 *
 * What an effect means: waits, losses, what is not known; and for how much of it
 * there may be no memory.
 */
#include "tests.h"

#include "safety/risk.h"

#define MIB (INT64_C(1) << 20)

struct
try {
	struct wb_relation relation;
	struct wb_touch touch;
	struct wb_effect effect;
	struct wb_operation op;
	struct wb_arena arena;
	struct wb_assessment a;
};

static void start(struct try *t, enum wb_op code, enum wb_kind kind, int64_t bytes, enum wb_lock lock, unsigned work)
{
	*t = (struct try){ .arena = WB_ARENA_INIT };
	t->relation = (struct wb_relation){
		.name = { "app", "orders" }, .flags = WB_REL_SEEN, .rows = bytes / 100, .bytes = bytes
	};
	t->touch = (struct wb_touch){ .name = { "app", "orders" },
				      .relation = &t->relation,
				      .lock = lock,
				      .lock_max = lock,
				      .work = work,
				      .work_max = work };
	t->effect = (struct wb_effect){ .touches = { .v = &t->touch, .n = 1, .cap = 1 },
					.lock = lock,
					.lock_max = lock,
					.blocks_reads = wb_tri(lock == WB_LOCK_ACCESS_EXCLUSIVE),
					.blocks_writes = wb_tri(lock >= WB_LOCK_SHARE),
					.rewrites = wb_tri(work & WB_WORK_REWRITE),
					.scans = wb_tri(work != 0),
					.indexes = wb_tri(work & WB_WORK_INDEX) };
	t->op = (struct wb_operation){ .code = code, .kind = kind, .table = { "app", "orders" } };
}

static void assess(struct try *t)
{
	const struct wb_operations ops = { .v = &t->op, .n = 1 };
	assert_int_equal(wb_assess(&t->effect, &ops, NULL, &t->arena, &t->a, NULL), 0);
}

static bool has_note(const struct try *t, const char *piece)
{
	for (size_t i = 0; i < t->a.n_notes; i++) {
		if (strstr(t->a.notes[i], piece))
			return true;
	}
	return false;
}

static void waiting(void **state)
{
	(void)state;
	static const struct {
		int64_t mib;
		enum wb_lock lock;
		unsigned work;
		enum wb_risk risk;
		enum wb_tri downtime;
	} rows[] = {
		{ 1000, WB_LOCK_ACCESS_EXCLUSIVE, 0, WB_RISK_LOW, WB_NO }, /* for a moment */
		{ 1, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE, WB_RISK_LOW, WB_NO },
		{ 30, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE, WB_RISK_MEDIUM, WB_NO },
		{ 120, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE, WB_RISK_HIGH, WB_NO },
		{ 1200, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE, WB_RISK_CRITICAL, WB_YES },
		{ 10, WB_LOCK_SHARE, WB_WORK_INDEX, WB_RISK_LOW, WB_NO },
		{ 100, WB_LOCK_SHARE, WB_WORK_INDEX, WB_RISK_MEDIUM, WB_NO },
		{ 1000, WB_LOCK_SHARE, WB_WORK_INDEX, WB_RISK_HIGH, WB_YES },
		{ 4000, WB_LOCK_SHARE, WB_WORK_INDEX, WB_RISK_CRITICAL, WB_YES },
		{ 4000, WB_LOCK_SHARE_UPDATE_EXCLUSIVE, WB_WORK_INDEX, WB_RISK_LOW, WB_NO }, /* blocks nobody */
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(rows); i++) {
		struct try t;
		start(&t, WB_OP_ALTER, WB_KIND_TABLE, rows[i].mib * MIB, rows[i].lock, rows[i].work);
		assess(&t);
		assert_int_equal(t.a.risk, rows[i].risk);
		assert_int_equal(t.a.downtime, rows[i].downtime);
		assert_int_equal(t.a.n_notes != 0, rows[i].risk > WB_RISK_LOW);
		wb_arena_done(&t.arena);
	}
}

static void size_unknown(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_COLUMN_TYPE, WB_KIND_COLUMN, 0, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE);
	t.relation.bytes = t.relation.rows = -1;
	assess(&t);
	assert_int_equal(t.a.estimate_ms, -1);
	assert_int_equal(t.a.risk, WB_RISK_HIGH);
	assert_int_equal(t.a.downtime, WB_UNKNOWN);
	assert_true(has_note(&t, "size is not known"));
	wb_arena_done(&t.arena);
}

static void losses(void **state)
{
	(void)state;
	static const struct {
		enum wb_op op;
		enum wb_kind kind;
		uint32_t flags;
		bool destroys;
		enum wb_risk risk;
	} rows[] = {
		{ WB_OP_DROP, WB_KIND_TABLE, 0, true, WB_RISK_HIGH },
		{ WB_OP_COLUMN_DROP, WB_KIND_COLUMN, 0, true, WB_RISK_HIGH },
		{ WB_OP_TABLE_TRUNCATE, WB_KIND_TABLE, 0, true, WB_RISK_HIGH },
		{ WB_OP_DELETE, WB_KIND_TABLE, 0, true, WB_RISK_HIGH },
		{ WB_OP_DELETE, WB_KIND_TABLE, WB_WITH_WHERE, false, WB_RISK_LOW },
		{ WB_OP_RENAME, WB_KIND_COLUMN, 0, false, WB_RISK_MEDIUM },
		{ WB_OP_DROP, WB_KIND_TRIGGER, 0, false, WB_RISK_LOW },
		{ WB_OP_COMMENT, WB_KIND_TABLE, 0, false, WB_RISK_LOW },
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(rows); i++) {
		struct try t;
		start(&t, rows[i].op, rows[i].kind, MIB, WB_LOCK_ROW_EXCLUSIVE, 0);
		t.op.flags = rows[i].flags;
		assess(&t);
		assert_int_equal(t.a.destroys, rows[i].destroys);
		assert_int_equal(t.a.risk, rows[i].risk);
		wb_arena_done(&t.arena);
	}
}

/* What nobody has seen yet, or what is empty, cannot be missed. */
static void nothing_to_lose(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_DROP, WB_KIND_TABLE, MIB, WB_LOCK_ACCESS_EXCLUSIVE, 0);
	t.touch.made = true;
	assess(&t);
	assert_int_equal(t.a.risk, WB_RISK_LOW);
	assert_false(t.a.destroys);
	wb_arena_done(&t.arena);
	start(&t, WB_OP_DROP, WB_KIND_TABLE, 0, WB_LOCK_ACCESS_EXCLUSIVE, 0);
	assess(&t);
	assert_int_equal(t.a.risk, WB_RISK_MEDIUM);
	assert_false(t.a.destroys);
	wb_arena_done(&t.arena);
}

static void unknown(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_CALL, WB_KIND_COUNT, MIB, WB_LOCK_NONE, 0);
	t.effect.unknown = "what the function does";
	t.effect.blocks_writes = t.effect.blocks_reads = WB_UNKNOWN;
	t.effect.scans = WB_UNKNOWN;
	t.effect.bytes_read = -1;
	t.effect.flags = WB_EFFECT_WAITS | WB_EFFECT_MORE;
	assess(&t);
	assert_int_equal(t.a.risk, WB_RISK_MEDIUM);
	assert_int_equal(t.a.estimate_ms, -1);
	assert_int_equal(t.a.downtime, WB_UNKNOWN);
	assert_true(has_note(&t, "not known: what the function does"));
	assert_true(has_note(&t, "older than itself"));
	wb_arena_done(&t.arena);
}

static int assess_again(void *user)
{
	struct try *t = user;
	const struct wb_operations ops = { .v = &t->op, .n = 1 };
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	return wb_assess(&t->effect, &ops, NULL, &a, &t->a, NULL);
}

static void no_memory(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_COLUMN_DROP, WB_KIND_COLUMN, 1200 * MIB, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE);
	t.effect.unknown = "something";
	assert_true(wb_oom_run(assess_again, &t) > 0);
	wb_arena_done(&t.arena);
}

/* ---- who uses it ---- */

static int look_who_in(struct try *t, struct wb_arena *arena)
{
	const struct wb_operations ops = { .v = &t->op, .n = 1 };
	struct wb_world w = { .surveyed = true,
			      .counted_s = 10,
			      .counted_exactly = true,
			      .replicas = 2,
			      .idle_slots = 1,
			      .sees = WB_NO };
	struct wb_world_hold holds[] = {
		{ .relation = &t->relation, .mode = "RowShareLock", .state = "active", .pid = 7, .seconds = 90 },
		{ .relation = &t->relation, .mode = "AccessExclusiveLock", .pid = 8, .seconds = -1 },
	};
	w.holds.v = holds;
	w.holds.n = w.holds.cap = WB_ARRAY_LEN(holds);
	t->relation.told = false;
	t->a.n_notes = 0;
	return wb_activity(&w, &t->effect, &ops, arena, &t->a, NULL);
}

static int look_who(struct try *t)
{
	return look_who_in(t, &t->arena);
}

static int look_again(void *user)
{
	wb_autoarena a = WB_ARENA_INIT;
	return look_who_in(user, &a);
}

static void users(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_COLUMN_TYPE, WB_KIND_TABLE, 10 * MIB, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE);
	t.relation.reads = 50;
	t.relation.writes = 1200;
	t.relation.publications = "feed";
	t.effect.bytes_written = 20 * MIB;
	t.a.risk = WB_RISK_LOW;
	assert_int_equal(look_who(&t), 0);
	assert_true(has_note(&t, "session 7 (active) holds ROW SHARE on app.orders, its transaction open for 1"));
	assert_false(has_note(&t, "session 8"));
	assert_true(
		has_note(&t, "app.orders is read about 5 and written about 120 times a second, on average over 10"));
	assert_true(has_note(&t, "go to 2 replicas, which follow later; readers there wait, too"));
	assert_true(has_note(&t, "1 replication slot that nobody reads"));
	assert_true(has_note(&t, "is published (feed)"));
	assert_int_equal(t.a.risk, WB_RISK_MEDIUM);
	wb_arena_done(&t.arena);
	/* A reader is not in the way of an index; who has locked it all is. */
	start(&t, WB_OP_INDEX_CREATE, WB_KIND_INDEX, 10 * MIB, WB_LOCK_SHARE, WB_WORK_INDEX);
	assert_int_equal(look_who(&t), 0);
	assert_false(has_note(&t, "session 7"));
	assert_true(has_note(&t, "session 8 holds ACCESS EXCLUSIVE on app.orders, since when the role may not see"));
	assert_int_equal(t.a.risk, WB_RISK_LOW);
	wb_arena_done(&t.arena);
}

static void users_no_memory(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_COLUMN_TYPE, WB_KIND_TABLE, 10 * MIB, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_REWRITE);
	t.relation.writes = 1200;
	t.effect.bytes_written = 20 * MIB;
	assert_true(wb_oom_run(look_again, &t) > 0);
	wb_arena_done(&t.arena);
}

/* PostgreSQL's table of conflicts is symmetric; a reader waits for one lock only, and the strongest for all. */
static void conflicts(void **state)
{
	(void)state;
	for (int a = WB_LOCK_ACCESS_SHARE; a < WB_LOCK_COUNT; a++) {
		for (int b = WB_LOCK_ACCESS_SHARE; b < WB_LOCK_COUNT; b++)
			assert_int_equal(wb_lock_conflicts((enum wb_lock)a, (enum wb_lock)b),
					 wb_lock_conflicts((enum wb_lock)b, (enum wb_lock)a));
		assert_true(wb_lock_conflicts(WB_LOCK_ACCESS_EXCLUSIVE, (enum wb_lock)a));
		assert_int_equal(wb_lock_conflicts(WB_LOCK_ACCESS_SHARE, (enum wb_lock)a),
				 a == WB_LOCK_ACCESS_EXCLUSIVE);
	}
	assert_false(wb_lock_conflicts(WB_LOCK_SHARE, WB_LOCK_SHARE));
	assert_true(wb_lock_conflicts(WB_LOCK_SHARE, WB_LOCK_ROW_EXCLUSIVE));
	assert_true(wb_lock_conflicts(WB_LOCK_SHARE_UPDATE_EXCLUSIVE, WB_LOCK_SHARE_UPDATE_EXCLUSIVE));
}

static void settled(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_COLUMN_ADD, WB_KIND_TABLE, 10 * MIB, WB_LOCK_ACCESS_EXCLUSIVE, 0);
	t.touch.work_max = WB_WORK_REWRITE;
	t.effect.rewrites = t.effect.scans = WB_UNKNOWN;
	t.effect.unknown = "whether it is volatile";
	wb_effect_settle(&t.effect, &t.relation, WB_WORK_SCAN);
	assert_int_equal(t.effect.rewrites, WB_NO);
	assert_int_equal(t.effect.scans, WB_YES);
	assert_null(t.effect.unknown);
	wb_effect_settle(&t.effect, &t.relation, WB_WORK_REWRITE);
	assert_int_equal(t.effect.rewrites, WB_YES);
	wb_arena_done(&t.arena);
}

/* What is built anew loses nothing. */
static void comes_back(void **state)
{
	(void)state;
	struct try t;
	start(&t, WB_OP_DROP, WB_KIND_TABLE, MIB, WB_LOCK_ACCESS_EXCLUSIVE, WB_WORK_EMPTY);
	assess(&t);
	assert_int_equal(t.a.risk, WB_RISK_HIGH);
	t.effect.flags |= WB_EFFECT_BACK;
	assess(&t);
	assert_int_equal(t.a.risk, WB_RISK_LOW);
	assert_false(t.a.destroys);
	wb_arena_done(&t.arena);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(wb_risk_name(WB_RISK_LOW), "low");
	assert_string_equal(wb_risk_name(WB_RISK_CRITICAL), "critical");
	assert_string_equal(wb_risk_name((enum wb_risk)77), "unknown");
}

int test_risk(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting),         cmocka_unit_test(size_unknown), cmocka_unit_test(losses),
		cmocka_unit_test(nothing_to_lose), cmocka_unit_test(unknown),      cmocka_unit_test(no_memory),
		cmocka_unit_test(names),           cmocka_unit_test(users),        cmocka_unit_test(users_no_memory),
		cmocka_unit_test(conflicts),       cmocka_unit_test(settled),      cmocka_unit_test(comes_back),
	};
	return cmocka_run_group_tests_name("risk", tests, NULL, NULL);
}
