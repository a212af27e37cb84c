/* SPDX-License-Identifier: Apache-2.0
 *
 * What a statement does, told by its tokens: sqlite3 gives no tree, and its
 * grammar is small enough to be read without one.
 */
#include "driver/sqlite/reading.h"

#include "driver/sqlite/internal.h"
#include "wb_build.h"

#include "base/banned.h"

#define TEXT_MAX ((size_t)64 << 10)
#define CALLS_MAX 1000 /* nobody writes that many functions */
#define READ_MAX ((size_t)1 << 20) /* what is longer has rows in it, which come last */

/* ---- tokens --------------------------------------------------------------------------- */

bool wb_sqlite_op_is(const struct wb_sqlite_reading *r, size_t i, const char *word)
{
	return i < r->p.n && r->p.v[i].kind == WB_TOK_WORD && wb_sv_ieq(r->p.v[i].text, word);
}

size_t wb_sqlite_op_behind(const struct wb_sqlite_reading *r, size_t i)
{
	size_t depth = 0;
	for (; i < r->p.n; i++) {
		depth += r->p.v[i].kind == WB_TOK_OPEN;
		depth -= r->p.v[i].kind == WB_TOK_CLOSE && depth > 0;
		if (depth == 0)
			return i + 1;
	}
	return r->p.n;
}

static bool is_mark(const struct wb_sqlite_reading *r, size_t i, const char *mark)
{
	return i < r->p.n && r->p.v[i].kind == WB_TOK_OTHER && wb_sv_eq(r->p.v[i].text, wb_sv_str(mark));
}

size_t wb_sqlite_op_end(const struct wb_sqlite_reading *r, size_t i)
{
	while (i < r->p.n && !is_mark(r, i, ",") && r->p.v[i].kind != WB_TOK_CLOSE)
		i = wb_sqlite_op_behind(r, i);
	return i;
}

size_t wb_sqlite_op_find(const struct wb_sqlite_reading *r, size_t i, const char *word)
{
	while (i < r->p.n && !wb_sqlite_op_is(r, i, word))
		i = wb_sqlite_op_behind(r, i);
	return i;
}

const char *wb_sqlite_op_text(struct wb_sqlite_reading *r, size_t i, size_t end)
{
	if (end > r->p.n)
		end = r->p.n;
	if (i >= end)
		return NULL;
	const char *from = r->p.v[i].text.p, *to = r->p.v[end - 1].text.p + r->p.v[end - 1].text.n;
	const char *copy = wb_arena_sv(r->p.a, wb_sv_head(wb_sv(from, (size_t)(to - from)), TEXT_MAX));
	r->p.failed |= !copy;
	return copy;
}

/* ---- names and calls ------------------------------------------------------------------------ */

struct wb_operation *wb_sqlite_op(struct wb_sqlite_reading *r, enum wb_op code, enum wb_kind kind)
{
	struct wb_operation op = { .code = code, .kind = kind };
	if (r->p.i < r->p.n)
		op.offset = (size_t)(r->p.v[r->p.i].text.p - r->text.p);
	if (r->p.failed || !wb_vec_push(&r->ops, op)) {
		r->p.failed = true;
		r->spare = op;
		return &r->spare;
	}
	return &r->ops.v[r->ops.n - 1];
}

struct wb_name wb_sqlite_op_name(struct wb_sqlite_reading *r)
{
	struct wb_name name = { NULL, NULL };
	if (!wb_sqlite_take_name(&r->p, &name.name) || !is_mark(r, r->p.i, "."))
		return name;
	r->p.i++;
	name.schema = name.name;
	if (!wb_sqlite_take_name(&r->p, &name.name))
		name = (struct wb_name){ NULL, NULL };
	return name;
}

/* Words that parentheses may follow, and that call nothing. */
static bool is_keyword(struct wb_sv word)
{
	static const char *const keywords[] = {
		"ALL",   "AND",    "AS",     "BETWEEN",   "BY",        "CASE",         "CAST",   "CHECK",  "DISTINCT",
		"ELSE",  "EXCEPT", "EXISTS", "FILTER",    "FROM",      "GLOB",         "HAVING", "IN",     "INTO",
		"IS",    "JOIN",   "KEY",    "LIKE",      "LIMIT",     "MATCH",        "NOT",    "OFFSET", "ON",
		"OR",    "OVER",   "REGEXP", "RETURNING", "SELECT",    "SET",          "THEN",   "UNION",  "UNIQUE",
		"USING", "VALUES", "WHEN",   "WHERE",     "INTERSECT", "MATERIALIZED",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(keywords); i++)
		if (wb_sv_ieq(word, keywords[i]))
			return true;
	return false;
}

