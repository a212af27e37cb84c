/* SPDX-License-Identifier: Apache-2.0
 *
 * What sqlite3 asks leave for while it prepares a statement is what the statement
 * does. It is kept, and what the statement's tokens told is made to agree with it.
 */
#include "driver/sqlite/mock.h"

#include <strings.h>

/* ---- watching -------------------------------------------------------------------------- */

enum place { NONE, FIRST, SECOND };
static const struct code {
	int action;
	enum wb_sqlite_act act;
	enum wb_kind kind;
	enum place name, on; /* which argument it is */
} codes[] = {
	{ SQLITE_READ, WB_ACT_READ, WB_KIND_COUNT, FIRST, NONE },
	{ SQLITE_SELECT, WB_ACT_SELECT, WB_KIND_COUNT, NONE, NONE },
	{ SQLITE_UPDATE, WB_ACT_UPDATE, WB_KIND_COUNT, FIRST, NONE },
	{ SQLITE_INSERT, WB_ACT_INSERT, WB_KIND_COUNT, FIRST, NONE },
	{ SQLITE_DELETE, WB_ACT_DELETE, WB_KIND_COUNT, FIRST, NONE },
	{ SQLITE_CREATE_TABLE, WB_ACT_CREATE, WB_KIND_TABLE, FIRST, NONE },
	{ SQLITE_CREATE_TEMP_TABLE, WB_ACT_CREATE, WB_KIND_TABLE, FIRST, NONE },
	{ SQLITE_CREATE_INDEX, WB_ACT_CREATE, WB_KIND_INDEX, FIRST, SECOND },
	{ SQLITE_CREATE_TEMP_INDEX, WB_ACT_CREATE, WB_KIND_INDEX, FIRST, SECOND },
	{ SQLITE_CREATE_VIEW, WB_ACT_CREATE, WB_KIND_VIEW, FIRST, NONE },
	{ SQLITE_CREATE_TEMP_VIEW, WB_ACT_CREATE, WB_KIND_VIEW, FIRST, NONE },
	{ SQLITE_CREATE_TRIGGER, WB_ACT_CREATE, WB_KIND_TRIGGER, FIRST, SECOND },
	{ SQLITE_CREATE_TEMP_TRIGGER, WB_ACT_CREATE, WB_KIND_TRIGGER, FIRST, SECOND },
	{ SQLITE_CREATE_VTABLE, WB_ACT_CREATE, WB_KIND_VIRTUAL_TABLE, FIRST, SECOND },
	{ SQLITE_DROP_TABLE, WB_ACT_DROP, WB_KIND_TABLE, FIRST, NONE },
	{ SQLITE_DROP_TEMP_TABLE, WB_ACT_DROP, WB_KIND_TABLE, FIRST, NONE },
	{ SQLITE_DROP_INDEX, WB_ACT_DROP, WB_KIND_INDEX, FIRST, SECOND },
	{ SQLITE_DROP_TEMP_INDEX, WB_ACT_DROP, WB_KIND_INDEX, FIRST, SECOND },
	{ SQLITE_DROP_VIEW, WB_ACT_DROP, WB_KIND_VIEW, FIRST, NONE },
	{ SQLITE_DROP_TEMP_VIEW, WB_ACT_DROP, WB_KIND_VIEW, FIRST, NONE },
	{ SQLITE_DROP_TRIGGER, WB_ACT_DROP, WB_KIND_TRIGGER, FIRST, SECOND },
	{ SQLITE_DROP_TEMP_TRIGGER, WB_ACT_DROP, WB_KIND_TRIGGER, FIRST, SECOND },
	{ SQLITE_DROP_VTABLE, WB_ACT_DROP, WB_KIND_TABLE, FIRST, SECOND },
	{ SQLITE_ALTER_TABLE, WB_ACT_ALTER, WB_KIND_COUNT, SECOND, NONE },
	{ SQLITE_PRAGMA, WB_ACT_PRAGMA, WB_KIND_COUNT, FIRST, SECOND },
	{ SQLITE_ATTACH, WB_ACT_ATTACH, WB_KIND_COUNT, NONE, NONE },
	{ SQLITE_DETACH, WB_ACT_DETACH, WB_KIND_COUNT, FIRST, NONE },
	{ SQLITE_ANALYZE, WB_ACT_ANALYZE, WB_KIND_COUNT, FIRST, NONE },
	{ SQLITE_REINDEX, WB_ACT_REINDEX, WB_KIND_COUNT, FIRST, NONE },
	{ SQLITE_TRANSACTION, WB_ACT_TRANSACTION, WB_KIND_COUNT, NONE, NONE },
	{ SQLITE_SAVEPOINT, WB_ACT_TRANSACTION, WB_KIND_COUNT, SECOND, NONE },
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcasecmp(a, b) == 0 : a == b;
}

