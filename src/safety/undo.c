/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a migration for its undo: a table says of each operation what becomes
 * of it and which statement is its inverse. What is done to something that the
 * migration itself has made goes with it; what is done to anything else either
 * has an inverse that the text tells, or needs the schema as it was before.
 */
#include "safety/undo.h"
#include "safety/undo_names.h"

#include <stdarg.h>

#include "base/banned.h"

/* What an operation means for the way back. */
enum act {
	NOTHING, /* leaves nothing behind that would have to be undone */
	MAKES, /* an object of its own */
	ADDS, /* a part of a table, or what belongs to one */
	MOVES, /* changes a name */
	ALTERS, /* only the schema before tells how it was */
	DROPS, /* the same; and rows may go */
	ROWS, /* rows are added, changed or gone */
	READS, /* a query: functions that it calls may do anything */
	SETS, /* a setting */
	NEVER
};

struct rule {
	enum act act;
	const char *inverse; /* see wb_undo_fill(); NULL: none that the text tells */
	const char *why; /* of ROWS, DROPS and NEVER: the statement "…" */
};

static const struct rule rules[WB_OP_COUNT] = {
	[WB_OP_TABLE_CREATE] = { MAKES, "DROP {kind} {name}", NULL },
	[WB_OP_TABLE_CREATE_AS] = { MAKES, "DROP {kind} {name}", NULL },
	[WB_OP_TABLE_ATTACH] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_DETACH] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_DETACH_FINALIZE] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_INHERIT] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_OF_TYPE] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_SET_LOGGED] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_SET_UNLOGGED] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_SET_ACCESS_METHOD] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_SET_TABLESPACE] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_SET_OPTIONS] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_REPLICA_IDENTITY] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_ROW_SECURITY] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_CLUSTER_ON] = { ALTERS, NULL, NULL },
	[WB_OP_TABLE_TRUNCATE] = { ROWS, NULL, "deletes the rows of" },
	[WB_OP_TABLE_LOCK] = { NOTHING, NULL, NULL },
	[WB_OP_TABLE_CLUSTER] = { NOTHING, NULL, NULL },
	[WB_OP_TABLE_VACUUM] = { NOTHING, NULL, NULL },
	[WB_OP_TABLE_VACUUM_FULL] = { NOTHING, NULL, NULL },
	[WB_OP_TABLE_ANALYZE] = { NOTHING, NULL, NULL },
	[WB_OP_COLUMN_ADD] = { ADDS, "ALTER TABLE {table} DROP COLUMN {part}", NULL },
	[WB_OP_COLUMN_DROP] = { DROPS, NULL, "drops a column with its values from" },
	[WB_OP_COLUMN_TYPE] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_SET_DEFAULT] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_DROP_DEFAULT] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_SET_NOT_NULL] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_DROP_NOT_NULL] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_ADD_IDENTITY] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_SET_IDENTITY] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_DROP_IDENTITY] = { DROPS, NULL, "forgets how far the identity has counted of" },
	[WB_OP_COLUMN_SET_EXPRESSION] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_DROP_EXPRESSION] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_SET_STATISTICS] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_SET_OPTIONS] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_SET_STORAGE] = { ALTERS, NULL, NULL },
	[WB_OP_COLUMN_SET_COMPRESSION] = { ALTERS, NULL, NULL },
	[WB_OP_CHECK_ADD] = { ADDS, "ALTER TABLE {table} DROP CONSTRAINT {part}", NULL },
	[WB_OP_NOT_NULL_ADD] = { ALTERS, NULL, NULL },
	[WB_OP_FOREIGN_KEY_ADD] = { ADDS, "ALTER TABLE {table} DROP CONSTRAINT {part}", NULL },
	[WB_OP_UNIQUE_ADD] = { ADDS, "ALTER TABLE {table} DROP CONSTRAINT {part}", NULL },
	/* It makes its columns NOT NULL, too. */
	[WB_OP_PRIMARY_KEY_ADD] = { ALTERS, NULL, NULL },
	[WB_OP_EXCLUDE_ADD] = { ADDS, "ALTER TABLE {table} DROP CONSTRAINT {part}", NULL },
	[WB_OP_CONSTRAINT_VALIDATE] = { ALTERS, NULL, NULL },
	[WB_OP_CONSTRAINT_ALTER] = { ALTERS, NULL, NULL },
	[WB_OP_CONSTRAINT_DROP] = { ALTERS, NULL, NULL },
	[WB_OP_INDEX_CREATE] = { ADDS, "DROP INDEX{ concurrently} {beside}", NULL },
	[WB_OP_INDEX_DROP] = { DROPS, NULL, NULL },
	[WB_OP_INDEX_REINDEX] = { NOTHING, NULL, NULL },
	[WB_OP_INDEX_ATTACH] = { ALTERS, NULL, NULL },
	[WB_OP_TRIGGER_CREATE] = { ADDS, "DROP TRIGGER {part}{ on}", NULL },
	[WB_OP_TRIGGER_ENABLE] = { ALTERS, NULL, NULL },
	[WB_OP_RULE_CREATE] = { ADDS, "DROP RULE {part} ON {table}", NULL },
	[WB_OP_RULE_ENABLE] = { ALTERS, NULL, NULL },
	[WB_OP_POLICY_CREATE] = { ADDS, "DROP POLICY {part} ON {table}", NULL },
	[WB_OP_POLICY_ALTER] = { ALTERS, NULL, NULL },
	[WB_OP_DOMAIN_CONSTRAINT_ADD] = { ALTERS, NULL, NULL },
	[WB_OP_DOMAIN_CONSTRAINT_VALIDATE] = { ALTERS, NULL, NULL },
	[WB_OP_DOMAIN_ALTER] = { ALTERS, NULL, NULL },
	[WB_OP_ENUM_ADD_VALUE] = { ALTERS, NULL, NULL },
	[WB_OP_ENUM_RENAME_VALUE] = { MOVES, "ALTER TYPE {name} RENAME VALUE {new'} TO {old'}", NULL },
	[WB_OP_TYPE_ALTER] = { ALTERS, NULL, NULL },
	[WB_OP_CREATE] = { MAKES, "DROP {kind} {name}{arguments}", NULL },
	[WB_OP_DROP] = { DROPS, NULL, "drops it with what is in it:" },
	[WB_OP_RENAME] = { MOVES, "ALTER {renamed}", NULL },
	[WB_OP_SET_SCHEMA] = { MOVES, "ALTER {kind} {moved}{arguments} SET SCHEMA {schema}", NULL },
	[WB_OP_OWNER] = { ALTERS, NULL, NULL },
	[WB_OP_COMMENT] = { ALTERS, NULL, NULL },
	[WB_OP_PRIVILEGES] = { ALTERS, NULL, NULL },
	[WB_OP_ALTER] = { ALTERS, NULL, NULL },
	[WB_OP_MATVIEW_REFRESH] = { ALTERS, NULL, NULL }, /* it may have been without rows */
	[WB_OP_PUBLICATION_TABLE] = { ALTERS, NULL, NULL },
	[WB_OP_EXTENSION_UPDATE] = { ALTERS, NULL, NULL },
	[WB_OP_SELECT] = { READS, NULL, NULL },
	[WB_OP_INSERT] = { ROWS, NULL, "adds rows to" },
	[WB_OP_UPDATE] = { ROWS, NULL, "changes rows of" },
	[WB_OP_DELETE] = { ROWS, NULL, "deletes rows of" },
	[WB_OP_MERGE] = { ROWS, NULL, "changes rows of" },
	[WB_OP_COPY_IN] = { ROWS, NULL, "adds rows to" },
	[WB_OP_COPY_OUT] = { NOTHING, NULL, NULL },
	[WB_OP_SET] = { SETS, NULL, NULL },
	[WB_OP_TRANSACTION] = { NOTHING, NULL, NULL },
	[WB_OP_CALL] = { NEVER, NULL, "runs code of which the text does not tell what it does" },
	[WB_OP_DATABASE] = { NEVER, NULL, "changes more than this database's schema" },
	[WB_OP_UNKNOWN] = { NEVER, NULL, "does what cannot be read from its text" },
};