static bool is_call(const struct wb_sqlite_reading *r, size_t i)
{
	const struct wb_token *t = &r->p.v[i];
	if (t->kind == WB_TOK_WORD && wb_sv_istarts(t->text, "CURRENT_") && wb_sqlite_is_value(t->text))
		return true;
	if (i + 1 >= r->p.n || r->p.v[i + 1].kind != WB_TOK_OPEN)
		return false;
	return t->kind == WB_TOK_IDENT || (t->kind == WB_TOK_WORD && !is_keyword(t->text));
}

static bool has(const struct wb_operation *op, const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(op->functions[i].name, name))
			return true;
	return false;
}

void wb_sqlite_op_calls(struct wb_sqlite_reading *r, struct wb_operation *op, size_t i, size_t end)
{
	size_t n = 0;
	struct wb_name *v;
	for (size_t k = i; k < end && k < r->p.n; k++)
		n += is_call(r, k);
	n = n < CALLS_MAX ? n : CALLS_MAX;
	if (!n)
		return;
	v = wb_arena_array(r->p.a, n, sizeof(*v));
	r->p.failed |= !v;
	op->functions = v;
	for (size_t k = i, count = 0; v && count < n && k < end && k < r->p.n; k++) {
		const char *name = is_call(r, k) ? wb_sqlite_name(r->p.a, &r->p.v[k]) : "";
		r->p.failed |= !name;
		if (name && *name && !has(op, name, count))
			v[count++].name = name;
		op->n_functions = count;
	}
	if (!op->n_functions)
		op->functions = NULL;
}

/* A column, or an expression: NULL. */
static const char *column_at(struct wb_sqlite_reading *r, size_t i, size_t end)
{
	static const char *const after[] = { "COLLATE", "ASC", "DESC" };
	bool plain = i + 1 == end;
	for (size_t k = 0; k < WB_ARRAY_LEN(after); k++)
		plain |= wb_sqlite_op_is(r, i + 1, after[k]);
	if (!plain || !wb_sqlite_is_name(&r->p.v[i]))
		return NULL;
	const char *name = wb_sqlite_name(r->p.a, &r->p.v[i]);
	r->p.failed |= !name;
	return name;
}

void wb_sqlite_op_columns(struct wb_sqlite_reading *r, struct wb_operation *op, size_t i)
{
	if (i >= r->p.n || r->p.v[i].kind != WB_TOK_OPEN)
		return;
	size_t n = 0, at = i + 1, close = wb_sqlite_op_behind(r, i) - 1;
	for (size_t k = at; k < close; k = wb_sqlite_op_end(r, k) + 1)
		n++;
	const char **v = n ? wb_arena_array(r->p.a, n, sizeof(*v)) : NULL;
	r->p.failed |= n && !v;
	for (size_t k = 0; v && k < n; k++, at = wb_sqlite_op_end(r, at) + 1)
		v[k] = column_at(r, at, wb_sqlite_op_end(r, at));
	op->columns = v;
	op->n_columns = v ? n : 0;
}

/* ---- CREATE ------------------------------------------------------------------------------------ */

static uint32_t take_exists(struct wb_sqlite_reading *r)
{
	if (wb_sqlite_words(&r->p, "IF", "EXISTS"))
		return WB_WITH_IF_EXISTS;
	return wb_sqlite_words(&r->p, "IF", "NOT") && wb_sqlite_word(&r->p, "EXISTS") ? WB_WITH_IF_EXISTS : 0;
}

/* Named by WITH: name [(columns)] AS [[NOT] MATERIALIZED] ( */
static bool is_query(struct wb_sqlite_reading *r, const char *name)
{
	for (size_t i = 0; i + 2 < r->p.n; i++) {
		size_t k = i + 1;
		if (!wb_sqlite_is_name(&r->p.v[i]) || !wb_sv_ieq(r->p.v[i].text, name))
			continue;
		if (r->p.v[k].kind == WB_TOK_OPEN)
			k = wb_sqlite_op_behind(r, k);
		if (!wb_sqlite_op_is(r, k, "AS"))
			continue;
		k += 1 + wb_sqlite_op_is(r, k + 1, "NOT");
		k += wb_sqlite_op_is(r, k, "MATERIALIZED");
		if (k + 1 < r->p.n && r->p.v[k].kind == WB_TOK_OPEN && wb_sqlite_op_is(r, k + 1, "SELECT"))
			return true;
	}
	return false;
}

