/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about timeouts, transactions and what cannot be read from the text.
 */
#include "safety/lint.h"

#define LOCK_LONG_MS 10000
#define STATEMENT_SHORT_MS 60000

/* As PostgreSQL reads a setting of time: milliseconds, or with a unit. -1: not such a value. */
static int64_t milliseconds(const char *text)
{
	struct wb_sv t = wb_sv_trim(wb_sv_str(text));
	int64_t ms;
	char buf[40];
	if (t.n >= 2 && t.p[0] == '\'' && t.p[t.n - 1] == '\'')
		t = wb_sv_trim(wb_sv(t.p + 1, t.n - 2));
	if (wb_sv_i64(t, &ms))
		return ms;
	if (wb_sv_ends(t, "min"))
		t.n -= 2;
	size_t n = 0;
	for (size_t i = 0; i < t.n && n + 1 < sizeof(buf); i++) {
		if (t.p[i] != ' ')
			buf[n++] = t.p[i];
	}
	return wb_sv_duration_ms(wb_sv(buf, n), &ms) ? ms : -1;
}

/* The value that holds at the statement: the last SET before it in the file, else that of the section line; -1: none.
 */
static int64_t setting_at(const struct wb_look *l, const char *name, int64_t of_section,
			  const struct wb_lint_stmt **ret_stmt)
{
	int64_t value = of_section;
	*ret_stmt = NULL;
	for (const struct wb_lint_stmt *st = l->file->v; st < l->stmt; st++) {
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *op = &st->ops.v[i];
			if (op->code != WB_OP_SET || !op->object.name || strcmp(op->object.name, name) != 0 ||
			    !op->expr || ((op->flags & WB_WITH_LOCAL) && st->transaction != l->stmt->transaction))
				continue;
			value = milliseconds(op->expr);
			*ret_stmt = st;
		}
	}
	return value;
}

static bool sets(const struct wb_look *l, const char *name)
{
	return l->op->object.name && !strcmp(l->op->object.name, name) && l->op->expr;
}

static int64_t lock_timeout(const struct wb_look *l, const struct wb_lint_stmt **ret_stmt)
{
	return setting_at(l, "lock_timeout", l->stmt->section ? l->stmt->section->options.lock_timeout_ms : -1,
			  ret_stmt);
}

static bool takes_lock(struct wb_look *l, const struct wb_lint_stmt *st)
{
	for (size_t i = 0; i < st->ops.n; i++) {
		if (wb_is_exclusive(&st->ops.v[i]) && !wb_is_new(l, &st->ops.v[i].table))
			return true;
	}
	return false;
}

/* Said once for each strength, where it is first reached. */
static void lock_missing(struct wb_look *l)
{
	const struct wb_lint_stmt *set = NULL;
	struct wb_lint_lock lock = wb_lint_locks(l, l->stmt);
	if (lock.blocks == WB_BLOCKS_NONE || lock_timeout(l, &set) > 0)
		return;
	for (const struct wb_lint_stmt *st = l->file->v; st < l->stmt; st++) {
		if (st->section == l->stmt->section && wb_lint_locks(l, st).blocks >= lock.blocks)
			return;
	}
	struct wb_lint_finding *f =
		wb_find(l, "%s on %s, and no lock_timeout: %s wait behind this for as long as it waits itself",
			lock.lock, lock.on, lock.blocks == WB_BLOCKS_READS ? "reads and writes" : "writes");
	wb_safe(l, f, "SET lock_timeout = '2s';\n%.*s;", WB_SV_ARG(l->stmt->text));
}

static void lock_long(struct wb_look *l)
{
	int64_t ms = sets(l, "lock_timeout") ? milliseconds(l->op->expr) : -1;
	if (ms < 0 || (ms > 0 && ms <= LOCK_LONG_MS))
		return;
	const struct wb_lint_stmt *end = l->file->v + l->file->n;
	bool other = false;
	for (const struct wb_lint_stmt *st = l->stmt + 1; st < end; st++) {
		bool concurrent = st->info.tx == WB_TX_NEVER;
		other |= !concurrent && takes_lock(l, st);
	}
	if (!other)
		return; /* a concurrent build should wait */
	const char *span = ms ? wb_texts(l, "for %lld s", (long long)ms / 1000) : "without end";
	struct wb_lint_finding *f = wb_find(l, "others wait %s behind each lock that this migration waits for", span);
	wb_hint(l, f, "leave it out: Whimbrel waits from 0.2 s to 2 s, and tries again");
	wb_safe(l, f, "SET lock_timeout = '2s';");
}

static void lock_late(struct wb_look *l)
{
	if (!sets(l, "lock_timeout") || !l->stmt->transaction)
		return;
	for (const struct wb_lint_stmt *st = l->file->v; st < l->stmt; st++) {
		if (st->transaction != l->stmt->transaction || !takes_lock(l, st))
			continue;
		struct wb_lint_finding *f = wb_find(l, "line %u has waited for its lock already", st->pos.line);
		wb_hint(l, f, "put it first");
		return;
	}
}