void wb_undo_start(struct wb_undo *u, enum wb_dialect dialect)
{
	*u = (struct wb_undo){ .arena = WB_ARENA_INIT,
			       .dialect = dialect,
			       .path = dialect == WB_DIALECT_SQLITE ? "main" : "public" };
}

void wb_undo_done(struct wb_undo *u)
{
	wb_vec_done(&u->asks);
	wb_vec_done(&u->conditions);
	wb_vec_done(&u->steps);
	wb_vec_done(&u->backs);
	wb_vec_done(&u->kept);
	wb_vec_done(&u->session);
	wb_vec_done(&u->touched);
	wb_vec_done(&u->moved);
	wb_map_done(&u->made);
	wb_arena_done(&u->arena);
}

int wb_undo_refuse(struct wb_undo *u, const char *fmt, ...)
{
	wb_autostr s = WB_STR_INIT;
	va_list ap;

	if (u->why)
		return 0;
	va_start(ap, fmt);
	wb_str_vaddf(&s, fmt, ap);
	va_end(ap);
	u->way = WB_UNDO_NONE;
	u->why = s.failed ? NULL : wb_arena_sv(&u->arena, wb_str_sv(&s));
	if (!u->why)
		u->why = "memory has run out";
	return 0;
}

/* ---- one operation ------------------------------------------------------------------ */