/* The one table behind FROM and JOIN; none where there are several. */
static struct wb_name source(struct wb_sqlite_reading *r, size_t i)
{
	struct wb_name found = { NULL, NULL };
	size_t back = r->p.i, n = 0;
	for (; i < r->p.n; i++) {
		bool joins = wb_sqlite_op_is(r, i, "JOIN");
		if ((!joins && !wb_sqlite_op_is(r, i, "FROM")) || i + 1 >= r->p.n || r->p.v[i + 1].kind == WB_TOK_OPEN)
			continue;
		r->p.i = i + 1;
		found = wb_sqlite_op_name(r);
		n++;
		(void)wb_sqlite_word(&r->p, "AS");
		if (wb_sqlite_at_name(&r->p) && is_mark(r, r->p.i + 1, ","))
			r->p.i++;
		n += is_mark(r, r->p.i, ",");
	}
	r->p.i = back;
	if (n == 1 && !found.schema && found.name && wb_sqlite_op_is(r, 0, "WITH") && is_query(r, found.name))
		n = 0;
	return n == 1 ? found : (struct wb_name){ NULL, NULL };
}

/* From token i on no table is named that is read: rows are given, or computed. */
static bool reads_none(struct wb_sqlite_reading *r, size_t i)
{
	static const char *const words[] = { "FROM", "JOIN", "IN" };
	bool none = !wb_sqlite_op_is(r, 0, "WITH");
	for (; none && i < r->p.n; i++) {
		for (size_t k = 0; k < WB_ARRAY_LEN(words); k++)
			none &= !wb_sqlite_op_is(r, i, words[k]);
	}
	return none;
}

static struct wb_operation *begin(struct wb_sqlite_reading *r, enum wb_op code, enum wb_kind kind, uint32_t flags)
{
	struct wb_operation *op = wb_sqlite_op(r, code, kind);
	op->flags = flags;
	op->offset = 0;
	return op;
}

static void create_table(struct wb_sqlite_reading *r, uint32_t flags)
{
	struct wb_operation *op = begin(r, WB_OP_TABLE_CREATE, WB_KIND_TABLE, flags | take_exists(r));
	struct wb_name table = op->table = op->object = wb_sqlite_op_name(r);
	if (!table.name)
		r->unknown = WB_SQLITE_NOT_UNDERSTOOD;
	if (wb_sqlite_word(&r->p, "AS")) {
		op->code = WB_OP_TABLE_CREATE_AS;
		op->other = source(r, r->p.i);
		wb_sqlite_op_calls(r, op, r->p.i, r->p.n);
		return;
	}
	wb_sqlite_op_elements(r, table);
}

static void create_virtual(struct wb_sqlite_reading *r, uint32_t flags)
{
	if (!wb_sqlite_word(&r->p, "TABLE"))
		return;
	struct wb_operation *op = begin(r, WB_OP_TABLE_CREATE, WB_KIND_VIRTUAL_TABLE, flags | take_exists(r));
	op->table = op->object = wb_sqlite_op_name(r);
	if (wb_sqlite_word(&r->p, "USING"))
		(void)wb_sqlite_take_name(&r->p, &op->type);
}

static void create_index(struct wb_sqlite_reading *r, uint32_t flags)
{
	struct wb_operation *op = begin(r, WB_OP_INDEX_CREATE, WB_KIND_INDEX, flags | take_exists(r));
	op->object = wb_sqlite_op_name(r);
	if (!wb_sqlite_word(&r->p, "ON"))
		return;
	op->table = (struct wb_name){ op->object.schema, wb_sqlite_op_name(r).name };
	size_t where = wb_sqlite_op_find(r, r->p.i, "WHERE");
	wb_sqlite_op_columns(r, op, r->p.i);
	wb_sqlite_op_calls(r, op, r->p.i, r->p.n);
	op->flags |= where < r->p.n ? WB_WITH_WHERE : 0;
	op->expr = wb_sqlite_op_text(r, where + 1, r->p.n);
}

