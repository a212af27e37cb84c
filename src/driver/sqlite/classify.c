/* SPDX-License-Identifier: Apache-2.0
 *
 * What a statement is, told by its first tokens. SQLite's grammar has few
 * statements and each is known by its first words; the settings, PRAGMA, differ
 * in whether they work inside a transaction, and are in a table of their own.
 */
#include "driver/sqlite/internal.h"

/* ---- words --------------------------------------------------------------------- */

struct reader {
	struct wb_lexer lx;
	struct wb_token tok; /* the one being looked at */
};

static void next(struct reader *r)
{
	r->tok = wb_lex_next_solid(&r->lx);
}

static void start(struct reader *r, struct wb_sv statement)
{
	wb_lex_init(&r->lx, WB_DIALECT_SQLITE, statement);
	next(r);
}

static bool at_word(const struct reader *r, const char *word)
{
	return r->tok.kind == WB_TOK_WORD && wb_sv_ieq(r->tok.text, word);
}

static bool skip_word(struct reader *r, const char *word)
{
	bool found = at_word(r, word);

	if (found)
		next(r);
	return found;
}

static bool is_name(const struct wb_token *tok)
{
	return tok->kind == WB_TOK_WORD || tok->kind == WB_TOK_IDENT || tok->kind == WB_TOK_STRING;
}

/* ---- names ---------------------------------------------------------------------- */

/* Appends the name without its quotes, quoted again only if it has to be. */
static void add_name(struct wb_str *out, const struct wb_token *tok)
{
	wb_autostr plain = WB_STR_INIT;
	char quote = tok->text.p[0] == '[' ? ']' : tok->text.p[0];
	size_t i;

	if (tok->kind == WB_TOK_WORD || tok->flaw || tok->text.n < 2) {
		wb_str_addsv(out, tok->text);
		return;
	}
	for (i = 1; i + 1 < tok->text.n; i++) {
		wb_str_addc(&plain, tok->text.p[i]);
		if (tok->text.p[i] == quote && tok->text.p[i + 1] == quote)
			i++;
	}
	for (i = 0; i < plain.n && (plain.p[i] == '_' || (plain.p[i] >= 'a' && plain.p[i] <= 'z') ||
				    (i > 0 && plain.p[i] >= '0' && plain.p[i] <= '9'));
	     i++)
		;
	if (plain.n && i == plain.n)
		wb_str_addsv(out, wb_str_sv(&plain));
	else
		wb_quote_ident(out, wb_str_sv(&plain));
}

/* The name, perhaps with its schema, that the reader stands at. */
static void take_object(struct reader *r, struct wb_stmt_info *info)
{
	wb_autostr name = WB_STR_INIT;

	if (!is_name(&r->tok))
		return;
	add_name(&name, &r->tok);
	next(r);
	if (r->tok.kind == WB_TOK_OTHER && wb_sv_eq(r->tok.text, WB_SV("."))) {
		next(r);
		if (is_name(&r->tok)) {
			wb_str_addc(&name, '.');
			add_name(&name, &r->tok);
			next(r);
		}
	}
	(void)wb_sv_copy(wb_str_sv(&name), info->object, sizeof(info->object));
}

static void take_existing_object(struct reader *r, struct wb_stmt_info *info)
{
	if (skip_word(r, "IF")) {
		(void)skip_word(r, "NOT");
		(void)skip_word(r, "EXISTS");
	}
	take_object(r, info);
}

static void set_command(struct wb_stmt_info *info, const char *first, const char *second)
{
	(void)snprintf(info->command, sizeof(info->command), "%s%s%s", first, second[0] ? " " : "", second);
}

/* ---- statements -------------------------------------------------------------------- */

/* TABLE, INDEX, VIEW or TRIGGER; "" when it is something else. */
static const char *take_kind(struct reader *r)
{
	static const char *const kinds[] = { "TABLE", "INDEX", "VIEW", "TRIGGER" };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(kinds); i++)
		if (skip_word(r, kinds[i]))
			return kinds[i];
	return "";
}

