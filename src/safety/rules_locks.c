/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about statements that keep readers or writers away while they work.
 */
#include "safety/lint.h"

static void index_create(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_table *t = wb_made(l, &op->table);
	bool partitioned = (t && t->partitioned) || wb_ask(l, WB_ASK_PARTITIONED) == WB_YES;
	if ((op->flags & (WB_WITH_CONCURRENTLY | WB_WITH_ONLY | WB_WITH_INLINE)) || wb_is_new(l, &op->table))
		return;
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR), "writes to %s%s wait until the index is built",
			   wb_shown(l, &op->table), wb_size(l, &op->table));
	if (!partitioned) {
		wb_hint(l, f,
			"build it concurrently, in a migration of its own with `-- migrate:up transaction:false`");
		wb_safe(l, f, "%s", wb_with(l, "INDEX", " CONCURRENTLY"));
		return;
	}
	wb_hint(l, f,
		"partitioned tables know no CONCURRENTLY: make it ON ONLY the parent, concurrently on each "
		"partition, and attach these with ALTER INDEX … ATTACH PARTITION");
	wb_safe(l, f, "%s", wb_with(l, "ON", " ONLY"));
}

static void index_drop(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_table *t = wb_seen_of_index(&l->run->seen, &op->object);
	bool here = t && (t->temporary || (t->file == l->file->number && !wb_goes_down(l)));
	if ((op->flags & (WB_WITH_CONCURRENTLY | WB_WITH_CASCADE)) || here || (t && t->partitioned))
		return;
	struct wb_lint_finding *f = wb_find(l,
					    "readers and writers of the table wait while index %s is dropped, and for "
					    "as long as it waits for its lock itself",
					    wb_shown(l, &op->object));
	wb_safe(l, f, "%s", wb_with(l, "INDEX", " CONCURRENTLY"));
}

static void reindex(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_name *what = op->object.name ? &op->object : &op->table;
	if ((op->flags & WB_WITH_CONCURRENTLY) || wb_is_new(l, &op->table))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "REINDEX keeps writes away from the table%s%s, and whoever wants to use the index",
			what->name ? " of " : "", what->name ? wb_shown(l, what) : "");
	size_t at = wb_word_at(l, "INDEX", 0), table = wb_word_at(l, "TABLE", 0), schema = wb_word_at(l, "SCHEMA", 0);
	const char *word = at != SIZE_MAX       ? "INDEX"
			   : table != SIZE_MAX  ? "TABLE"
			   : schema != SIZE_MAX ? "SCHEMA"
						: "DATABASE";
	wb_safe(l, f, "%s", wb_with(l, word, " CONCURRENTLY"));
}

static void refresh(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if ((op->flags & (WB_WITH_CONCURRENTLY | WB_WITH_NO_DATA)) || wb_is_new(l, &op->object))
		return;
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->object, WB_LINT_ERROR), "readers of %s%s wait until it is filled anew",
			   wb_shown(l, &op->object), wb_size(l, &op->object));
	wb_hint(l, f, "CONCURRENTLY needs a unique index without a condition on it");
	wb_safe(l, f, "%s", wb_with(l, "VIEW", " CONCURRENTLY"));
}

static enum wb_tri has_unique(struct wb_look *l)
{
	const struct wb_seen_table *t = wb_made(l, &l->op->object);
	for (const struct wb_seen_index *ix = t ? t->indexes : NULL; ix; ix = ix->next) {
		if (ix->unique && !ix->partial)
			return WB_YES;
	}
	return t ? WB_NO : wb_ask(l, WB_ASK_UNIQUE_INDEX);
}

static void refresh_unique(struct wb_look *l)
{
	if (!(l->op->flags & WB_WITH_CONCURRENTLY))
		return;
	enum wb_tri unique = has_unique(l);
	const char *name = wb_ref(l, &l->op->object);
	if (unique == WB_UNKNOWN)
		wb_unknown(l, "which indexes a materialized view has");
	if (unique != WB_NO)
		return;
	struct wb_lint_finding *f = wb_find(l, "%s has no unique index, so it cannot be refreshed concurrently",
					    wb_shown(l, &l->op->object));
	wb_safe(l, f, "CREATE UNIQUE INDEX ON %s (…);\n%s", name, wb_with(l, "VIEW", ""));
}