struct seeing {
	struct wb_undo *u;
	const struct wb_operation *op;
	const struct rule *rule;
	struct wb_sv statement;
	struct wb_error *err;
};

static void need(struct wb_undo *u, enum wb_undo_way way)
{
	u->way = u->way < way ? way : u->way;
}

static bool has(const struct seeing *s, uint32_t flag)
{
	return s->op->flags & flag;
}

/* What the operation is about: operations on tables have it in `table`. */
static struct wb_name subject(const struct wb_operation *op)
{
	return op->object.name ? op->object : op->table;
}

/* No kind of the schemas that are looked at, so that nothing would show what has changed. */
static bool is_unseen(const struct wb_operation *op)
{
	return op->noun && wb_undo_kind(op) == WB_KIND_COUNT && strcmp(op->noun, "attribute") != 0 &&
	       strcmp(op->noun, "routine") != 0;
}

static const char *keep(struct seeing *s, const char *text)
{
	return text ? wb_arena_str(&s->u->arena, text) : NULL;
}

/* Operations live as long as their statement. */
static struct wb_name keep_name(struct seeing *s, struct wb_name n)
{
	return (struct wb_name){ keep(s, n.schema), keep(s, n.name) };
}

static int touch(struct seeing *s, enum wb_kind kind, struct wb_name table, struct wb_name object)
{
	struct wb_undo_ask t = { kind, keep_name(s, table), keep_name(s, object) };

	return wb_vec_push(&s->u->touched, t) ? 0 : wb_err_nomem(s->err);
}

static int ask(struct seeing *s, enum wb_kind kind, struct wb_name table, struct wb_name object)
{
	struct wb_undo_ask a = { kind, keep_name(s, table), keep_name(s, object) };

	need(s->u, WB_UNDO_ASK);
	return wb_vec_push(&s->u->asks, a) ? 0 : wb_err_nomem(s->err);
}

static int push_step(struct seeing *s, bool moves)
{
	wb_autostr sql = WB_STR_INIT;
	struct wb_undo_step step = { .moves = moves };
	bool whole = s->rule->inverse && wb_undo_fill(s->rule->inverse, s->u->dialect, s->op, s->statement, &sql);

	if (sql.failed)
		return wb_err_nomem(s->err);
	if (!whole) {
		need(s->u, WB_UNDO_CATALOG);
		return 0;
	}
	step.sql = wb_arena_sv(&s->u->arena, wb_str_sv(&sql));
	return step.sql && wb_vec_push(&s->u->steps, step) ? 0 : wb_err_nomem(s->err);
}