static void create_view(struct wb_sqlite_reading *r, uint32_t flags)
{
	struct wb_operation *op = begin(r, WB_OP_CREATE, WB_KIND_VIEW, flags | take_exists(r));
	op->table = op->object = wb_sqlite_op_name(r);
	op->other = source(r, r->p.i);
}

static void create_trigger(struct wb_sqlite_reading *r, uint32_t flags)
{
	struct wb_operation *op = begin(r, WB_OP_TRIGGER_CREATE, WB_KIND_TRIGGER, flags | take_exists(r));
	op->object = wb_sqlite_op_name(r);
	r->p.i = wb_sqlite_op_find(r, r->p.i, "ON");
	if (wb_sqlite_word(&r->p, "ON"))
		op->table = wb_sqlite_op_name(r);
}

static const struct {
	const char *word;
	enum wb_kind kind;
	void (*create)(struct wb_sqlite_reading *r, uint32_t flags);
} kinds[] = {
	{ "TABLE", WB_KIND_TABLE, create_table },     { "INDEX", WB_KIND_INDEX, create_index },
	{ "VIEW", WB_KIND_VIEW, create_view },        { "TRIGGER", WB_KIND_TRIGGER, create_trigger },
	{ "VIRTUAL", WB_KIND_TABLE, create_virtual },
};

static void create(struct wb_sqlite_reading *r)
{
	uint32_t flags = 0;
	if (wb_sqlite_word(&r->p, "TEMP") || wb_sqlite_word(&r->p, "TEMPORARY"))
		flags = WB_WITH_TEMPORARY;
	flags |= wb_sqlite_word(&r->p, "UNIQUE") ? WB_WITH_UNIQUE : 0;
	for (size_t i = 0; i < WB_ARRAY_LEN(kinds); i++) {
		if (wb_sqlite_word(&r->p, kinds[i].word)) {
			kinds[i].create(r, flags);
			return;
		}
	}
}

static void drop(struct wb_sqlite_reading *r)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(kinds); i++) {
		if (!wb_sqlite_word(&r->p, kinds[i].word))
			continue;
		bool index = kinds[i].kind == WB_KIND_INDEX;
		struct wb_operation *op =
			begin(r, index ? WB_OP_INDEX_DROP : WB_OP_DROP, kinds[i].kind, take_exists(r));
		op->object = wb_sqlite_op_name(r);
		if (kinds[i].kind == WB_KIND_TABLE || kinds[i].kind == WB_KIND_VIEW)
			op->table = op->object;
		return;
	}
}

static void alter(struct wb_sqlite_reading *r)
{
	if (!wb_sqlite_word(&r->p, "TABLE"))
		return;
	size_t first = r->ops.n;
	uint32_t flags = take_exists(r);
	wb_sqlite_op_alter(r, wb_sqlite_op_name(r));
	for (size_t i = first; i < r->ops.n; i++) {
		enum wb_op code = r->ops.v[i].code;
		if (code != WB_OP_COLUMN_ADD && code != WB_OP_COLUMN_DROP && code != WB_OP_CONSTRAINT_DROP)
			r->ops.v[i].flags |= flags;
	}
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static void take_or(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	if (!wb_sqlite_word(&r->p, "OR"))
		return;
	op->flags |= wb_sqlite_op_is(r, r->p.i, "REPLACE") ? WB_WITH_REPLACE : 0;
	r->p.i += r->p.i < r->p.n;
}

static void insert(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_INSERT, WB_KIND_TABLE, 0);
	if (wb_sqlite_op_is(r, r->p.i - 1, "REPLACE"))
		op->flags = WB_WITH_REPLACE;
	take_or(r, op);
	(void)wb_sqlite_word(&r->p, "INTO");
	op->table = wb_sqlite_op_name(r);
	if (wb_sqlite_word(&r->p, "AS"))
		(void)wb_sqlite_op_name(r);
	wb_sqlite_op_columns(r, op, r->p.i);
	if (wb_sqlite_at_open(&r->p))
		r->p.i = wb_sqlite_op_behind(r, r->p.i);
	op->other = source(r, r->p.i);
	op->reach = reads_none(r, r->p.i) ? WB_REACH_NONE : WB_REACH_SOME;
	if (wb_sqlite_op_is(r, r->p.i, "VALUES")) /* a payload may be long */
		return;
	wb_sqlite_op_calls(r, op, r->p.i, r->p.n);
}

