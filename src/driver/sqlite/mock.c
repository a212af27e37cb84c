/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements tried on a mock: prepared, judged by what sqlite3 says, and run where
 * they change the schema. A refusal counts only where all that the statement names
 * is known; functions, collations and modules may be the application's.
 */
#include "driver/sqlite/mock.h"

#include <stdlib.h>
#include <strings.h>

#define TRIES_MAX 16
#define STATEMENT_MAX ((size_t)255 << 10) /* what is longer has rows in it */

static struct wb_sqlite_mock *mock_of(struct wb_mock *m)
{
	_Static_assert(offsetof(struct wb_sqlite_mock, base) == 0, "struct wb_mock comes first");
	return (struct wb_sqlite_mock *)(void *)m;
}

/* ---- one statement ----------------------------------------------------------------------- */

struct trial {
	struct wb_sqlite_mock *m;
	struct wb_sv sql;
	struct wb_stmt_info info;
	struct wb_operations *ops;
	struct wb_tried *tried;
	bool unsure; /* of something that it names */
	bool explains; /* EXPLAIN: nothing is run */
	const char *refusal; /* why sqlite3 does not prepare it */
	struct wb_error *err;
};

static bool is_syntax(const char *message)
{
	struct wb_sv m = wb_sv_str(message);

	return wb_sv_ends(m, ": syntax error") || wb_sv_starts(m, "unrecognized token") ||
	       wb_sv_starts(m, "incomplete input");
}

/* What another build, or another connection, may know. */
static bool is_of_its_own(const char *message)
{
	static const char *const parts[] = {
		"no such module",
		"no such function",
		"unknown function",
		"no such collation",
		"wrong number of arg",
		"unable to use",
		"not authorized",
		"unknown database",
		"too many",
		"stack overflow",
		"tree is too large",
		"no such tokenizer",
		"unsafe use of",
		"prohibited",
		"no such vfs",
		"may not be modified",
		"no such savepoint",
		"reserved for internal",
		"sqlite_",
		"out of memory",
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(parts); i++)
		if (strstr(message, parts[i]))
			return true;
	return false;
}

/* It may be there all the same, where no database says what is. */
static bool is_missing(const char *message)
{
	static const char *const parts[] = { "no such table", "no such index", "no such view", "no such trigger",
					     "unable to identify" };

	for (size_t i = 0; i < WB_ARRAY_LEN(parts); i++)
		if (strstr(message, parts[i]))
			return true;
	return false;
}

static const struct {
	const char *part, *hint;
} hints[] = {
	{ "no such table", "is the name right, and does an earlier statement make it?" },
	{ "no such", "is the name right, and has no earlier statement dropped or renamed it?" },
	{ "has no column named", "is the name right, and has no earlier statement dropped or renamed it?" },
	{ "already", "it is there before this statement: take another name, or IF NOT EXISTS where that is meant" },
	{ "duplicate column name", "the table has this column before this statement" },
	{ "values for", "as many values as columns" },
	{ "were supplied", "name the columns that the values are for" },
	{ "ambiguous", "put the table's name before the column's" },
};

/* sqlite3 does not always say where; the name that it gives last is somewhere in the statement. */
static size_t place_of(const struct trial *t, const char *message)
{
	struct wb_lexer lx;
	struct wb_sv name = wb_sv_str(message);

	if (wb_sv_ends(name, " already exists"))
		name.n -= strlen(" already exists");
	while (name.n && memchr(name.p, ' ', name.n)) {
		const char *blank = memchr(name.p, ' ', name.n);
		name = wb_sv(blank + 1, (size_t)(name.p + name.n - blank) - 1);
	}

	wb_lex_init(&lx, WB_DIALECT_SQLITE, t->sql);
	for (struct wb_token tok = wb_lex_next_solid(&lx); tok.kind != WB_TOK_END; tok = wb_lex_next_solid(&lx))
		if ((tok.kind == WB_TOK_WORD && tok.text.n == name.n && !strncasecmp(tok.text.p, name.p, name.n)) ||
		    (tok.kind == WB_TOK_IDENT && tok.text.n == name.n + 2 &&
		     !strncasecmp(tok.text.p + 1, name.p, name.n)))
			return (size_t)(tok.text.p - t->sql.p);
	return SIZE_MAX;
}