/* ---- conditions ------------------------------------------------------------------------- */

/* What a table was called before the migration. */
static struct wb_name origin(const struct wb_undo *u, struct wb_name n)
{
	for (size_t i = u->moved.n; i-- > 0;)
		if (wb_undo_same_name(u, u->moved.v[i].to, n))
			n = u->moved.v[i].from;
	return n;
}

static int condition(struct seeing *s, struct wb_undo_condition c, const char *what)
{
	struct wb_undo *u = s->u;
	struct wb_name shown = c.table;

	c.table = keep_name(s, origin(u, c.table));
	c.why = what ? wb_arena_printf(&u->arena, "%s %s", what, shown.name) : NULL;
	if (!c.table.name || (what && !c.why))
		return wb_err_nomem(s->err);
	return wb_vec_push(&u->conditions, c) ? 0 : wb_err_nomem(s->err);
}

/* ---- what the operations mean -------------------------------------------------------------- */

/* Something has been given this name before: whether there was one at the beginning says nothing. */
static bool is_new_name(const struct wb_undo *u, struct wb_name n)
{
	for (size_t i = 0; i < u->moved.n; i++)
		if (wb_undo_same_name(u, u->moved.v[i].to, n))
			return true;
	return false;
}

/* A part, or anything else, that an operation before was about. */
static bool was_touched(const struct wb_undo *u, enum wb_kind kind, struct wb_name n)
{
	for (size_t i = 0; i < u->touched.n; i++)
		if (u->touched.v[i].kind == kind && u->touched.v[i].object.name && n.name &&
		    strcmp(u->touched.v[i].object.name, n.name) == 0)
			return true;
	return false;
}

static int on_make(struct seeing *s)
{
	struct wb_name name = subject(s->op);
	enum wb_kind kind = wb_undo_kind(s->op);
	struct wb_undo_made *old = wb_undo_find_made(s->u, kind, name), *made;
	int rc = 0;

	if (kind == WB_KIND_COUNT || !name.name) {
		need(s->u, WB_UNDO_CATALOG);
		return touch(s, kind, (struct wb_name){ 0 }, name);
	}
	if (old && has(s, WB_WITH_IF_EXISTS | WB_WITH_REPLACE))
		return 0;
	if (is_new_name(s->u, name))
		need(s->u, WB_UNDO_CATALOG);
	made = wb_undo_add_made(s->u, kind, name);
	if (!made)
		return wb_err_nomem(s->err);
	made->temporary = has(s, WB_WITH_TEMPORARY);
	if (made->temporary)
		return 0;
	made->maybe = has(s, WB_WITH_IF_EXISTS | WB_WITH_REPLACE);
	if (made->maybe)
		rc = ask(s, kind, (struct wb_name){ 0 }, name);
	if (rc == 0)
		rc = touch(s, kind, (struct wb_name){ 0 }, name);
	return rc ? rc : push_step(s, false);
}

static bool is_of(const struct seeing *s, enum wb_kind kind)
{
	return s->op->kind == kind;
}

static int on_adds(struct seeing *s)
{
	struct wb_undo_made *table = wb_undo_find_made(s->u, WB_KIND_TABLE, s->op->table);
	bool named = s->op->object.name, trigger = s->op->code == WB_OP_TRIGGER_CREATE;
	int rc = 0;

	if (table && (trigger || s->op->code == WB_OP_RULE_CREATE))
		table->events |= trigger ? wb_undo_events(s->u->dialect, s->statement) : ~0u;
	if (table && table->temporary)
		return 0;
	/* It goes with the table, but for what might hold back something else that is made. */
	if (table && !trigger && (!named || (!s->op->other.name && !s->op->n_functions)))
		return s->op->other.name && wb_undo_find_made(s->u, WB_KIND_TABLE, s->op->other)
			       ? (need(s->u, WB_UNDO_CATALOG), 0)
			       : 0;
	if (has(s, WB_WITH_IF_EXISTS | WB_WITH_REPLACE))
		rc = ask(s, wb_undo_kind(s->op), s->op->table, s->op->object);
	if (rc == 0)
		rc = touch(s, wb_undo_kind(s->op), s->op->table, s->op->object);
	/* The index that becomes a constraint would be gone with it. */
	if (!named || has(s, WB_WITH_USING_INDEX)) {
		need(s->u, WB_UNDO_CATALOG);
		return rc;
	}
	return rc ? rc : push_step(s, false);
}

