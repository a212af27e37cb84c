/* SPDX-License-Identifier: Apache-2.0
 *
 * What a mock knows of the schema: texts of statements that make it, found by the
 * words that stand in them, and run once a statement names one of these.
 */
#include "driver/sqlite/mock.h"

#define MANY 32 /* objects; each change of a schema costs by how many it has */
#define TICK 100000 /* steps of sqlite3's machine */
#define TICKS_MAX 20
#define TRIES_MAX 16

/* ---- words ---------------------------------------------------------------------------- */

/* Without its quotes; doubled ones inside stay doubled, which finds nothing, and harms nobody. */
static struct wb_sv bare(const struct wb_token *t)
{
	if (t->kind == WB_TOK_WORD || t->text.n < 2)
		return t->text;
	return wb_sv(t->text.p + 1, t->text.n - 2);
}

static bool may_name(const struct wb_token *t)
{
	return t->kind == WB_TOK_WORD || t->kind == WB_TOK_IDENT || t->kind == WB_TOK_STRING;
}

#define WORD_MAX 256
/* A quote within quotes stands twice there, and once in the schema's lists of names. */
static struct wb_sv word_key(struct wb_sv name, char buf[WORD_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < name.n && n < WORD_MAX; i++) {
		char c = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] | 0x20) : name.p[i];
		if (!n || c != buf[n - 1] || !strchr("\"'`]", c))
			buf[n++] = c;
	}
	return wb_sv(buf, n);
}

struct wb_sqlite_word *wb_sqlite_mock_word(const struct wb_sqlite_mock *m, struct wb_sv name)
{
	char buf[WORD_MAX];

	return wb_map_get(&m->words, word_key(name, buf));
}

static struct wb_sqlite_word *make_word(struct wb_sqlite_mock *m, struct wb_sv name)
{
	char buf[WORD_MAX];
	struct wb_sv key = word_key(name, buf);
	struct wb_sqlite_word *w = wb_map_get(&m->words, key);
	const char *copy = w ? NULL : wb_arena_sv(&m->arena, key);

	if (w)
		return w;
	w = copy ? wb_arena_alloc(&m->arena, sizeof(*w)) : NULL;
	return w && wb_map_put(&m->words, wb_sv(copy, key.n), w) ? w : NULL;
}

static bool add_link(struct wb_sqlite_mock *m, struct wb_sv name, struct wb_sqlite_known *k)
{
	struct wb_sqlite_word *w = make_word(m, name);
	struct wb_sqlite_link *link = w ? wb_arena_alloc(&m->arena, sizeof(*link)) : NULL;

	if (!link)
		return false;
	if (w->last && w->last->known == k)
		return true;
	link->known = k;
	if (w->last)
		w->last->next = link;
	else
		w->first = link;
	w->last = link;
	return true;
}

static bool link_all(struct wb_sqlite_mock *m, struct wb_sqlite_known *k)
{
	struct wb_lexer lx;
	bool ok = true;

	wb_lex_init(&lx, WB_DIALECT_SQLITE, wb_sv_str(k->sql));
	for (struct wb_token t = wb_lex_next_solid(&lx); ok && t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx))
		ok = !may_name(&t) || add_link(m, bare(&t), k);
	return ok;
}

int wb_sqlite_mock_know(struct wb_sqlite_mock *m, struct wb_sv sql, const char *name, const char *on, bool reads,
			struct wb_error *err)
{
	struct wb_sqlite_known *k = wb_arena_alloc(&m->arena, sizeof(*k));
	bool ok = k;

	if (ok) {
		*k = (struct wb_sqlite_known){ .sql = wb_arena_sv(&m->arena, sql),
					       .name = wb_arena_str(&m->arena, name),
					       .on = wb_arena_str(&m->arena, on),
					       .reads = reads };
		ok = k->sql && k->name && (!on || k->on);
	}
	if (ok)
		ok = reads ? link_all(m, k) : add_link(m, wb_sv_str(name), k) && (!on || add_link(m, wb_sv_str(on), k));
	return ok ? 0 : wb_err_nomem(err);
}