static bool is_kept(const struct wb_sqlite_mock *m, const struct wb_sqlite_acted *new)
{
	for (size_t i = 0; i < m->acts.n; i++) {
		const struct wb_sqlite_acted *a = &m->acts.v[i];
		if (a->act == new->act && a->kind == new->kind &&same(a->name.name, new->name.name) &&
		    same(a->name.schema, new->name.schema) && same(a->on, new->on) && same(a->through, new->through))
			return true;
	}
	return false;
}

static const char *keep(struct wb_sqlite_mock *m, const char *text)
{
	const char *copy = text ? wb_arena_str(m->texts, text) : NULL;

	m->failed |= text && !copy;
	return copy;
}

static void add(struct wb_sqlite_mock *m, const struct code *c, const char *const args[3], const char *schema,
		const char *through)
{
	struct wb_sqlite_acted a = { .act = c->act, .kind = c->kind, .name = { NULL, args[c->name] } };

	a.name.schema = schema && strcmp(schema, "main") != 0 ? schema : NULL;
	a.on = args[c->on];
	a.through = through;
	if (is_kept(m, &a))
		return;
	a.name.name = keep(m, a.name.name);
	a.name.schema = keep(m, a.name.schema);
	a.on = keep(m, a.on);
	a.through = keep(m, through);
	m->failed |= !wb_vec_push(&m->acts, a);
}

static int is_allowed(int action, const char *function)
{
	static const char *const outside[] = { "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer" };

	if (action == SQLITE_ATTACH || action == SQLITE_DETACH)
		return false;
	for (size_t i = 0; action == SQLITE_FUNCTION && i < WB_ARRAY_LEN(outside); i++)
		if (same(function, outside[i]))
			return false;
	return true;
}

/* A PRAGMA acts while it is prepared, so it is seen and refused. What modules of virtual tables do is not ours. */
int wb_sqlite_mock_watch(void *mock, int action, const char *a, const char *b, const char *schema, const char *through)
{
	struct wb_sqlite_mock *m = mock;
	const char *const args[3] = { NULL, a, b };

	for (size_t i = 0; m->watching && i < WB_ARRAY_LEN(codes); i++) {
		if (codes[i].action != action)
			continue;
		add(m, &codes[i], args, schema, through);
		break;
	}
	return is_allowed(action, b) && !(m->watching && action == SQLITE_PRAGMA) ? SQLITE_OK : SQLITE_DENY;
}

/* ---- operations as they were seen ---------------------------------------------------------- */

/* What an operation is to sqlite3, and which of its names is meant; the first line for an act and kind is the operation
 * that is made of one nobody has read. */
static const struct meaning {
	enum wb_op code;
	enum wb_sqlite_act act;
	enum wb_kind kind; /* of the act; WB_KIND_COUNT: any */
	bool object;
} meanings[] = {
	{ WB_OP_TABLE_CREATE, WB_ACT_CREATE, WB_KIND_TABLE, false },
	{ WB_OP_TABLE_CREATE, WB_ACT_CREATE, WB_KIND_VIRTUAL_TABLE, false },
	{ WB_OP_TABLE_CREATE_AS, WB_ACT_CREATE, WB_KIND_TABLE, false },
	{ WB_OP_INDEX_CREATE, WB_ACT_CREATE, WB_KIND_INDEX, true },
	{ WB_OP_CREATE, WB_ACT_CREATE, WB_KIND_VIEW, true },
	{ WB_OP_TRIGGER_CREATE, WB_ACT_CREATE, WB_KIND_TRIGGER, true },
	{ WB_OP_DROP, WB_ACT_DROP, WB_KIND_TABLE, true },
	{ WB_OP_DROP, WB_ACT_DROP, WB_KIND_VIEW, true },
	{ WB_OP_DROP, WB_ACT_DROP, WB_KIND_TRIGGER, true },
	{ WB_OP_INDEX_DROP, WB_ACT_DROP, WB_KIND_INDEX, true },
	{ WB_OP_ALTER, WB_ACT_ALTER, WB_KIND_COUNT, false },
	{ WB_OP_COLUMN_ADD, WB_ACT_ALTER, WB_KIND_COUNT, false },
	{ WB_OP_COLUMN_DROP, WB_ACT_ALTER, WB_KIND_COUNT, false },
	{ WB_OP_RENAME, WB_ACT_ALTER, WB_KIND_COUNT, false },
	{ WB_OP_INSERT, WB_ACT_INSERT, WB_KIND_COUNT, false },
	{ WB_OP_UPDATE, WB_ACT_UPDATE, WB_KIND_COUNT, false },
	{ WB_OP_DELETE, WB_ACT_DELETE, WB_KIND_COUNT, false },
};