static int on_moves(struct seeing *s)
{
	const struct wb_operation *op = s->op;
	struct wb_name from = subject(op), to = from;
	enum wb_kind kind = wb_undo_kind(op);
	bool part = wb_undo_is_part(op) && kind != WB_KIND_INDEX;
	struct wb_undo_made *made =
		part ? wb_undo_find_made(s->u, WB_KIND_TABLE, op->table) : wb_undo_find_made(s->u, kind, from);
	struct wb_name table = part ? op->table : (struct wb_name){ 0 };
	int rc;

	if (op->code == WB_OP_SET_SCHEMA)
		to.schema = op->expr;
	else if (op->code == WB_OP_RENAME)
		to.name = op->expr;
	if (made && made->temporary)
		return 0;
	rc = touch(s, kind, table, from);
	if (rc == 0)
		rc = touch(s, kind, table, to);
	if (rc == 0 && !part && op->code != WB_OP_ENUM_RENAME_VALUE && kind != WB_KIND_DOMAIN) {
		struct wb_undo_move m = { kind, keep_name(s, from), keep_name(s, to), s->u->steps.n };
		if (!wb_vec_push(&s->u->moved, m) || (made && !wb_undo_move_made(s->u, made, kind, m.from, m.to)))
			return wb_err_nomem(s->err);
	}
	if (has(s, WB_WITH_IF_EXISTS))
		need(s->u, WB_UNDO_CATALOG);
	return rc ? rc : push_step(s, true);
}

/* USING that is more than a cast of the column. */
static bool is_computed(const struct wb_operation *op)
{
	size_t n = op->object.name ? strlen(op->object.name) : 0;
	struct wb_sv e = wb_sv_str(op->expr);

	if (op->code != WB_OP_COLUMN_TYPE || !op->expr)
		return false;
	if (e.n > 1 && *e.p == '"')
		e = wb_sv(e.p + 1, e.n - 1);
	if (e.n < n || !wb_sv_istarts(e, op->object.name))
		return true;
	e = wb_sv(e.p + n, e.n - n);
	return op->n_functions ||
	       (e.n && strncmp(e.p, "::", 2) != 0 && strncmp(e.p, "\"::", 3) != 0 && strcmp(e.p, "\"") != 0);
}

/* The schema does not show it. */
static bool moves_position(const struct seeing *s)
{
	bool sequence = (s->op->code == WB_OP_ALTER && s->op->kind == WB_KIND_SEQUENCE) ||
			s->op->code == WB_OP_COLUMN_SET_IDENTITY;

	return sequence && wb_sql_has_word(s->u->dialect, s->statement, "RESTART");
}

static int on_alters(struct seeing *s)
{
	const struct wb_operation *op = s->op;
	enum wb_kind kind = wb_undo_kind(op);
	bool part = wb_undo_is_part(op);
	struct wb_undo_made *table = op->table.name ? wb_undo_find_made(s->u, WB_KIND_TABLE, op->table) : NULL;
	struct wb_undo_made *made = op->object.name && !part ? wb_undo_find_made(s->u, kind, op->object) : NULL;
	int rc = 0;

	if (is_unseen(op))
		return wb_undo_refuse(s->u, "changes a %s, which is no part of the schemas that are compared",
				      op->noun);
	/* Joining the parent again leaves them its own. */
	if (op->code == WB_OP_TABLE_INHERIT && has(s, WB_WITH_REVERSE))
		return wb_undo_refuse(s->u, "makes columns its own that it inherits");
	if (moves_position(s) && !table && !made)
		return wb_undo_refuse(s->u, "sets how far a sequence has counted");

	if ((table || made) && op->code != WB_OP_TABLE_ATTACH && op->code != WB_OP_TABLE_DETACH)
		return 0;
	need(s->u, WB_UNDO_CATALOG);
	s->u->owners |= op->code == WB_OP_OWNER;
	if (op->code == WB_OP_COLUMN_TYPE)
		rc = condition(s, (struct wb_undo_condition){ .table = op->table },
			       is_computed(op) ? "computes the values of a column anew in" : NULL);
	if (rc == 0)
		rc = touch(s, kind, part ? op->table : (struct wb_name){ 0 }, subject(op));
	if (rc == 0 && op->other.name && op->code != WB_OP_DOMAIN_ALTER)
		rc = touch(s, WB_KIND_COUNT, (struct wb_name){ 0 }, op->other);
	return rc;
}