static int fail(struct trial *t, enum wb_verdict verdict, const char *message, const char *hint)
{
	struct wb_sqlite_mock *m = t->m;

	if (verdict == WB_REFUSED && (t->unsure || m->blind || m->loose || is_of_its_own(message) ||
				      ((!m->base.exact || m->lent) && is_missing(message))))
		verdict = WB_DOUBTFUL;
	t->tried->verdict = verdict;
	if (verdict == WB_DOUBTFUL)
		return 0;
	for (size_t i = 0; !hint && verdict == WB_REFUSED && i < WB_ARRAY_LEN(hints); i++)
		hint = strstr(message, hints[i].part) ? hints[i].hint : NULL;
	if (t->tried->offset == SIZE_MAX && verdict == WB_REFUSED)
		t->tried->offset = place_of(t, message);
	t->tried->message = wb_arena_str(m->texts, message);
	t->tried->hint = wb_arena_str(m->texts, hint);
	return t->tried->message && (t->tried->hint || !hint) ? 0 : wb_err_nomem(t->err);
}

/* What sqlite3 says is no statement may still be one of the forms that the driver adds. */
static int say_syntax(struct trial *t)
{
	struct wb_error e = { 0 };
	int rc = wb_sqlite_syntax(NULL, t->sql, &t->tried->offset, &e);

	if (rc == WB_ENOMEM)
		return wb_err_nomem(t->err);
	return rc ? fail(t, WB_WRONG, e.message, *e.hint ? e.hint : NULL) : 0;
}

/* A form of ALTER TABLE that builds the table anew: sqlite3's refusal is not the last word. */
static int try_alter(struct trial *t, const char *refusal)
{
	struct wb_error e = { 0 };
	size_t offset = t->tried->offset;
	int rc = wb_sqlite_mock_alter(t->m, t->sql, &offset, &e);

	if (rc == WB_ENOMEM)
		return wb_err_nomem(t->err);
	if (rc == 0)
		return 0;
	if (rc == WB_EINPUT || (rc != WB_ESQL && rc != WB_ENOTFOUND))
		return is_syntax(refusal) ? say_syntax(t) : fail(t, WB_REFUSED, refusal, NULL);
	t->tried->offset = rc == WB_ESQL ? offset : SIZE_MAX;
	return fail(t, WB_REFUSED, e.message, *e.hint ? e.hint : NULL);
}

static int judge_refusal(struct trial *t, int result, const char *message)
{
	bool no_table = message && strstr(message, "no such table");

	if (!message || (result & 0xff) == SQLITE_NOMEM)
		return wb_err_nomem(t->err);
	if ((result & 0xff) != SQLITE_ERROR) {
		t->tried->verdict = WB_DOUBTFUL;
		return 0;
	}
	if (t->info.alters && !no_table)
		return try_alter(t, message);
	return is_syntax(message) ? say_syntax(t) : fail(t, WB_REFUSED, message, NULL);
}

/* A change of the schema that was allowed, and then failed. */
static int judge_run(struct trial *t, int result)
{
	return result ? judge_refusal(t, result, wb_arena_str(t->m->texts, sqlite3_errmsg(t->m->db))) : 0;
}

/* ---- carrying the schema on ------------------------------------------------------------------ */

static bool has(const struct wb_sqlite_mock *m, enum wb_sqlite_act act)
{
	for (size_t i = 0; i < m->acts.n; i++)
		if (m->acts.v[i].act == act)
			return true;
	return false;
}

/* The act that changes the schema; NULL: it is left as it is. */
static const struct wb_sqlite_acted *change_of(const struct wb_sqlite_mock *m)
{
	for (size_t i = 0; i < m->acts.n; i++) {
		enum wb_sqlite_act act = m->acts.v[i].act;
		if (!m->acts.v[i].through && (act == WB_ACT_CREATE || act == WB_ACT_DROP || act == WB_ACT_ALTER))
			return &m->acts.v[i];
	}
	return NULL;
}