int wb_sqlite_mock_doubt(struct wb_sqlite_mock *m, struct wb_sv name, struct wb_error *err)
{
	struct wb_sqlite_word *w = make_word(m, name);

	if (!w)
		return wb_err_nomem(err);
	w->unsure = true;
	return 0;
}

void wb_sqlite_mock_trust(struct wb_sqlite_mock *m, struct wb_sv name)
{
	struct wb_sqlite_word *w = wb_sqlite_mock_word(m, name);

	if (w)
		w->unsure = false;
}

bool wb_sqlite_mock_doubted(const struct wb_sqlite_mock *m, struct wb_sv name)
{
	const struct wb_sqlite_word *w = wb_sqlite_mock_word(m, name);

	return w && w->unsure;
}

/* ---- running ----------------------------------------------------------------------------- */

static void nothing(sqlite3_context *context, int n, sqlite3_value **v)
{
	(void)n, (void)v;
	sqlite3_result_null(context);
}

static int same(void *user, int na, const void *a, int nb, const void *b)
{
	(void)user, (void)na, (void)a, (void)nb, (void)b;
	return 0;
}

static int define_function(struct wb_sqlite_mock *m, const char *name)
{
	return sqlite3_create_function_v2(m->db, name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
					  nothing, NULL, NULL, NULL);
}

static int define_collation(struct wb_sqlite_mock *m, const char *name)
{
	return sqlite3_create_collation_v2(m->db, name, SQLITE_UTF8, NULL, same, NULL);
}

/* The name behind the words, if the message has them. */
static const char *name_behind(struct wb_sqlite_mock *m, const char *message, const char *words)
{
	const char *at = strstr(message, words);
	struct wb_sv name = wb_sv_str(at ? at + strlen(words) : NULL);

	if (wb_sv_ends(name, "()"))
		name.n -= 2;
	if (!at || !name.n)
		return NULL;
	const char *copy = wb_arena_sv(&m->arena, name);
	m->failed |= !copy;
	return copy;
}

static bool stand_in_table(struct wb_sqlite_mock *m, const char *name)
{
	wb_autostr sql = WB_STR_INIT;
	const char *dot = strchr(name, '.');

	if (dot && wb_sv_ieq(wb_sv(name, (size_t)(dot - name)), "main"))
		name = dot + 1;
	else if (dot)
		return false;
	if (wb_sqlite_mock_internal(name))
		return false;
	wb_str_add(&sql, "CREATE TABLE main.");
	wb_quote_ident(&sql, wb_sv_str(name));
	wb_str_add(&sql, " (x)");
	return !sql.failed && wb_sqlite_mock_doubt(m, wb_sv_str(name), NULL) == 0 &&
	       wb_sqlite_mock_run(m, wb_str_sv(&sql)) == SQLITE_OK;
}

bool wb_sqlite_mock_stand_in(struct wb_sqlite_mock *m, const char *message, bool tables)
{
	static const char *const functions[] = { "no such function: ", "unknown function: " };
	const char *name = name_behind(m, message, "no such collation sequence: ");

	if (name)
		return wb_vec_push(&m->collations, name) && define_collation(m, name) == SQLITE_OK;
	for (size_t i = 0; i < WB_ARRAY_LEN(functions); i++) {
		name = name_behind(m, message, functions[i]);
		if (name)
			return wb_vec_push(&m->functions, name) && define_function(m, name) == SQLITE_OK;
	}
	name = tables ? name_behind(m, message, "no such table: ") : NULL;
	return name && stand_in_table(m, name);
}