bool wb_undo_sets_aside(enum wb_dialect dialect, struct wb_sv statement, const struct wb_operation *op)
{
	static const char *const some[] = { "USING", "LIMIT" };

	if (op->code == WB_OP_DROP || op->code == WB_OP_COLUMN_DROP)
		return op->kind == WB_KIND_TABLE;
	if (op->code == WB_OP_TABLE_TRUNCATE)
		return true;
	if (op->code != WB_OP_DELETE || op->flags & WB_WITH_WHERE)
		return false;
	for (size_t i = 0; i < WB_ARRAY_LEN(some); i++)
		if (wb_sql_has_word(dialect, statement, some[i]))
			return false;
	return true;
}

static bool is_set_aside(const struct seeing *s)
{
	return s->u->trash && wb_undo_sets_aside(s->u->dialect, s->statement, s->op);
}

static bool holds_rows(const struct wb_operation *op)
{
	return op->code == WB_OP_COLUMN_DROP || op->code == WB_OP_COLUMN_DROP_IDENTITY ||
	       (op->code == WB_OP_DROP &&
		(op->kind == WB_KIND_TABLE || op->kind == WB_KIND_VIRTUAL_TABLE || op->kind == WB_KIND_SEQUENCE));
}

/* Its name need not be given back to what is made anew. */
static void forget_moves(struct wb_undo *u, struct wb_name n)
{
	for (size_t i = u->moved.n; i-- > 0;) {
		struct wb_undo_move *m = &u->moved.v[i];
		if (m->step >= u->steps.n || !wb_undo_same_name(u, m->to, n))
			continue;
		u->steps.v[m->step].gone = true;
		n = m->from;
	}
}

static int on_drops(struct seeing *s)
{
	const struct wb_operation *op = s->op;
	enum wb_kind kind = wb_undo_kind(op);
	bool part = wb_undo_is_part(op);
	struct wb_name about = part || !op->object.name ? op->table : op->object;
	struct wb_undo_made *made = wb_undo_find_made(s->u, part ? WB_KIND_TABLE : kind, about);
	int rc = 0;

	if (is_unseen(op))
		return wb_undo_refuse(s->u, "drops a %s, which is no part of the schemas that are compared", op->noun);

	s->u->concurrently |= has(s, WB_WITH_CONCURRENTLY) && op->code == WB_OP_INDEX_DROP;
	if (made && made->temporary)
		return 0;
	/* What was there before the migration made it is only known to be gone. */
	if (made || is_new_name(s->u, about) || was_touched(s->u, kind, subject(op)))
		need(s->u, WB_UNDO_CATALOG);
	if (made && !made->maybe)
		return touch(s, kind, (struct wb_name){ 0 }, about);
	if (has(s, WB_WITH_IF_EXISTS))
		rc = ask(s, kind, part ? op->table : (struct wb_name){ 0 }, subject(op));
	else
		need(s->u, WB_UNDO_CATALOG);
	if (rc == 0 && !part && !is_set_aside(s))
		forget_moves(s->u, about);
	if (rc == 0 && holds_rows(op) && !is_set_aside(s))
		rc = condition(
			s,
			(struct wb_undo_condition){ .table = about,
						    .sequence = is_of(s, WB_KIND_SEQUENCE) && op->code == WB_OP_DROP },
			is_of(s, WB_KIND_SEQUENCE) && op->code == WB_OP_DROP
				? "forgets how far it has counted: the sequence"
			: op->code == WB_OP_DROP ? "drops with its rows the table"
						 : s->rule->why);
	return rc ? rc : touch(s, kind, part ? op->table : (struct wb_name){ 0 }, subject(op));
}