static void vacuum_full(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	struct wb_lint_finding *f = wb_find(
		l, "%s is written anew while nobody can read or write it",
		op->table.name ? wb_texts(l, "%s%s", wb_shown(l, &op->table), wb_size(l, &op->table)) : "every table");
	wb_hint(l, f, "a plain VACUUM lets its space be used again; pg_repack gives it back without the lock");
	if (op->table.name)
		wb_safe(l, f, "VACUUM (ANALYZE) %s;", wb_ref(l, &op->table));
}

static void table_rewrite(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (wb_is_new(l, &op->table) || wb_ask(l, WB_ASK_SAME) == WB_YES)
		return;
	if (op->kind == WB_KIND_INDEX) {
		wb_find(l, "%s: index %s is copied, and nobody can use its table meanwhile", wb_op_name(op->code),
			wb_shown(l, &op->object));
		return;
	}
	struct wb_lint_finding *f = wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR),
					       "%s: all of %s%s is copied while nobody can read or write it",
					       wb_op_name(op->code), wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f, "pg_repack does it without the lock; or make a new table, fill it in batches and rename");
}

static void trigger_lock(struct wb_look *l)
{
	if (wb_is_new(l, &l->op->table))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "writes to %s wait while this waits for its lock", wb_shown(l, &l->op->table));
	wb_hint(l, f, "keep it in a migration of its own, away from what takes time");
}

static void lock_table(struct wb_look *l)
{
	wb_find(l, "%s stays locked until the migration has committed", wb_shown(l, &l->op->table));
}

/* Of the statements before, in the same transaction: the lock that keeps readers away. */
static const struct wb_operation *exclusive_before(struct wb_look *l, const struct wb_lint_stmt **ret_stmt)
{
	for (const struct wb_lint_stmt *st = l->stmt; st-- > l->file->v;) {
		if (!st->transaction || st->transaction != l->stmt->transaction)
			continue;
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *op = &st->ops.v[i];
			if (!wb_is_exclusive(op) || wb_is_new(l, &op->table))
				continue;
			*ret_stmt = st;
			return op;
		}
	}
	return NULL;
}

static void work_under_lock(struct wb_look *l)
{
	const struct wb_operation *op = l->op, *lock;
	const struct wb_lint_stmt *st = NULL;
	bool reads = op->code != WB_OP_INSERT || op->other.name || wb_word_at(l, "SELECT", 0) != SIZE_MAX;
	if (!reads || wb_is_new(l, &op->table) || !(lock = exclusive_before(l, &st)))
		return;
	if (op->code == WB_OP_CONSTRAINT_VALIDATE && wb_same_name(l, &lock->table, &op->table))
		return; /* validate-separately says it */
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR),
			   "%s of %s%s runs while %s is locked against readers by line %u", wb_op_name(op->code),
			   wb_shown(l, &op->table), wb_size(l, &op->table), wb_shown(l, &lock->table), st->pos.line);
	wb_hint(l, f, "put it into a migration of its own, or into a `-- migrate:backfill` section");
}

static bool is_action(const struct wb_operation *op)
{
	return op->code >= WB_OP_COLUMN_ADD && op->code <= WB_OP_CONSTRAINT_DROP && !(op->flags & WB_WITH_INLINE) &&
	       op->code != WB_OP_CONSTRAINT_VALIDATE;
}

static void combine(struct wb_look *l)
{
	const struct wb_lint_stmt *st = l->stmt, *before = st - 1;
	if (st == l->file->v || !st->ops.n || !before->ops.n || !st->transaction ||
	    before->transaction != st->transaction || !is_action(&st->ops.v[0]) || !is_action(&before->ops.v[0]) ||
	    strcmp(st->info.command, "ALTER TABLE") != 0 || strcmp(before->info.command, "ALTER TABLE") != 0 ||
	    !wb_same_name(l, &st->ops.v[0].table, &before->ops.v[0].table) || wb_is_new(l, &st->ops.v[0].table))
		return;
	struct wb_sv more = wb_actions(l, st);
	struct wb_lint_finding *f =
		wb_find(l, "%s is altered by two statements that could be one", wb_shown(l, &st->ops.v[0].table));
	wb_safe(l, f, "%.*s,\n  %.*s;", WB_SV_ARG(before->text), WB_SV_ARG(more));
}