int wb_sqlite_mock_run(struct wb_sqlite_mock *m, struct wb_sv sql)
{
	bool watching = m->watching;
	int rc = SQLITE_OK;

	m->watching = false;
	m->ticks = 0;
	for (int i = 0; i < TRIES_MAX; i++) {
		wb_autostmt *stmt = NULL;
		rc = sqlite3_prepare_v2(m->db, sql.p, (int)sql.n, &stmt, NULL);
		while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
			rc = SQLITE_OK;
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
		if ((rc & 0xff) != SQLITE_ERROR || !wb_sqlite_mock_stand_in(m, sqlite3_errmsg(m->db), false))
			break;
	}
	m->watching = watching;
	return rc;
}

const char *wb_sqlite_mock_text(struct wb_sqlite_mock *m, const char *table)
{
	static const char sql[] =
		"SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
	wb_autostmt *stmt = NULL;
	bool watching = m->watching;
	const char *text = NULL;

	m->watching = false;
	if (sqlite3_prepare_v2(m->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		m->failed |= !(text = wb_arena_str(&m->arena, (const char *)sqlite3_column_text(stmt, 0)));
	m->watching = watching;
	return text;
}

/* ---- making what is named -------------------------------------------------------------------- */

static int need_word(struct wb_sqlite_mock *m, struct wb_sv name, bool *unsure, struct wb_error *err);

static int need_all(struct wb_sqlite_mock *m, struct wb_sv sql, bool *unsure, struct wb_error *err)
{
	struct wb_lexer lx;
	int rc = 0;

	wb_lex_init(&lx, WB_DIALECT_SQLITE, sql);
	for (struct wb_token t = wb_lex_next_solid(&lx); rc == 0 && t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx))
		rc = may_name(&t) ? need_word(m, bare(&t), unsure, err) : 0;
	return rc;
}

static int make(struct wb_sqlite_mock *m, struct wb_sqlite_known *k, struct wb_error *err)
{
	bool unsure = false;
	int rc = 0, result;

	k->done = true;
	if (m->marked && !wb_vec_push(&m->since_mark, k))
		return wb_err_nomem(err);
	if (k->reads)
		rc = need_all(m, wb_sv_str(k->sql), &unsure, err);
	else if (k->on)
		rc = need_word(m, wb_sv_str(k->on), &unsure, err);
	if (rc)
		return rc;
	result = wb_sqlite_mock_run(m, wb_sv_str(k->sql));
	m->made++;
	if ((result & 0xff) == SQLITE_NOMEM)
		return wb_err_nomem(err);
	if (result || unsure)
		rc = wb_sqlite_mock_doubt(m, wb_sv_str(k->name), err);
	return rc == 0 && unsure && k->on ? wb_sqlite_mock_doubt(m, wb_sv_str(k->on), err) : rc;
}

static int need_word(struct wb_sqlite_mock *m, struct wb_sv name, bool *unsure, struct wb_error *err)
{
	const struct wb_sqlite_word *w = wb_sqlite_mock_word(m, name);
	int rc = 0;

	for (const struct wb_sqlite_link *l = w ? w->first : NULL; rc == 0 && l; l = l->next)
		rc = l->known->done ? 0 : make(m, l->known, err);
	*unsure |= w && w->unsure;
	return rc;
}

int wb_sqlite_mock_need(struct wb_sqlite_mock *m, struct wb_sv sql, bool *ret_unsure, struct wb_error *err)
{
	*ret_unsure = false;
	if (m->marked && !m->begun) {
		m->begun = wb_sqlite_mock_run(m, WB_SV("BEGIN")) == SQLITE_OK;
		if (!m->begun)
			return wb_err_nomem(err);
	}
	return need_all(m, sql, ret_unsure, err);
}

/* ---- the database in memory --------------------------------------------------------------------- */

static int tick(void *user)
{
	struct wb_sqlite_mock *m = user;

	return m->ticks++ > TICKS_MAX;
}

int wb_sqlite_mock_begin(struct wb_sqlite_mock *m, struct wb_error *err)
{
	int rc = sqlite3_open_v2(":memory:", &m->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_set_authorizer(m->db, wb_sqlite_mock_watch, m);
	for (size_t i = 0; rc == SQLITE_OK && i < m->functions.n; i++)
		rc = define_function(m, m->functions.v[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < m->collations.n; i++)
		rc = define_collation(m, m->collations.v[i]);
	if (rc == SQLITE_OK)
		sqlite3_progress_handler(m->db, TICK, tick, m);
	return rc == SQLITE_OK ? 0 : wb_err_nomem(err);
}

static const char schema_sql[] = "SELECT type, name, tbl_name, sql FROM main.sqlite_schema "
				 "WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_' ORDER BY rowid";

static int take_object(struct wb_sqlite_mock *m, sqlite3_stmt *stmt, struct wb_error *err)
{
	const char *type = (const char *)sqlite3_column_text(stmt, 0);
	const char *name = (const char *)sqlite3_column_text(stmt, 1);
	const char *on = (const char *)sqlite3_column_text(stmt, 2);
	const char *sql = (const char *)sqlite3_column_text(stmt, 3);
	bool table, reads;

	if (!type || !name || !on || !sql)
		return wb_err_nomem(err);
	table = strcmp(type, "table") == 0;
	reads = strcmp(type, "view") == 0 || strcmp(type, "trigger") == 0;
	return wb_sqlite_mock_know(m, wb_sv_str(sql), name, table ? NULL : on, reads, err);
}

static int take_schema(struct wb_sqlite_mock *m, sqlite3 *db, struct wb_error *err)
{
	wb_autostmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, schema_sql, -1, &stmt, NULL), result = 0;

	while (result == 0 && rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		result = take_object(m, stmt, err);
		rc = SQLITE_OK;
	}
	if (result == 0 && rc != SQLITE_DONE)
		result = (rc & 0xff) == SQLITE_NOMEM
				 ? wb_err_nomem(err)
				 : wb_err_set(err, WB_ESQL, "the schema cannot be read: %s", sqlite3_errmsg(db));
	return result;
}

/* All that the database has; what hangs on a connection alone (attached databases, temporary tables) may be there. */
int wb_sqlite_mock_learn(struct wb_sqlite_mock *m, struct wb_sqlite *c, struct wb_error *err)
{
	char databases[16] = "";
	int rc = wb_sqlite_value(c, "SELECT count(*) FROM pragma_database_list WHERE name <> 'main'", databases,
				 sizeof(databases), err);

	if (rc)
		return rc;
	m->blind = strcmp(databases, "0") != 0;
	m->lent = c->embedded;
	return take_schema(m, c->db, err);
}

static void forget_done(struct wb_sqlite_mock *m)
{
	for (size_t i = 0; i < m->words.n; i++) {
		struct wb_sqlite_word *w = m->words.entries[i].value;
		struct wb_sqlite_link *l = w->first;

		w->first = w->last = NULL;
		for (; l; l = l->next) {
			if (l->known->done)
				continue;
			if (w->last)
				w->last->next = l;
			else
				w->first = l;
			w->last = l;
		}
		if (w->last)
			w->last->next = NULL;
	}
}

int wb_sqlite_mock_thin(struct wb_sqlite_mock *m, struct wb_error *err)
{
	bool many = m->made >= MANY || (m->made && m->base.exact && wb_sqlite_mock_hurries(m));
	int rc;

	if (!many || m->marked || m->temporary)
		return 0;
	m->watching = false;
	forget_done(m);
	rc = take_schema(m, m->db, err);
	if (rc)
		return rc;
	(void)sqlite3_close_v2(wb_steal(&m->db));
	m->made = 0;
	return wb_sqlite_mock_begin(m, err);
}

void wb_sqlite_mock_done(struct wb_sqlite_mock *m)
{
	(void)sqlite3_close_v2(m->db);
	wb_vec_done(&m->since_mark);
	wb_vec_done(&m->functions);
	wb_vec_done(&m->collations);
	wb_vec_done(&m->acts);
	wb_map_done(&m->words);
	wb_map_done(&m->forms);
	wb_arena_done(&m->arena);
}