static unsigned event_of(enum wb_op code)
{
	return code == WB_OP_INSERT || code == WB_OP_COPY_IN ? WB_UNDO_ON_INSERT
	       : code == WB_OP_UPDATE                        ? WB_UNDO_ON_UPDATE
	       : code == WB_OP_DELETE                        ? WB_UNDO_ON_DELETE
	       : code == WB_OP_TABLE_TRUNCATE                ? WB_UNDO_ON_TRUNCATE
							     : ~0u;
}

static int on_rows(struct seeing *s)
{
	const struct wb_operation *op = s->op;
	struct wb_undo_made *made = wb_undo_find_made(s->u, WB_KIND_TABLE, op->table);

	if (made && made->temporary)
		return 0;
	if (!made && is_set_aside(s)) {
		need(s->u, WB_UNDO_CATALOG);
		return touch(s, WB_KIND_TABLE, (struct wb_name){ 0 }, op->table);
	}
	if (!made || made->kind != WB_KIND_TABLE)
		return op->table.name ? wb_undo_refuse(s->u, "%s %s", s->rule->why, op->table.name)
				      : wb_undo_refuse(s->u, "changes rows");
	if (made->events & event_of(op->code))
		return wb_undo_refuse(s->u, "%s %s, and a trigger made before may have changed more", s->rule->why,
				      op->table.name);
	if (made->filled)
		return 0;
	made->filled = true;
	/* Where a table of this name was there already, the rows would stay. */
	return condition(s, (struct wb_undo_condition){ .table = op->table, .absent = true }, s->rule->why);
}

static int on_reads(struct seeing *s)
{
	for (size_t i = 0; i < s->op->n_functions; i++) {
		const struct wb_name *f = &s->op->functions[i];
		if (f->name && !wb_undo_is_harmless(s->u, f, s->statement))
			return wb_undo_refuse(s->u, "calls %s(), of which the text does not tell what it does",
					      f->name);
	}
	return 0;
}

/* The file keeps them, and the schema does not show them. */
static bool is_kept_in_file(const char *setting)
{
	static const char *const kept[] = { "user_version", "application_id", "journal_mode",   "auto_vacuum",
					    "page_size",    "encoding",       "writable_schema" };

	for (size_t i = 0; i < WB_ARRAY_LEN(kept); i++)
		if (strcmp(kept[i], setting) == 0)
			return true;
	return false;
}

static int on_sets(struct seeing *s)
{
	struct wb_undo *u = s->u;
	const char *name = s->op->object.name ? s->op->object.name : "";
	bool path = strcmp(name, "search_path") == 0, role = strcmp(name, "role") == 0;
	char *text;

	if (u->dialect == WB_DIALECT_SQLITE && s->op->expr && is_kept_in_file(name))
		return wb_undo_refuse(u, "sets %s, which the file keeps", name);
	if (!path && !role)
		return 0;
	u->late_path |= path && u->acted;
	if (path && s->op->expr)
		u->path = wb_undo_first_schema(&u->arena, s->op->expr);
	if (u->acted)
		need(u, WB_UNDO_CATALOG);
	text = wb_arena_sv(&u->arena, s->statement);
	return u->path && text && wb_vec_push(&u->session, text) ? 0 : wb_err_nomem(s->err);
}

static int on_never(struct seeing *s)
{
	return wb_undo_refuse(s->u, "%s", s->rule->why);
}

static int on_nothing(struct seeing *s)
{
	(void)s;
	return 0;
}