static void concurrent_lock(struct wb_look *l)
{
	const struct wb_lint_stmt *set = NULL;
	int64_t ms = lock_timeout(l, &set);
	if (!(l->op->flags & WB_WITH_CONCURRENTLY) || ms <= 0 || ms > STATEMENT_SHORT_MS * 5)
		return;
	struct wb_lint_finding *f = wb_find(
		l, "lock_timeout also ends its wait for older transactions, and then the index is left invalid");
	wb_hint(l, f, "Whimbrel builds concurrently without one; leave it out%s", set ? "" : " of the section line");
	wb_safe(l, f, "SET lock_timeout = 0;\n%.*s;", WB_SV_ARG(l->stmt->text));
}

static bool is_long(const struct wb_operation *op)
{
	return op->code == WB_OP_CONSTRAINT_VALIDATE || op->code == WB_OP_INDEX_CREATE ||
	       op->code == WB_OP_INDEX_REINDEX || op->code == WB_OP_MATVIEW_REFRESH || op->code == WB_OP_UPDATE ||
	       op->code == WB_OP_DELETE;
}

static void short_statement(struct wb_look *l)
{
	const struct wb_lint_stmt *set = NULL;
	int64_t ms =
		setting_at(l, "statement_timeout", l->stmt->section ? l->stmt->section->options.timeout_ms : -1, &set);
	if (ms <= 0 || ms >= STATEMENT_SHORT_MS || !is_long(l->op) || wb_is_new(l, &l->op->table))
		return;
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &l->op->table, WB_LINT_WARNING),
			   "on a large table this takes longer than %lld s, and is ended then", (long long)ms / 1000);
	wb_hint(l, f, "give what reads a whole table the time it needs");
}

static void statement_missing(struct wb_look *l)
{
	const struct wb_lint_stmt *set = NULL;
	bool is = false;
	int64_t ms =
		setting_at(l, "statement_timeout", l->stmt->section ? l->stmt->section->options.timeout_ms : -1, &set);
	for (size_t i = 0; i < l->stmt->ops.n; i++)
		is |= is_long(&l->stmt->ops.v[i]) && !wb_is_new(l, &l->stmt->ops.v[i].table);
	if (!is || ms > 0)
		return;
	struct wb_lint_finding *f = wb_find(l, "nothing ends this when it takes longer than anybody thought");
	wb_hint(l, f, "write `-- migrate:up timeout:30m`, or set `timeout` in whimbrel.yaml");
}

static void transaction(struct wb_look *l)
{
	if (!l->stmt->info.transaction_control)
		return;
	struct wb_lint_finding *f =
		wb_find(l, "a migration does not begin or end transactions itself: `up` refuses it");
	wb_hint(l, f, "remove the line; `-- migrate:up transaction:false` commits each statement by itself");
}

static void forbidden(struct wb_look *l)
{
	if (l->stmt->info.forbidden)
		wb_find(l, "%s: `up` refuses it", l->stmt->info.forbidden);
}

static void constraints_off(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool role = op->code == WB_OP_SET && sets(l, "session_replication_role") && !strstr(op->expr, "origin");
	bool all = op->code == WB_OP_TRIGGER_ENABLE && op->expr && !strncmp(op->expr, "disable", 7) &&
		   (!op->object.name || !strcmp(op->object.name, "all"));
	if (!role && !all)
		return;
	struct wb_lint_finding *f =
		wb_find(l, "foreign keys and triggers do not act from here on: rows that break them come in unseen");
	wb_hint(l, f, "name the one trigger that is in the way; order the statements so that keys hold");
}

static void dynamic(struct wb_look *l)
{
	wb_unknown(l, "what code run by DO and CALL does");
	wb_find(l, "what this does cannot be read from its text: it was not looked at");
}

static void unknown(struct wb_look *l)
{
	const char *why = l->stmt->ops.unknown;
	wb_unknown(l, "what some statements do");
	wb_find(l, "what this does is not known: %s", why ? why : "it is none of the statements that are understood");
}