static void see_create(struct reader *r, struct wb_stmt_info *info)
{
	bool is_virtual;

	(void)(skip_word(r, "TEMP") || skip_word(r, "TEMPORARY") || skip_word(r, "UNIQUE"));
	is_virtual = skip_word(r, "VIRTUAL");
	set_command(info, "CREATE", take_kind(r));
	if (is_virtual)
		set_command(info, "CREATE", "VIRTUAL TABLE");
	take_existing_object(r, info);
}

static void see_drop(struct reader *r, struct wb_stmt_info *info)
{
	const char *kind = take_kind(r);

	set_command(info, "DROP", kind);
	info->rebuilds_table = strcmp(kind, "TABLE") == 0;
	take_existing_object(r, info);
}

/* SET and DROP NOT NULL, and CHECK as a constraint of its own, came to sqlite3 late. */
static bool knows_constraints(void)
{
	return sqlite3_libversion_number() >= 3053000;
}

static bool at_any(const struct reader *r, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (at_word(r, words[i]))
			return true;
	return false;
}

/* A column that sqlite3 can only give to a table that is made. */
static bool needs_a_new_table(struct reader *r)
{
	static const char *const words[] = { "UNIQUE", "PRIMARY", "STORED" };
	size_t depth = 0;

	for (; r->tok.kind != WB_TOK_END; next(r)) {
		depth += r->tok.kind == WB_TOK_OPEN;
		depth -= r->tok.kind == WB_TOK_CLOSE && depth > 0;
		if (depth == 0 && at_any(r, words, WB_ARRAY_LEN(words)))
			return true;
		if (depth == 0 && skip_word(r, "DEFAULT") &&
		    (r->tok.kind == WB_TOK_OPEN || wb_sv_istarts(r->tok.text, "CURRENT_")))
			return true;
		depth += r->tok.kind == WB_TOK_OPEN && depth == 0;
	}
	return false;
}

static bool lacks_add(struct reader *r)
{
	static const char *const constraints[] = { "CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN" };

	if (!skip_word(r, "COLUMN") && at_any(r, constraints, WB_ARRAY_LEN(constraints)))
		return !knows_constraints();
	return needs_a_new_table(r);
}

/* Is it sure that this library cannot do it? */
static bool lacks(struct reader *r)
{
	if (skip_word(r, "ADD"))
		return lacks_add(r);
	if (skip_word(r, "DROP"))
		return at_word(r, "CONSTRAINT") && !knows_constraints();
	return !knows_constraints();
}

static void see_alter(struct reader *r, struct wb_stmt_info *info)
{
	static const char *const parts[] = { "ALTER", "ADD", "DROP" };

	(void)skip_word(r, "TABLE");
	set_command(info, "ALTER", "TABLE");
	take_existing_object(r, info);
	info->alters = at_any(r, parts, WB_ARRAY_LEN(parts));
	if (!info->alters) {
		info->rebuilds_table = skip_word(r, "RENAME") && at_word(r, "TO");
		return;
	}
	info->may_rebuild = at_word(r, "DROP");
	if (info->may_rebuild)
		info->remark = "where an index or a constraint has the column the table is built anew without it";
	info->rebuilds_table = lacks(r);
	if (!info->rebuilds_table)
		return;
	info->step_kind = "rebuild";
	info->remark = "the table is built anew: its rows are copied, indexes, triggers and views made again";
}

static void see_insert(struct reader *r, struct wb_stmt_info *info)
{
	if (skip_word(r, "OR"))
		next(r);
	(void)skip_word(r, "INTO");
	take_object(r, info);
}

static void see_update(struct reader *r, struct wb_stmt_info *info)
{
	if (skip_word(r, "OR"))
		next(r);
	take_object(r, info);
}

static void see_delete(struct reader *r, struct wb_stmt_info *info)
{
	(void)skip_word(r, "FROM");
	take_object(r, info);
}

static void see_nothing(struct reader *r, struct wb_stmt_info *info)
{
	(void)r;
	(void)info;
}

/* ROLLBACK TO a savepoint does not end the transaction. */
static void see_rollback(struct reader *r, struct wb_stmt_info *info)
{
	(void)skip_word(r, "TRANSACTION");
	info->transaction_control = !at_word(r, "TO");
}