static const char *name_in(const struct wb_operation *op, const struct meaning *m)
{
	return m->object ? op->object.name : op->table.name;
}

static bool means(const struct meaning *m, enum wb_op code, const struct wb_sqlite_acted *a)
{
	return (code == WB_OP_COUNT || m->code == code) && m->act == a->act &&
	       (m->kind == WB_KIND_COUNT || m->kind == a->kind);
}

static const struct meaning *meaning_of(enum wb_op code, const struct wb_sqlite_acted *a)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(meanings); i++)
		if (means(&meanings[i], code, a))
			return &meanings[i];
	return NULL;
}

static bool is_row_act(enum wb_sqlite_act act)
{
	return act == WB_ACT_INSERT || act == WB_ACT_UPDATE || act == WB_ACT_DELETE;
}

/* A part of what another operation does to the same table: UPSERT updates what it cannot insert, DROP TABLE deletes
 * the rows and drops the triggers. */
static bool is_part(const struct wb_operation *op, const struct wb_sqlite_acted *a)
{
	bool drops = op->code == WB_OP_DROP;

	if (a->act == WB_ACT_DROP)
		return drops && a->on && same(op->table.name, a->on);
	if (!is_row_act(a->act))
		return false;
	return same(op->table.name, a->name.name) && (drops || op->code == WB_OP_INSERT);
}

static bool explains(const struct wb_operation *op, const struct wb_sqlite_acted *a)
{
	const struct meaning *m = meaning_of(op->code, a);

	return (m && same(name_in(op, m), a->name.name)) || is_part(op, a);
}

static bool is_explained(const struct wb_operations *ops, const struct wb_sqlite_acted *a)
{
	for (size_t i = 0; i < ops->n; i++)
		if (explains(&ops->v[i], a))
			return true;
	return false;
}

/* The operation that was read of something else than what it does. */
static struct wb_operation *misread(const struct wb_sqlite_mock *m, struct wb_operation *v, size_t n,
				    const struct wb_sqlite_acted *a)
{
	for (size_t i = 0; i < n; i++) {
		bool seen = v[i].code != WB_OP_UNKNOWN && !meaning_of(v[i].code, a);
		for (size_t k = 0; k < m->acts.n && !seen; k++)
			seen = !m->acts.v[k].through && explains(&v[i], &m->acts.v[k]);
		if (!seen && !(v[i].flags & WB_WITH_INLINE))
			return &v[i];
	}
	return NULL;
}

static void correct(struct wb_operation *op, const struct wb_sqlite_acted *a)
{
	const struct meaning *m = meaning_of(op->code, a);

	if (!m) {
		m = meaning_of(WB_OP_COUNT, a);
		if (!m)
			return;
		*op = (struct wb_operation){ .code = m->code, .offset = op->offset };
		op->kind = a->kind == WB_KIND_COUNT ? WB_KIND_TABLE : a->kind;
	}
	if (m->object)
		op->object = a->name;
	if (!m->object || a->kind == WB_KIND_TABLE || a->kind == WB_KIND_VIEW)
		op->table = a->name;
	else if (a->on)
		op->table = (struct wb_name){ a->name.schema, a->on };
}

/* The one table that it reads of, besides the one it writes to; none where there are several. */
static struct wb_name source_of(const struct wb_sqlite_mock *m, const struct wb_operation *op, size_t *ret_n)
{
	struct wb_name found = { NULL, NULL };
	size_t n = 0;

	for (size_t i = 0; i < m->acts.n; i++) {
		const struct wb_sqlite_acted *a = &m->acts.v[i];
		if (a->act != WB_ACT_READ || a->through || wb_sqlite_mock_internal(a->name.name) ||
		    (op->code != WB_OP_SELECT && same(a->name.name, op->table.name)))
			continue;
		n += !n || !same(found.name, a->name.name);
		found = a->name;
	}
	*ret_n = n;
	return n == 1 ? found : (struct wb_name){ NULL, NULL };
}

static bool correct_source(const struct wb_sqlite_mock *m, struct wb_operation *op)
{
	bool own = op->code == WB_OP_SELECT;
	struct wb_name *told = own ? &op->table : &op->other, seen;
	size_t n;

	if (op->code != WB_OP_INSERT && op->code != WB_OP_TABLE_CREATE_AS && !own)
		return false;
	seen = source_of(m, op, &n);
	/* Rows that are copied as they lie are read without leave. */
	if (n == 0 || same(told->name, seen.name) || (!own && same(told->name, op->table.name)))
		return false;
	*told = seen;
	return true;
}

static struct wb_operation *copy(struct wb_sqlite_mock *m, const struct wb_operations *ops)
{
	struct wb_operation *v = wb_arena_array(m->texts, ops->n + m->acts.n + 1, sizeof(*v));