/* In place of a table whose columns nobody knows. */
static int put_unknown(struct trial *t, const char *name)
{
	wb_autostr message = WB_STR_INIT;

	wb_str_addf(&message, "no such table: %s", name);
	if (message.failed)
		return wb_err_nomem(t->err);
	(void)wb_sqlite_mock_stand_in(t->m, message.p, true);
	return wb_sqlite_mock_doubt(t->m, wb_sv_str(name), t->err);
}

/* The columns of a query are known without its rows: SELECT * FROM (query) LIMIT 0. */
static int make_empty(struct trial *t, const char *name)
{
	struct wb_lexer lx;
	struct wb_token tok;
	wb_autostr sql = WB_STR_INIT;
	size_t behind = 0;

	wb_lex_init(&lx, WB_DIALECT_SQLITE, t->sql);
	while (!behind && (tok = wb_lex_next_solid(&lx)).kind != WB_TOK_END)
		if (tok.kind == WB_TOK_WORD && wb_sv_ieq(tok.text, "AS"))
			behind = (size_t)(tok.text.p - t->sql.p) + 2;
	wb_str_addsv(&sql, wb_sv(t->sql.p, behind));
	wb_str_add(&sql, " SELECT * FROM (");
	wb_str_addsv(&sql, wb_sv(t->sql.p + behind, t->sql.n - behind));
	wb_str_add(&sql, "\n) LIMIT 0");
	if (sql.failed)
		return wb_err_nomem(t->err);
	return behind && wb_sqlite_mock_run(t->m, wb_str_sv(&sql)) == SQLITE_OK ? 0 : put_unknown(t, name);
}

/* Only such as touch nothing but the database itself. */
static bool is_known_module(const char *name)
{
	static const char *const modules[] = { "fts3", "fts4", "fts5", "rtree", "rtree_i32", "geopoly" };

	for (size_t i = 0; name && i < WB_ARRAY_LEN(modules); i++)
		if (wb_sv_ieq(wb_sv_str(name), modules[i]))
			return true;
	return false;
}

static int make_virtual(struct trial *t, const struct wb_sqlite_acted *a)
{
	if (is_known_module(a->on) && wb_sqlite_mock_run(t->m, t->sql) == SQLITE_OK)
		return 0;
	t->tried->verdict = WB_DOUBTFUL;
	return put_unknown(t, a->name.name);
}

/* It is kept as a text until something names what it makes. */
static int put_off(struct trial *t, const struct wb_sqlite_acted *a)
{
	bool reads = a->kind == WB_KIND_VIEW || a->kind == WB_KIND_TRIGGER;

	return wb_sqlite_mock_know(t->m, t->sql, a->name.name, a->on, reads, t->err);
}

static int create(struct trial *t, const struct wb_sqlite_acted *a)
{
	struct wb_sqlite_mock *m = t->m;
	bool again = t->ops->n && t->ops->v[0].flags & WB_WITH_IF_EXISTS, temporary = a->name.schema != NULL;
	int rc, result;

	/* There it may have been made already, and otherwise. */
	if (again && !m->base.exact && (rc = wb_sqlite_mock_doubt(m, wb_sv_str(a->name.name), t->err)))
		return rc;
	m->temporary |= temporary;
	m->made++;
	if (a->kind == WB_KIND_VIRTUAL_TABLE)
		return make_virtual(t, a);
	if (a->kind == WB_KIND_TABLE && has(m, WB_ACT_SELECT)) {
		rc = t->unsure ? wb_sqlite_mock_doubt(m, wb_sv_str(a->name.name), t->err) : 0;
		return rc ? rc : make_empty(t, a->name.name);
	}
	if (!m->marked && !temporary)
		return put_off(t, a);
	result = wb_sqlite_mock_run(m, t->sql);
	return judge_run(t, result);
}

/* Of what nobody knows nothing can be changed that would be known then, but its name. */
static int alter_unknown(struct trial *t, const struct wb_sqlite_acted *a)
{
	const struct wb_operation *op = t->ops->v;

	if (t->ops->n != 1 || op->code != WB_OP_RENAME || op->kind != WB_KIND_TABLE || !op->expr)
		return 0;
	if (wb_sqlite_mock_run(t->m, t->sql) != SQLITE_OK)
		return 0;
	wb_sqlite_mock_trust(t->m, wb_sv_str(a->name.name));
	return wb_sqlite_mock_doubt(t->m, wb_sv_str(op->expr), t->err);
}