static void see_control(struct reader *r, struct wb_stmt_info *info)
{
	(void)r;
	info->transaction_control = true;
}

static void see_vacuum(struct reader *r, struct wb_stmt_info *info)
{
	(void)r;
	info->tx = WB_TX_NEVER;
	info->step_kind = "vacuum";
}

static void see_explain(struct reader *r, struct wb_stmt_info *info)
{
	info->changes_session = at_word(r, "PRAGMA");
}

/* The engine would attach inside a transaction, but could not detach again. */
static void see_attach(struct reader *r, struct wb_stmt_info *info)
{
	(void)r;
	info->tx = WB_TX_NEVER;
	info->step_kind = "attach";
	info->changes_session = true;
}

/* ---- PRAGMA ---------------------------------------------------------------------------- */

enum effect { ASKS, SESSION, STAYS };
static const struct pragma {
	const char *name;
	enum effect effect;
	enum wb_tx_mode tx;
	const char *forbidden;
} pragmas[] = {
	/* name, what setting it does, where it can be set */
	{ "foreign_keys", SESSION, WB_TX_OUTSIDE, NULL },
	{ "journal_mode", STAYS, WB_TX_OUTSIDE, NULL },
	{ "synchronous", SESSION, WB_TX_NEVER, NULL },
	{ "temp_store", SESSION, WB_TX_NEVER, NULL },
	{ "locking_mode", SESSION, WB_TX_OUTSIDE, NULL },
	{ "wal_checkpoint", STAYS, WB_TX_NEVER, NULL },
	{ "auto_vacuum", STAYS, WB_TX_OUTSIDE, NULL },
	{ "page_size", STAYS, WB_TX_OUTSIDE, NULL },
	{ "encoding", STAYS, WB_TX_OUTSIDE, NULL },
	{ "query_only", SESSION, WB_TX_ANY, "it would keep the journal from being written" },
	{ "user_version", STAYS, WB_TX_ANY, NULL },
	{ "application_id", STAYS, WB_TX_ANY, NULL },
	{ "schema_version", STAYS, WB_TX_ANY, NULL },
	{ "default_cache_size", STAYS, WB_TX_ANY, NULL },
	{ "incremental_vacuum", STAYS, WB_TX_ANY, NULL },
	{ "optimize", STAYS, WB_TX_ANY, NULL },
	{ "shrink_memory", STAYS, WB_TX_ANY, NULL },
	{ "foreign_key_check", ASKS, WB_TX_ANY, NULL },
	{ "foreign_key_list", ASKS, WB_TX_ANY, NULL },
	{ "index_info", ASKS, WB_TX_ANY, NULL },
	{ "index_list", ASKS, WB_TX_ANY, NULL },
	{ "index_xinfo", ASKS, WB_TX_ANY, NULL },
	{ "integrity_check", ASKS, WB_TX_ANY, NULL },
	{ "quick_check", ASKS, WB_TX_ANY, NULL },
	{ "table_info", ASKS, WB_TX_ANY, NULL },
	{ "table_list", ASKS, WB_TX_ANY, NULL },
	{ "table_xinfo", ASKS, WB_TX_ANY, NULL },
};

static const struct pragma *find_pragma(struct wb_sv name)
{
	static const struct pragma unknown = { "", SESSION, WB_TX_ANY, NULL };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(pragmas); i++)
		if (wb_sv_ieq(name, pragmas[i].name))
			return &pragmas[i];
	return &unknown;
}

/* Without its quotes: names and values of pragmas never hold one. */
static struct wb_sv unquoted(const struct wb_token *tok)
{
	if ((tok->kind != WB_TOK_IDENT && tok->kind != WB_TOK_STRING) || tok->text.n < 2)
		return tok->text;
	return wb_sv(tok->text.p + 1, tok->text.n - 2);
}

/* sqlite3 takes whatever does not say on for off. */
static bool is_off(struct reader *r)
{
	struct wb_sv value;
	int64_t n;

	if (r->tok.kind == WB_TOK_OTHER) /* a sign */
		next(r);
	value = unquoted(&r->tok);
	return !wb_sv_ieq(value, "on") && !wb_sv_ieq(value, "yes") && !wb_sv_ieq(value, "true") &&
	       !(wb_sv_i64(value, &n) && n != 0);
}