static void cut(struct wb_look *l)
{
	const struct wb_lint_stmt *st = l->stmt;
	size_t beside = 0;
	bool said = st->section && st->section->options.transaction == WB_NO;
	for (size_t i = 0; i < l->file->n; i++) {
		const struct wb_lint_stmt *other = &l->file->v[i];
		bool down = other->section && other->section->kind == WB_SEC_DOWN;
		beside += other != st && down == wb_goes_down(l) && other->transaction;
	}
	if (st->info.tx != WB_TX_NEVER || said || !beside)
		return;
	struct wb_lint_finding *f =
		wb_find(l,
			"%s cannot run in a transaction: the file commits in pieces around it, and what "
			"has run stays when the rest fails",
			*st->info.command ? st->info.command : "the statement");
	wb_hint(l, f, "give it a migration of its own, or say that it is meant: `-- migrate:%s transaction:false`",
		wb_goes_down(l) ? "down" : "up");
}

static void hides_invalid(struct wb_look *l)
{
	unsigned both = WB_WITH_CONCURRENTLY | WB_WITH_IF_EXISTS;
	if ((l->op->flags & both) != both || l->op->code != WB_OP_INDEX_CREATE)
		return;
	struct wb_lint_finding *f =
		wb_find(l, "IF NOT EXISTS keeps an index that a build left invalid, and nobody notices");
	wb_hint(l, f, "Whimbrel clears away what a build of its own left; leave IF NOT EXISTS out");
	if (f && wb_word_at(l, "EXISTS", 0) != SIZE_MAX) {
		size_t at = wb_word_at(l, "IF", 0), to = wb_word_at(l, "EXISTS", 0) + 7;
		struct wb_sv s = l->stmt->text;
		wb_safe(l, f, "%.*s%.*s;", (int)at, s.p, WB_SV_ARG(wb_sv(s.p + to, to < s.n ? s.n - to : 0)));
	}
}

static void on_partitioned(struct wb_look *l)
{
	const struct wb_seen_table *t = wb_made(l, &l->op->table);
	bool partitioned = (t && t->partitioned) || wb_ask(l, WB_ASK_PARTITIONED) == WB_YES;
	if (!(l->op->flags & WB_WITH_CONCURRENTLY) || (l->op->flags & WB_WITH_ONLY) || !partitioned)
		return;
	struct wb_lint_finding *f =
		wb_find(l, "%s is partitioned: PostgreSQL refuses CONCURRENTLY on it", wb_shown(l, &l->op->table));
	wb_hint(l, f, "make the index ON ONLY the parent, concurrently on each partition, and attach these");
}

static void early_14(struct wb_look *l)
{
	int v = wb_server(l);
	if (!v || v < 140000 || v >= 140004 || !(l->op->flags & WB_WITH_CONCURRENTLY))
		return;
	struct wb_lint_finding *f = wb_find(l, "PostgreSQL 14.%d builds corrupt indexes concurrently", v % 100);
	wb_hint(l, f, "update the server to 14.4 or later first");
}