/* Who makes a table knows that it is not there; what stands in its place is only ours. */
static void make_way(struct trial *t)
{
	wb_autostr sql = WB_STR_INIT;
	const struct wb_operation *op = t->ops->v;
	bool makes = t->ops->n && (op->code == WB_OP_TABLE_CREATE || op->code == WB_OP_TABLE_CREATE_AS) &&
		     op->table.name && !op->table.schema && !(op->flags & (WB_WITH_IF_EXISTS | WB_WITH_TEMPORARY));

	if (!makes || t->m->base.exact || !wb_sqlite_mock_doubted(t->m, wb_sv_str(op->table.name)))
		return;
	wb_str_add(&sql, "DROP TABLE main.");
	wb_quote_ident(&sql, wb_sv_str(op->table.name));
	if (!sql.failed && wb_sqlite_mock_run(t->m, wb_str_sv(&sql)) == SQLITE_OK) {
		wb_sqlite_mock_trust(t->m, wb_sv_str(op->table.name));
		t->unsure = false;
	}
}

static int carry_on(struct trial *t)
{
	const struct wb_sqlite_acted *a = change_of(t->m);
	int result;

	if (t->explains || !a)
		return 0;
	if (a->act == WB_ACT_CREATE)
		return create(t, a);
	if (t->unsure && a->act == WB_ACT_ALTER)
		return alter_unknown(t, a);
	result = wb_sqlite_mock_run(t->m, t->sql);
	if (result == SQLITE_OK && a->act == WB_ACT_DROP)
		wb_sqlite_mock_trust(t->m, wb_sv_str(a->name.name));
	return judge_run(t, result);
}

/* ---- what cannot be tried ----------------------------------------------------------------------- */

static bool says_on(const char *value)
{
	struct wb_sv v = wb_sv_str(value);

	return value && (wb_sv_ieq(v, "on") || wb_sv_ieq(v, "1") || wb_sv_ieq(v, "true") || wb_sv_ieq(v, "yes"));
}

/* Only of some that were refused is it known what they would have changed. */
static void heed(struct wb_sqlite_mock *m)
{
	for (size_t i = 0; i < m->acts.n; i++) {
		const struct wb_sqlite_acted *a = &m->acts.v[i];
		struct wb_sv name = wb_sv_str(a->name.name);
		m->blind |= a->act == WB_ACT_ATTACH;
		if (a->act != WB_ACT_PRAGMA)
			continue;
		m->blind |= wb_sv_ieq(name, "writable_schema") && a->on;
		if (wb_sv_ieq(name, "legacy_alter_table") && a->on)
			(void)sqlite3_db_config(m->db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, says_on(a->on), NULL);
	}
}

/* ---- trying ----------------------------------------------------------------------------------------- */

static int look(struct trial *t, sqlite3_stmt **ret_stmt)
{
	struct wb_sqlite_mock *m = t->m;
	int rc = SQLITE_ERROR;

	for (int i = 0; i < TRIES_MAX; i++) {
		m->acts.n = 0;
		m->watching = true;
		m->ticks = 0;
		rc = sqlite3_prepare_v2(m->db, t->sql.p, (int)t->sql.n, ret_stmt, NULL);
		m->watching = false;
		if (rc != SQLITE_ERROR)
			return rc;
#if SQLITE_VERSION_NUMBER >= 3038000
		int offset = sqlite3_error_offset(m->db);
		t->tried->offset = offset >= 0 ? (size_t)offset : SIZE_MAX;
#endif
		t->refusal = wb_arena_str(m->texts, sqlite3_errmsg(m->db));
		if (!t->refusal)
			return SQLITE_NOMEM;
		if (!wb_sqlite_mock_stand_in(m, t->refusal, !m->base.exact || m->blind))
			return rc;
		t->unsure = true;
	}
	return rc;
}