static void see_pragma(struct reader *r, struct wb_stmt_info *info)
{
	const struct pragma *p;
	struct wb_sv name = unquoted(&r->tok);
	bool sets;

	info->step_kind = "pragma";
	next(r);
	if (r->tok.kind == WB_TOK_OTHER && wb_sv_eq(r->tok.text, WB_SV("."))) {
		next(r);
		name = unquoted(&r->tok);
		next(r);
	}
	(void)wb_sv_copy(name, info->object, sizeof(info->object));
	p = find_pragma(name);
	sets = r->tok.kind == WB_TOK_OPEN || (r->tok.kind == WB_TOK_OTHER && wb_sv_starts(r->tok.text, "="));
	if (!sets && p->tx != WB_TX_NEVER)
		return; /* only asks */
	info->tx = p->tx;
	info->changes_session = p->effect == SESSION;
	info->forbidden = p->forbidden;
	next(r);
	info->rebuilds_table = p == &pragmas[0] && is_off(r);
	info->ends_rebuild = p == &pragmas[0] && !info->rebuilds_table;
}

/* ---- all of them -------------------------------------------------------------------------- */

static const struct statement {
	const char *word;
	enum wb_sqlite_kind kind;
	void (*see)(struct reader *r, struct wb_stmt_info *info);
} statements[] = {
	{ "CREATE", WB_SQLITE_PLAIN, see_create },     { "DROP", WB_SQLITE_PLAIN, see_drop },
	{ "ALTER", WB_SQLITE_PLAIN, see_alter },       { "INSERT", WB_SQLITE_DML, see_insert },
	{ "REPLACE", WB_SQLITE_DML, see_insert },      { "UPDATE", WB_SQLITE_DML, see_update },
	{ "DELETE", WB_SQLITE_DML, see_delete },       { "WITH", WB_SQLITE_DML, see_nothing },
	{ "SELECT", WB_SQLITE_PLAIN, see_nothing },    { "VALUES", WB_SQLITE_PLAIN, see_nothing },
	{ "PRAGMA", WB_SQLITE_SESSION, see_pragma },   { "ATTACH", WB_SQLITE_SESSION, see_attach },
	{ "DETACH", WB_SQLITE_SESSION, see_attach },   { "VACUUM", WB_SQLITE_PLAIN, see_vacuum },
	{ "REINDEX", WB_SQLITE_PLAIN, take_object },   { "ANALYZE", WB_SQLITE_PLAIN, take_object },
	{ "BEGIN", WB_SQLITE_PLAIN, see_control },     { "COMMIT", WB_SQLITE_PLAIN, see_control },
	{ "END", WB_SQLITE_PLAIN, see_control },       { "ROLLBACK", WB_SQLITE_PLAIN, see_rollback },
	{ "SAVEPOINT", WB_SQLITE_PLAIN, see_nothing }, { "RELEASE", WB_SQLITE_PLAIN, see_nothing },
	{ "EXPLAIN", WB_SQLITE_SESSION, see_explain }, /* EXPLAIN PRAGMA sets, too */
};

static const struct statement *find_statement(const struct reader *r)
{
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(statements); i++)
		if (at_word(r, statements[i].word))
			return &statements[i];
	return NULL;
}

enum wb_sqlite_kind wb_sqlite_kind_of(struct wb_sv statement)
{
	const struct statement *s;
	struct reader r;

	start(&r, statement);
	s = find_statement(&r);
	return s ? s->kind : WB_SQLITE_PLAIN;
}

void wb_sqlite_classify(struct wb_sv statement, struct wb_stmt_info *ret_info)
{
	const struct statement *s;
	struct reader r;

	*ret_info = (struct wb_stmt_info){ .tx = WB_TX_ANY, .step_kind = "sql" };
	start(&r, statement);
	s = find_statement(&r);
	if (!s)
		return;
	set_command(ret_info, s->word, "");
	next(&r);
	s->see(&r, ret_info);
}