static int see_operation(struct seeing *s)
{
	static int (*const on[])(struct seeing * s) = {
		[NOTHING] = on_nothing, [MAKES] = on_make, [ADDS] = on_adds,   [MOVES] = on_moves, [ALTERS] = on_alters,
		[DROPS] = on_drops,     [ROWS] = on_rows,  [READS] = on_reads, [SETS] = on_sets,   [NEVER] = on_never,
	};
	int rc;

	/* A clause goes with what it is a clause of. */
	if (has(s, WB_WITH_INLINE))
		return 0;
	rc = on[s->rule->act](s);
	s->u->acted |= s->rule->act != SETS && s->rule->act != NOTHING;
	return rc;
}

int wb_undo_see(struct wb_undo *u, struct wb_sv statement, struct wb_pos pos, const struct wb_operations *ops,
		struct wb_error *err)
{
	bool before = u->why;
	int rc = 0;

	if (before)
		return 0;
	for (size_t i = 0; rc == 0 && i < ops->n; i++) {
		struct seeing s = { u, &ops->v[i], &rules[ops->v[i].code], statement, err };
		rc = see_operation(&s);
	}
	if (ops->unknown)
		(void)wb_undo_refuse(u, "cannot be read: %s", ops->unknown);
	if (u->why) {
		u->pos = pos;
		u->statement = wb_arena_sv(&u->arena, wb_sv_head(statement, 200));
	}
	return rc;
}

/* ---- the text ---------------------------------------------------------------------------------- */

int wb_undo_text(const struct wb_undo *u, struct wb_str *out, struct wb_error *err)
{
	for (size_t i = 0; i < u->session.n && u->steps.n; i++)
		wb_str_addf(out, "%s;\n", u->session.v[i]);
	for (size_t i = u->steps.n; i-- > 0;)
		wb_str_addf(out, "%s;\n", u->steps.v[i].sql);
	return out->failed ? wb_err_nomem(err) : 0;
}

int wb_undo_add_back(struct wb_undo *u, const struct wb_undo_back *back, struct wb_error *err)
{
	struct wb_undo_back b = *back;

	b.sql = wb_arena_str(&u->arena, back->sql);
	return b.sql && wb_vec_push(&u->backs, b) ? 0 : wb_err_nomem(err);
}

int wb_undo_add_kept(struct wb_undo *u, enum wb_kind kind, struct wb_name name, struct wb_error *err)
{
	struct wb_undo_ask k = { .kind = kind, .object = { NULL, wb_arena_str(&u->arena, name.name) } };

	if (name.schema)
		k.object.schema = wb_arena_str(&u->arena, name.schema);
	return k.object.name && (k.object.schema || !name.schema) && wb_vec_push(&u->kept, k) ? 0 : wb_err_nomem(err);
}

/* What stands at this place: of later statements first, of one statement as it was found. */
static size_t add_backs(const struct wb_undo *u, size_t step, bool data, const char **v)
{
	size_t n = 0, end = u->backs.n, first;

	for (; end > 0; end = first) {
		first = end - 1;
		while (first > 0 && u->backs.v[first - 1].statement == u->backs.v[end - 1].statement)
			first--;
		for (size_t i = first; i < end; i++) {
			const struct wb_undo_back *b = &u->backs.v[i];
			if (b->step == step && (b->part == WB_UNDO_BACK || (data && b->part == WB_UNDO_BACK_DATA)))
				v[n++] = b->sql;
		}
	}
	return n;
}

int wb_undo_moves(struct wb_undo *u, bool all, bool data, const char ***ret_v, size_t *ret_n, struct wb_error *err)
{
	const char **v = wb_arena_array(&u->arena, u->steps.n + u->backs.n + 1, sizeof(*v));
	size_t n;

	if (!v)
		return wb_err_nomem(err);
	n = add_backs(u, u->steps.n, data, v);
	for (size_t i = u->steps.n; i-- > 0;) {
		if ((all || u->steps.v[i].moves) && !u->steps.v[i].gone)
			v[n++] = u->steps.v[i].sql;
		n += add_backs(u, i, data, v + n);
	}
	*ret_v = v;
	*ret_n = n;
	return 0;
}