static const struct wb_rule rules[] = {
	{ "index-concurrently",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE },
	  index_create,
	  "An index on a table in use is built concurrently",
	  "CREATE INDEX holds a SHARE lock for as long as it reads the table: readers go on, every write waits. Built "
	  "CONCURRENTLY it lets writers through; it reads the table twice and cannot run in a transaction.",
	  "CREATE INDEX orders_customer ON orders (customer_id);",
	  "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);" },
	{ "drop-index-concurrently",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_LOCK | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_DROP },
	  index_drop,
	  "An index is dropped concurrently",
	  "DROP INDEX takes ACCESS EXCLUSIVE on the table. It is short once it has the lock, but while it waits for a "
	  "long "
	  "query to end, everybody who comes later waits behind it.",
	  "DROP INDEX orders_customer;",
	  "-- migrate:up transaction:false\nDROP INDEX CONCURRENTLY orders_customer;" },
	{ "reindex-concurrently",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_REINDEX },
	  reindex,
	  "Indexes are rebuilt concurrently",
	  "REINDEX keeps writes away from the table and takes ACCESS EXCLUSIVE on each index while it builds it: "
	  "queries "
	  "that would use the index wait, and planning any query looks at every index. Since PostgreSQL 12 there is "
	  "REINDEX CONCURRENTLY.",
	  "REINDEX TABLE orders;",
	  "-- migrate:up transaction:false\nREINDEX TABLE CONCURRENTLY orders;" },
	{ "refresh-concurrently",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_MATVIEW_REFRESH },
	  refresh,
	  "A materialized view in use is refreshed concurrently",
	  "REFRESH MATERIALIZED VIEW takes ACCESS EXCLUSIVE: nobody reads the view while its query runs. CONCURRENTLY "
	  "lets "
	  "readers go on; it needs a unique index that covers all rows.",
	  "REFRESH MATERIALIZED VIEW daily_costs;",
	  "REFRESH MATERIALIZED VIEW CONCURRENTLY daily_costs;" },
	{ "refresh-unique-index",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_MATVIEW_REFRESH },
	  refresh_unique,
	  "REFRESH … CONCURRENTLY needs a unique index",
	  "PostgreSQL refuses to refresh concurrently a materialized view that has no unique index on columns, without "
	  "a "
	  "WHERE. The migration fails when it gets there.",
	  "CREATE MATERIALIZED VIEW daily_costs AS SELECT day, sum(cost) AS cost FROM costs GROUP BY day;\n"
	  "REFRESH MATERIALIZED VIEW CONCURRENTLY daily_costs;",
	  "CREATE MATERIALIZED VIEW daily_costs AS SELECT day, sum(cost) AS cost FROM costs GROUP BY day;\n"
	  "CREATE UNIQUE INDEX daily_costs_day ON daily_costs (day);\nREFRESH MATERIALIZED VIEW CONCURRENTLY "
	  "daily_costs;" },
	{ "vacuum-full",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_VACUUM_FULL, WB_OP_TABLE_CLUSTER },
	  vacuum_full,
	  "No VACUUM FULL, no CLUSTER",
	  "Both write the table and its indexes anew under ACCESS EXCLUSIVE: the table is away for as long as that "
	  "takes.",
	  "VACUUM FULL orders;",
	  "VACUUM (ANALYZE) orders;" },
	{ "table-rewrite",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_SET_LOGGED, WB_OP_TABLE_SET_UNLOGGED, WB_OP_TABLE_SET_ACCESS_METHOD,
	    WB_OP_TABLE_SET_TABLESPACE },
	  table_rewrite,
	  "A table in use is not moved or rewritten as a whole",
	  "SET LOGGED, SET UNLOGGED, SET ACCESS METHOD and SET TABLESPACE copy all of a table under ACCESS EXCLUSIVE. "
	  "To "
	  "older snapshots a rewritten table looks empty.",
	  "ALTER TABLE orders SET TABLESPACE fast;",
	  "CREATE TABLE orders_fast (LIKE orders INCLUDING ALL) TABLESPACE fast;" },
	{ "trigger-lock",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES | WB_RULE_LOCK,
	  WB_EACH_OPERATION,
	  { WB_OP_TRIGGER_CREATE, WB_OP_TRIGGER_ENABLE },
	  trigger_lock,
	  "Triggers are made and switched by themselves",
	  "CREATE TRIGGER and ENABLE or DISABLE TRIGGER take SHARE ROW EXCLUSIVE: writes wait, and so does whoever "
	  "comes "
	  "while it waits for its lock itself. It is short, as long as nothing else in the transaction takes time.",
	  "CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();",
	  "CREATE TABLE orders (id bigint PRIMARY KEY, changed timestamptz);\nCREATE TRIGGER orders_touch BEFORE "
	  "UPDATE ON "
	  "orders FOR EACH ROW EXECUTE FUNCTION touch();" },
	{ "lock-table",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_LOCK },
	  lock_table,
	  "Tables are not locked by hand",
	  "LOCK TABLE holds its lock until the transaction ends: everything after it in the file counts. Statements "
	  "take "
	  "the locks that they need themselves.",
	  "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;\nUPDATE orders SET state = 'open' WHERE state IS NULL;",
	  "UPDATE orders SET state = 'open' WHERE state IS NULL;" },
	{ "work-under-lock",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_UPDATE, WB_OP_DELETE, WB_OP_INSERT, WB_OP_MERGE, WB_OP_CONSTRAINT_VALIDATE, WB_OP_COPY_IN },
	  work_under_lock,
	  "Rows are not worked on while a table is locked against readers",
	  "A lock is held until the transaction ends. After ALTER TABLE has taken ACCESS EXCLUSIVE, every row that is "
	  "updated or checked in the same transaction prolongs the time in which nobody can read the table.",
	  "ALTER TABLE users ADD COLUMN full_name text;\nUPDATE users SET full_name = first_name || ' ' || last_name "
	  "WHERE "
	  "full_name IS NULL;",
	  "ALTER TABLE users ADD COLUMN full_name text;" },
	{ "combine-alters",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES,
	  WB_EACH_STATEMENT,
	  { 0 },
	  combine,
	  "Changes of one table are one ALTER TABLE",
	  "Each ALTER TABLE waits for its lock anew, and two that scan or rewrite do it twice. Actions joined by "
	  "commas "
	  "share the lock and one walk over the rows.",
	  "ALTER TABLE users ADD COLUMN city text;\nALTER TABLE users ADD COLUMN street text;",
	  "ALTER TABLE users\n  ADD COLUMN city text,\n  ADD COLUMN street text;" },
	{ "transaction-cut",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  cut,
	  "What refuses transactions stands in a file of its own",
	  "Some statements cannot run in a transaction (VACUUM, PostgreSQL's CONCURRENTLY, …). Whimbrel runs them "
	  "between "
	  "transactions, "
	  "each recorded, so that it can go on after a failure; but the file is then no longer all or nothing.",
	  "ALTER TABLE users ADD COLUMN email text;\nVACUUM;",
	  "-- migrate:up transaction:false\nVACUUM;" },
	{ "concurrently-if-not-exists",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE },
	  hides_invalid,
	  "CREATE INDEX CONCURRENTLY without IF NOT EXISTS",
	  "A concurrent build that fails leaves an INVALID index, which costs every write and helps no query. IF NOT "
	  "EXISTS "
	  "finds it and is content.",
	  "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email);",
	  "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY users_email ON users (email);" },
	{ "concurrently-partitioned",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE },
	  on_partitioned,
	  "A partitioned table's index is built partition by partition",
	  "CREATE INDEX CONCURRENTLY is refused on a partitioned table. Made ON ONLY the parent the index costs "
	  "nothing; it "
	  "becomes valid when the index of every partition, built concurrently, is attached.",
	  "CREATE TABLE logs (at timestamptz NOT NULL) PARTITION BY RANGE (at);\n-- migrate:up "
	  "transaction:false\nCREATE INDEX "
	  "CONCURRENTLY logs_at ON logs (at);",
	  "CREATE TABLE logs (at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE INDEX logs_at ON ONLY logs "
	  "(at);" },
	{ "blocking-work",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH,
	  WB_EACH_OPERATION,
	  { 0 },
	  NULL,
	  "Nothing works on a table while others wait for it",
	  "With a database, every operation is judged by the locks it takes and the rows it has to touch there. What "
	  "keeps "
	  "others away while it reads or writes all rows, and none of the other rules is about, is told here; of "
	  "SQLite, "
	  "where others only write later, as a warning.",
	  NULL,
	  NULL },
	{ "concurrently-14-bug",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE, WB_OP_INDEX_REINDEX },
	  early_14,
	  "No concurrent index builds on PostgreSQL 14.0 to 14.3",
	  "These versions could leave rows out of an index that was built or rebuilt concurrently. Only a live server "
	  "tells "
	  "its version: without a database nothing is said.",
	  NULL,
	  NULL },
};
const struct wb_rules wb_rules_locks = { rules, WB_ARRAY_LEN(rules) };