/* Those set: each stands behind SET or a comma, and before "=". */
static void set_columns(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	size_t n = 0, first = wb_sqlite_op_find(r, r->p.i, "SET") + 1;
	const char **v = first < r->p.n ? wb_arena_array(r->p.a, r->p.n - first, sizeof(*v)) : NULL;
	r->p.failed |= first < r->p.n && !v;
	for (size_t i = first; v && i < r->p.n; i = wb_sqlite_op_end(r, i) + 1) {
		if (!is_mark(r, i + 1, "=") || !wb_sqlite_is_name(&r->p.v[i]))
			break;
		v[n] = wb_sqlite_name(r->p.a, &r->p.v[i]);
		r->p.failed |= !v[n++];
	}
	op->columns = n ? v : NULL;
	op->n_columns = n;
}

static void update(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_UPDATE, WB_KIND_TABLE, 0);
	take_or(r, op);
	op->table = wb_sqlite_op_name(r);
	op->flags |= wb_sqlite_op_find(r, r->p.i, "WHERE") < r->p.n ? WB_WITH_WHERE : 0;
	wb_sqlite_op_calls(r, op, r->p.i, r->p.n);
	set_columns(r, op);
}

static void delete_rows(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_DELETE, WB_KIND_TABLE, 0);
	(void)wb_sqlite_word(&r->p, "FROM");
	op->table = wb_sqlite_op_name(r);
	op->flags |= wb_sqlite_op_find(r, r->p.i, "WHERE") < r->p.n ? WB_WITH_WHERE : 0;
	wb_sqlite_op_calls(r, op, r->p.i, r->p.n);
}

static void select_rows(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_SELECT, WB_KIND_TABLE, 0);
	op->table = source(r, r->p.i);
	op->reach = reads_none(r, r->p.i) ? WB_REACH_NONE : WB_REACH_SOME;
	op->flags |= wb_sqlite_op_find(r, r->p.i, "WHERE") < r->p.n ? WB_WITH_WHERE : 0;
	wb_sqlite_op_calls(r, op, r->p.i, r->p.n);
}

/* ---- the session ------------------------------------------------------------------------------------- */

static void pragma(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_SET, WB_KIND_COUNT, 0);
	op->object = wb_sqlite_op_name(r);
	if (!wb_sqlite_char(&r->p, "=") && !wb_sqlite_at_open(&r->p)) {
		op->code = WB_OP_SESSION; /* only asks, as far as one can tell */
		return;
	}
	bool open = wb_sqlite_at_open(&r->p);
	r->p.i += open;
	op->expr = wb_sqlite_op_text(r, r->p.i, r->p.n - open);
}

static void attach(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_DATABASE, WB_KIND_COUNT, 0);
	op->noun = "database";
	op->expr = wb_sqlite_op_is(r, r->p.i - 1, "ATTACH") ? "attach" : "detach";
	if (*op->expr == 'a')
		r->p.i = wb_sqlite_op_find(r, r->p.i, "AS") + 1;
	else
		(void)wb_sqlite_word(&r->p, "DATABASE");
	op->object = wb_sqlite_op_name(r);
}

/* It writes all of the file anew, unless into another. */
static void vacuum(struct wb_sqlite_reading *r)
{
	bool into = wb_sqlite_op_find(r, r->p.i, "INTO") < r->p.n;
	(void)begin(r, into ? WB_OP_SESSION : WB_OP_TABLE_VACUUM_FULL, into ? WB_KIND_COUNT : WB_KIND_TABLE, 0);
}

static void analyze(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_TABLE_ANALYZE, WB_KIND_TABLE, 0);
	op->table = wb_sqlite_op_name(r);
}

/* Of an index, a table or a collation: the name does not say. */
static void reindex(struct wb_sqlite_reading *r)
{
	struct wb_operation *op = begin(r, WB_OP_INDEX_REINDEX, WB_KIND_COUNT, 0);
	op->object = wb_sqlite_op_name(r);
}