static int try_it(struct trial *t)
{
	struct wb_sqlite_mock *m = t->m;
	wb_autostmt *stmt = NULL;
	int result = look(t, &stmt), rc;

	heed(m);
	if (result == SQLITE_AUTH || (result == SQLITE_OK && !stmt)) {
		t->tried->offset = SIZE_MAX;
		return 0;
	}
	if (result != SQLITE_OK)
		return judge_refusal(t, result, t->refusal ? t->refusal : "");
	t->tried->offset = SIZE_MAX;
	t->explains = sqlite3_stmt_isexplain(stmt);
	(void)sqlite3_finalize(wb_steal(&stmt)); /* a schema cannot change under an open statement */
	rc = t->explains ? 0 : wb_sqlite_mock_confirm(m, t->ops, t->tried, t->err);
	if (rc == 0 && !t->explains)
		rc = wb_sqlite_mock_notes(m, t->sql, t->ops, t->tried, t->err);
	return rc ? rc : carry_on(t);
}

static bool changes_rows(enum wb_op code)
{
	return code == WB_OP_INSERT || code == WB_OP_UPDATE || code == WB_OP_DELETE || code == WB_OP_SELECT;
}

int wb_sqlite_mock_try(struct wb_mock *mock, struct wb_sv statement, struct wb_arena *a, struct wb_operations *ops,
		       struct wb_tried *ret_tried, struct wb_error *err)
{
	struct trial t = { .m = mock_of(mock), .sql = statement, .ops = ops, .tried = ret_tried, .err = err };
	int rc;

	*ret_tried = (struct wb_tried){ .verdict = WB_DOUBTFUL, .offset = SIZE_MAX };
	if (statement.n > STATEMENT_MAX) {
		t.m->blind |= !ops->n || !changes_rows(ops->v[0].code);
		return 0;
	}
	t.m->texts = a;
	t.m->failed = false;
	t.m->tried++;
	rc = wb_sqlite_mock_thin(t.m, err);
	if (rc)
		return rc;
	if (wb_sqlite_mock_again(t.m, statement, ops, ret_tried)) {
		t.m->texts = NULL;
		return t.m->failed ? wb_err_nomem(err) : 0;
	}
	wb_sqlite_classify(statement, &t.info);
	rc = wb_sqlite_mock_need(t.m, statement, &t.unsure, err);
	if (rc == 0) {
		ret_tried->verdict = WB_TAKEN;
		make_way(&t);
		rc = try_it(&t);
	}
	if (rc == 0 && t.unsure && ret_tried->verdict == WB_TAKEN)
		ret_tried->verdict = WB_DOUBTFUL;
	if (rc == 0)
		wb_sqlite_mock_remember(t.m, ops, ret_tried);
	t.m->texts = NULL;
	return rc == 0 && t.m->failed ? wb_err_nomem(err) : rc;
}

/* ---- the mock ---------------------------------------------------------------------------------------------- */

int wb_sqlite_mock_open(struct wb_conn *conn, struct wb_mock **ret_mock, struct wb_error *err)
{
	struct wb_sqlite_mock *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return wb_err_nomem(err);
	m->base.driver = wb_sqlite_driver();
	m->base.exact = conn;
	rc = wb_sqlite_mock_begin(m, err);
	if (rc == 0 && conn)
		rc = wb_sqlite_mock_learn(m, wb_sqlite_of(conn), err);
	if (rc)
		wb_sqlite_mock_close(&m->base);
	else
		*ret_mock = &m->base;
	return rc;
}

int wb_sqlite_mock_mark(struct wb_mock *mock, bool back, struct wb_error *err)
{
	struct wb_sqlite_mock *m = mock_of(mock);
	int rc = 0;

	if (!back)
		rc = wb_sqlite_mock_thin(m, err);
	if (rc)
		return rc;
	m->marked = !back;
	if (m->begun && wb_sqlite_mock_run(m, WB_SV("ROLLBACK")) != SQLITE_OK)
		return wb_err_set(err, WB_EBUG, "the mock of the schema cannot go back: %s", sqlite3_errmsg(m->db));
	m->begun = m->loose = false;
	for (size_t i = 0; i < m->since_mark.n; i++)
		m->since_mark.v[i]->done = false;
	m->made -= m->since_mark.n < m->made ? m->since_mark.n : m->made;
	m->since_mark.n = 0;
	return 0;
}

void wb_sqlite_mock_close(struct wb_mock *mock)
{
	if (!mock)
		return;
	wb_sqlite_mock_done(mock_of(mock));
	free(mock_of(mock));
}