static const struct wb_rule rules[] = {
	{ "lock-timeout-missing",
	  WB_LINT_OFF,
	  WB_RULE_POSTGRES,
	  WB_EACH_STATEMENT,
	  { 0 },
	  lock_missing,
	  "lock_timeout is set before the first lock",
	  "A statement that waits for a strong lock makes everybody wait who comes later, readers too. Whimbrel's own "
	  "runs always set a short "
	  "lock_timeout and try again, so this is off; switch it on for files that other tools run, too.",
	  "ALTER TABLE users ADD COLUMN email text;",
	  "SET lock_timeout = '2s';\nALTER TABLE users ADD COLUMN email text;" },
	{ "lock-timeout-long",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_SET },
	  lock_long,
	  "lock_timeout is short",
	  "For as long as a statement waits for its lock, all who come later wait behind it: the application stands "
	  "still for that long. "
	  "0 means without end.",
	  "SET lock_timeout = 0;\nALTER TABLE users ADD COLUMN email text;",
	  "SET lock_timeout = '2s';\nALTER TABLE users ADD COLUMN email text;" },
	{ "lock-timeout-late",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_SET },
	  lock_late,
	  "lock_timeout stands before the first statement that locks",
	  "It holds for statements after it, not for the one that has waited already.",
	  "ALTER TABLE users ADD COLUMN email text;\nSET lock_timeout = '2s';",
	  "SET lock_timeout = '2s';\nALTER TABLE users ADD COLUMN email text;" },
	{ "concurrently-lock-timeout",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE, WB_OP_INDEX_DROP, WB_OP_INDEX_REINDEX },
	  concurrent_lock,
	  "No short lock_timeout around CONCURRENTLY",
	  "A concurrent build waits for every transaction that is older than itself, without blocking anybody "
	  "meanwhile. lock_timeout counts that wait, "
	  "too: the build is cancelled and leaves an INVALID index.",
	  "-- migrate:up transaction:false\nSET lock_timeout = '2s';\nCREATE INDEX CONCURRENTLY users_email ON users "
	  "(email);",
	  "-- migrate:up transaction:false\nSET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY users_email ON users "
	  "(email);" },
	{ "statement-timeout-short",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_CONSTRAINT_VALIDATE, WB_OP_INDEX_CREATE, WB_OP_INDEX_REINDEX, WB_OP_MATVIEW_REFRESH, WB_OP_UPDATE,
	    WB_OP_DELETE },
	  short_statement,
	  "What reads a whole table has the time it needs",
	  "VALIDATE CONSTRAINT and index builds take as long as the table is large, and keep nobody away. A "
	  "statement_timeout meant for short statements "
	  "ends them on the large database only.",
	  "SET statement_timeout = '3s';\nALTER TABLE orders VALIDATE CONSTRAINT orders_positive;",
	  "SET statement_timeout = 0;\nALTER TABLE orders VALIDATE CONSTRAINT orders_positive;" },
	{ "statement-timeout-missing",
	  WB_LINT_OFF,
	  WB_RULE_POSTGRES,
	  WB_EACH_STATEMENT,
	  { 0 },
	  statement_missing,
	  "What may take long has an end",
	  "Off unless switched on: `timeout` in whimbrel.yaml and on section lines ends a migration as a whole.",
	  "UPDATE users SET state = 'new' WHERE state IS NULL;",
	  "-- migrate:up timeout:30m\nUPDATE users SET state = 'new' WHERE state IS NULL;" },
	{ "transaction-control",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  transaction,
	  "No BEGIN, COMMIT or ROLLBACK",
	  "Whimbrel opens the transaction, and commits the migration together with its entry in the journal. A COMMIT "
	  "of the file's own would "
	  "part the two.",
	  "BEGIN;\nCREATE TABLE notes (id integer PRIMARY KEY);\nCOMMIT;",
	  "CREATE TABLE notes (id integer PRIMARY KEY);" },
	{ "forbidden-statement",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  forbidden,
	  "Nothing that a migration may not hold",
	  "Some statements would take the connection out of Whimbrel's hands: another user, a read-only transaction, "
	  "another file.",
	  "SET SESSION AUTHORIZATION app;",
	  "SET ROLE app;" },
	{ "constraints-off",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_SET, WB_OP_TRIGGER_ENABLE },
	  constraints_off,
	  "Foreign keys and triggers stay switched on",
	  "With session_replication_role = replica, or DISABLE TRIGGER ALL, rows that break foreign keys are taken, "
	  "and "
	  "nothing checks them afterwards.",
	  "SET session_replication_role = replica;",
	  "ALTER TABLE orders DISABLE TRIGGER orders_audit;" },
	{ "dynamic-sql",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_CALL },
	  dynamic,
	  "Statements stand in the file, not in code",
	  "What a DO block or a procedure runs is known only when it runs. Nothing that these rules are about is seen "
	  "in it.",
	  "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$;",
	  "CREATE TABLE notes (id bigint PRIMARY KEY);" },
	{ "unknown-statement",
	  WB_LINT_INFO,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_UNKNOWN },
	  unknown,
	  "Statements are understood",
	  "PostgreSQL's statements are read with the grammar of version 15: what a newer server adds is not known, and "
	  "very large "
	  "statements are not taken apart. With a database, `validate` lets the server check them. SQLite's are tried "
	  "by SQLite itself.",
	  "ALTER TABLE t ADD PERIOD FOR SYSTEM_TIME (a, b);",
	  "CREATE TABLE t (a int, b int);" },
};
const struct wb_rules wb_rules_session = { rules, WB_ARRAY_LEN(rules) };