static void transaction(struct wb_sqlite_reading *r)
{
	static const struct {
		const char *word, *expr;
		bool named;
	} words[] = {
		{ "BEGIN", "begin", false },       { "COMMIT", "commit", false },      { "END", "commit", false },
		{ "ROLLBACK", "rollback", false }, { "SAVEPOINT", "savepoint", true }, { "RELEASE", "release", true },
	};
	struct wb_operation *op = begin(r, WB_OP_TRANSACTION, WB_KIND_COUNT, 0);
	bool named = false;
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++) {
		if (wb_sqlite_op_is(r, r->p.i - 1, words[i].word)) {
			op->expr = words[i].expr;
			named = words[i].named;
		}
	}
	(void)wb_sqlite_word(&r->p, "TRANSACTION");
	if (!named && wb_sqlite_word(&r->p, "TO")) {
		op->expr = "rollback to";
		named = true;
	}
	if (named && r->p.i + 1 < r->p.n)
		(void)wb_sqlite_word(&r->p, "SAVEPOINT");
	if (named)
		op->object.name = wb_sqlite_op_name(r).name;
}

static void explain(struct wb_sqlite_reading *r)
{
	(void)begin(r, WB_OP_SESSION, WB_KIND_COUNT, 0);
}

/* ---- all of them ----------------------------------------------------------------------------------------- */

static void with(struct wb_sqlite_reading *r);

static const struct statement {
	const char *word;
	void (*read)(struct wb_sqlite_reading *r);
	bool main; /* what WITH may stand before */
} statements[] = {
	{ "CREATE", create, false },         { "DROP", drop, false },
	{ "ALTER", alter, false },           { "INSERT", insert, true },
	{ "REPLACE", insert, true },         { "UPDATE", update, true },
	{ "DELETE", delete_rows, true },     { "SELECT", select_rows, true },
	{ "VALUES", select_rows, true },     { "WITH", with, false },
	{ "PRAGMA", pragma, false },         { "ATTACH", attach, false },
	{ "DETACH", attach, false },         { "VACUUM", vacuum, false },
	{ "ANALYZE", analyze, false },       { "REINDEX", reindex, false },
	{ "BEGIN", transaction, false },     { "COMMIT", transaction, false },
	{ "END", transaction, false },       { "ROLLBACK", transaction, false },
	{ "SAVEPOINT", transaction, false }, { "RELEASE", transaction, false },
	{ "EXPLAIN", explain, false },
};

static const struct statement *statement_at(const struct wb_sqlite_reading *r, size_t i)
{
	for (size_t k = 0; k < WB_ARRAY_LEN(statements); k++)
		if (wb_sqlite_op_is(r, i, statements[k].word))
			return &statements[k];
	return NULL;
}

/* What WITH names are queries; what follows them is the statement. */
static void with(struct wb_sqlite_reading *r)
{
	for (size_t i = r->p.i; i < r->p.n; i = wb_sqlite_op_behind(r, i)) {
		const struct statement *s = statement_at(r, i);
		if (s && s->main) {
			r->p.i = i + 1;
			s->read(r);
			return;
		}
	}
}

static int read_all(struct wb_sqlite_reading *r, struct wb_error *err)
{
	const struct statement *s = statement_at(r, 0);
	r->p.i = 1;
	if (s)
		s->read(r);
	if (!r->ops.n && !r->p.failed) {
		(void)begin(r, WB_OP_UNKNOWN, WB_KIND_COUNT, 0);
		r->unknown = "a kind of statement that is not known";
	}
	return r->p.failed ? wb_err_nomem(err) : 0;
}

/* For mocks alone. */
static uint64_t form_of(const struct wb_sqlite_reading *r)
{
#ifdef WB_MOCK
	return wb_sqlite_form(r->p.v, r->p.n);
#else
	(void)r;
	return 0;
#endif
}

int wb_sqlite_operations(struct wb_sv statement, struct wb_arena *a, struct wb_operations *ret_ops,
			 struct wb_error *err)
{
	struct wb_sqlite_tokens t = { 0 };
	struct wb_sqlite_reading r = { .p = { .a = a }, .text = statement };
	struct wb_operation *v = NULL;
	int rc = wb_sqlite_tokens_read(&t, wb_sv_head(statement, READ_MAX)) ? 0 : wb_err_nomem(err);
	r.p.v = t.v;
	r.p.n = t.n;
	if (rc == 0)
		rc = read_all(&r, err);
	if (rc == 0) {
		v = wb_arena_array(a, r.ops.n, sizeof(*v));
		rc = v ? 0 : wb_err_nomem(err);
	}
	if (v) {
		memcpy(v, r.ops.v, r.ops.n * sizeof(*v));
		*ret_ops = (struct wb_operations){ v, r.ops.n, r.unknown, form_of(&r) };
	}
	wb_vec_done(&r.ops);
	wb_vec_done(&t);
	return rc;
}