	if (v && ops->n)
		memcpy(v, ops->v, ops->n * sizeof(*v));
	return v;
}

int wb_sqlite_mock_confirm(struct wb_sqlite_mock *m, struct wb_operations *ops, struct wb_tried *t,
			   struct wb_error *err)
{
	struct wb_operation *v = NULL;
	size_t n = ops->n;

	for (size_t i = 0; i < m->acts.n; i++) {
		const struct wb_sqlite_acted *a = &m->acts.v[i];
		if (a->through || !a->name.name || wb_sqlite_mock_internal(a->name.name) ||
		    !meaning_of(WB_OP_COUNT, a) ||
		    is_explained(&(struct wb_operations){ v ? v : ops->v, n, NULL, 0 }, a))
			continue;
		v = v ? v : copy(m, ops);
		if (!v)
			return wb_err_nomem(err);
		struct wb_operation *op = misread(m, v, n, a);
		correct(op ? op : &v[n], a);
		n += !op;
		t->corrected = true;
	}
	for (size_t i = 0; i < n; i++) {
		struct wb_operation op = v ? v[i] : ops->v[i];
		if (!correct_source(m, &op))
			continue;
		v = v ? v : copy(m, ops);
		if (!v)
			return wb_err_nomem(err);
		v[i] = op;
		t->corrected = true;
	}
	if (v)
		*ops = (struct wb_operations){ v, n, t->corrected ? NULL : ops->unknown, ops->form };
	return 0;
}

/* ---- notes --------------------------------------------------------------------------------------- */

/* "fires the trigger a_log: inserts into audit" */
static bool add_trigger(struct wb_sqlite_mock *m, const char *name, struct wb_str *out)
{
	static const struct {
		enum wb_sqlite_act act;
		const char *text;
	} words[] = { { WB_ACT_INSERT, "inserts into" },
		      { WB_ACT_UPDATE, "updates" },
		      { WB_ACT_DELETE, "deletes from" } };
	size_t n = 0;

	for (size_t i = 0; i < m->acts.n; i++)
		for (size_t k = 0; k < WB_ARRAY_LEN(words); k++) {
			const struct wb_sqlite_acted *a = &m->acts.v[i];
			if (a->act != words[k].act || !same(a->through, name))
				continue;
			if (n++ == 0)
				wb_str_addf(out, "fires the trigger %s:", name);
			wb_str_addf(out, "%s %s %s", n > 1 ? "," : "", words[k].text, a->name.name);
		}
	return n;
}

static bool is_first(const struct wb_sqlite_mock *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_row_act(m->acts.v[k].act) && same(m->acts.v[k].through, m->acts.v[i].through))
			return false;
	return true;
}

/* Does the program that sqlite3 makes of it empty a table without going through its rows? */
static bool clears(struct wb_sqlite_mock *m, struct wb_sv sql)
{
	wb_autostr text = WB_STR_INIT;
	wb_autostmt *stmt = NULL;
	bool found = false;

	wb_str_addf(&text, "EXPLAIN ");
	wb_str_addsv(&text, sql);
	m->watching = false;
	if (!text.failed && sqlite3_prepare_v2(m->db, text.p, (int)text.n, &stmt, NULL) == SQLITE_OK)
		while (!found && sqlite3_step(stmt) == SQLITE_ROW) {
			const char *opcode = (const char *)sqlite3_column_text(stmt, 1);
			found = opcode && strcmp(opcode, "Clear") == 0;
		}
	m->watching = true;
	return found;
}

int wb_sqlite_mock_notes(struct wb_sqlite_mock *m, struct wb_sv sql, const struct wb_operations *ops,
			 struct wb_tried *t, struct wb_error *err)
{
	bool deletes = ops->n && ops->v[0].code == WB_OP_DELETE && !(ops->v[0].flags & WB_WITH_WHERE);
	const char **v;
	size_t n = 0;

	for (size_t i = 0; i < m->acts.n; i++)
		n += m->acts.v[i].through && is_row_act(m->acts.v[i].act);
	if (n + deletes == 0)
		return 0;
	v = wb_arena_array(m->texts, n + 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	for (size_t i = 0; i < m->acts.n; i++) {
		wb_autostr text = WB_STR_INIT;
		const struct wb_sqlite_acted *a = &m->acts.v[i];
		if (!a->through || !is_row_act(a->act) || !is_first(m, i) || !add_trigger(m, a->through, &text))
			continue;
		v[t->n_notes] = text.failed ? NULL : wb_arena_sv(m->texts, wb_str_sv(&text));
		if (!v[t->n_notes++])
			return wb_err_nomem(err);
	}
	if (deletes && clears(m, sql))
		v[t->n_notes++] = "empties the table at once, without going through its rows";
	t->notes = v;
	return 0;
}
