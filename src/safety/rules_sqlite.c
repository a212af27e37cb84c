/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about SQLite: what its ALTER TABLE cannot do, traps in building a table
 * anew by hand, and types that mean something else than they say.
 */
#include "safety/lint.h"

/* The value of PRAGMA name = value, or (value); empty without one; p NULL when the statement is none. */
static struct wb_sv pragma(struct wb_look *l, const char *name)
{
	struct wb_lexer lx;
	struct wb_sv text = l->stmt->text, value = wb_sv("", 0);
	bool found = false;
	if (!wb_sv_istarts(text, "PRAGMA"))
		return wb_sv(NULL, 0);
	wb_lex_init(&lx, WB_DIALECT_SQLITE, text);
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		if (!found)
			found = wb_sv_ieq(t.text, name);
		else if (t.kind == WB_TOK_WORD || t.kind == WB_TOK_NUMBER || t.kind == WB_TOK_STRING ||
			 t.kind == WB_TOK_IDENT)
			value = t.text;
	}
	return found ? value : wb_sv(NULL, 0);
}

static bool is_off(struct wb_sv value)
{
	return wb_sv_ieq(value, "off") || wb_sv_ieq(value, "0") || wb_sv_ieq(value, "false") || wb_sv_ieq(value, "no");
}

static void foreign_keys(struct wb_look *l)
{
	struct wb_sv value = pragma(l, "foreign_keys");
	bool rebuilds = false;
	if (!value.n)
		return;
	for (size_t i = 0; i < l->file->n; i++)
		rebuilds |= l->file->v[i].info.rebuilds_table;
	struct wb_lint_finding *f = wb_find(
		l, rebuilds
			   ? "not needed: Whimbrel switches foreign keys off around a migration that drops or renames "
			     "tables, and checks them before it commits"
			   : "in a transaction this does nothing, so the file is cut here, and what has run stays when "
			     "the rest fails");
	wb_hint(l, f, "leave it out");
}

static bool is_constant(const char *expr)
{
	return expr && expr[0] != '(' && !wb_sv_istarts(wb_sv_str(expr), "current_");
}

static const char *refused_column(const struct wb_operation *op)
{
	if (op->flags & WB_WITH_PRIMARY_KEY)
		return "PRIMARY KEY";
	if (op->flags & WB_WITH_UNIQUE)
		return "UNIQUE";
	if (op->flags & WB_WITH_GENERATED)
		return "GENERATED … STORED";
	if ((op->flags & WB_WITH_REFERENCES) && (op->flags & WB_WITH_DEFAULT))
		return "REFERENCES with a default";
	if ((op->flags & WB_WITH_DEFAULT) && !(op->flags & WB_WITH_VIRTUAL) && op->expr && !is_constant(op->expr))
		return "a default that is no constant";
	return NULL;
}

static void add_column(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const char *what = refused_column(op);
	if (!what || (op->flags & WB_WITH_INLINE) || wb_is_new(l, &op->table))
		return;
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_WARNING),
			   "SQLite cannot add a column with %s: %s%s is built anew, and nobody writes meanwhile", what,
			   wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f, "add a plain column and fill it; a unique index can be made beside it");
	wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s %s;", wb_ref(l, &op->table), wb_ident(l, op->object.name),
		op->type ? op->type : "");
}

/* As SQLite tells affinities: by what the name of the type holds. */
static bool holds_numbers(const char *type)
{
	static const char *const words[] = { "INT", "REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL" };
	for (size_t i = 0; type && i < WB_ARRAY_LEN(words); i++) {
		if (strcasestr(type, words[i]))
			return true;
	}
	return false;
}

static void not_null(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	unsigned filled = WB_WITH_DEFAULT | WB_WITH_GENERATED | WB_WITH_VIRTUAL;
	if (!(op->flags & WB_WITH_NOT_NULL) || (op->flags & (filled | WB_WITH_INLINE)) || wb_is_new(l, &op->table))
		return;
	struct wb_lint_finding *f = wb_find(l, "%s.%s is NOT NULL and has no default: SQLite refuses it",
					    wb_shown(l, &op->table), op->object.name);
	wb_hint(l, f, "give it a constant default, or leave NOT NULL out");
	wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s %s NOT NULL DEFAULT %s;", wb_ref(l, &op->table),
		wb_ident(l, op->object.name), op->type ? op->type : "", holds_numbers(op->type) ? "0" : "''");
}

/* SQLite itself has tried it. Without a database the files may not say all that will be there. */
static void refused(struct wb_look *l)
{
	const struct wb_tried *t = &l->stmt->tried;
	if (t->verdict != WB_REFUSED)
		return;
	bool exact = l->run->mock && l->run->mock->exact;
	struct wb_lint_finding *f = wb_find_at(l, exact ? WB_LINT_ERROR : WB_LINT_WARNING, "SQLite refuses it%s: %s",
					       exact ? "" : ", as far as the migrations tell", t->message);
	wb_find_move(l, f, t->offset == SIZE_MAX ? 0 : t->offset);
	if (t->hint)
		wb_hint(l, f, "%s", t->hint);
}

/* ---- a table built anew by hand ------------------------------------------------------------ */

static void rename_first(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_lint_stmt *end = l->file->v + l->file->n;
	if (op->kind != WB_KIND_TABLE || wb_is_new(l, &op->table))
		return;
	for (const struct wb_lint_stmt *st = l->stmt + 1; st < end; st++) {
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *make = &st->ops.v[i];
			if (make->code != WB_OP_TABLE_CREATE || !wb_same_name(l, &make->table, &op->table))
				continue;
			struct wb_lint_finding *f = wb_find(
				l,
				"foreign keys, triggers and views that name %s follow the rename to %s, and stay there",
				wb_shown(l, &op->table), op->expr ? op->expr : "its new name");
			wb_hint(l, f,
				"make the new table under another name, copy, drop the old one, rename the new one; or "
				"write the ALTER TABLE "
				"that you mean, and let Whimbrel do it");
			return;
		}
	}
}

static void select_star(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (!op->other.name || op->n_columns)
		return;
	size_t at = wb_word_at(l, "SELECT", 0);
	struct wb_sv text = l->stmt->text;
	if (at == SIZE_MAX)
		return;
	struct wb_sv rest = wb_sv_trim(wb_sv(text.p + at + 6, text.n - at - 6));
	if (!rest.n || rest.p[0] != '*')
		return;
	struct wb_lint_finding *f = wb_find(l, "columns of %s go into %s by their place, not by their name",
					    wb_shown(l, &op->other), wb_shown(l, &op->table));
	wb_hint(l, f, "name the columns on both sides");
	wb_safe(l, f, "INSERT INTO %s (…) SELECT … FROM %s;", wb_ref(l, &op->table), wb_ref(l, &op->other));
}

/* After the old table was dropped: before, the name was taken. */
static bool is_made_again(const struct wb_look *l, const struct wb_name *table, const struct wb_seen_index *ix)
{
	bool gone = false;
	for (size_t i = 0; i < l->file->n; i++) {
		for (size_t k = 0; k < l->file->v[i].ops.n; k++) {
			const struct wb_operation *op = &l->file->v[i].ops.v[k];
			gone |= op->code == WB_OP_DROP && wb_same_name(l, &op->table, table);
			if (gone && op->code == WB_OP_INDEX_CREATE && op->object.name &&
			    !strcmp(op->object.name, ix->name))
				return true;
		}
	}
	return false;
}

static void lost_indexes(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_name to = { op->table.schema, op->expr };
	const struct wb_seen_table *old = op->expr ? wb_seen_find(&l->run->seen, &to) : NULL;
	if (op->kind != WB_KIND_TABLE || !old || !old->dropped)
		return;
	for (const struct wb_seen_index *ix = old->indexes; ix; ix = ix->next) {
		if (!ix->name || ix->key || is_made_again(l, &to, ix))
			continue;
		struct wb_lint_finding *f =
			wb_find(l, "index %s went with the old %s, and is not made again", ix->name, op->expr);
		wb_hint(l, f, "make its indexes and triggers again after the rename");
		const struct wb_operation columns = { .columns = ix->columns, .n_columns = ix->n };
		wb_safe(l, f, "CREATE %sINDEX %s ON %s (%s);", ix->unique ? "UNIQUE " : "", wb_ident(l, ix->name),
			wb_ident(l, op->expr), wb_columns(l, &columns));
	}
}

/* ---- types ----------------------------------------------------------------------------------- */

static bool contains(const char *type, const char *word)
{
	return type && strcasestr(type, word);
}

static bool is_numeric(const char *type)
{
	static const char *const others[] = { "INT", "CHAR", "CLOB", "TEXT", "BLOB", "REAL", "FLOA", "DOUB" };
	for (size_t i = 0; i < WB_ARRAY_LEN(others); i++) {
		if (contains(type, others[i]))
			return false;
	}
	return true;
}

static void affinity(struct wb_look *l)
{
	static const char *const texts[] = { "STR", "UUID", "GUID", "JSON", "ENUM", "XML", "URL", "EMAIL" };
	const struct wb_operation *op = l->op;
	if (!op->type || !is_numeric(op->type) || wb_word_at(l, "STRICT", 0) != SIZE_MAX)
		return;
	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		if (!contains(op->type, texts[i]))
			continue;
		struct wb_lint_finding *f = wb_find(l, "%s.%s: %s means NUMERIC to SQLite: '007' is stored as 7",
						    wb_shown(l, &op->table), op->object.name, op->type);
		wb_safe(l, f, "%s TEXT", wb_ident(l, op->object.name));
		return;
	}
}

static void key_type(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool alias = op->type && !strcasecmp(op->type, "INTEGER");
	bool strict = wb_word_at(l, "WITHOUT", 0) != SIZE_MAX || wb_word_at(l, "STRICT", 0) != SIZE_MAX;
	if (!(op->flags & WB_WITH_PRIMARY_KEY) || alias || strict)
		return;
	struct wb_lint_finding *f = NULL;
	if (contains(op->type, "INT")) {
		f = wb_find(l,
			    "%s.%s: only INTEGER PRIMARY KEY, written so, is the row's number: this one gets no value "
			    "by itself, and an index "
			    "beside the table",
			    wb_shown(l, &op->table), op->object.name);
		wb_safe(l, f, "%s INTEGER PRIMARY KEY", wb_ident(l, op->object.name));
	} else if (!(op->flags & WB_WITH_NOT_NULL)) {
		f = wb_find(l, "%s.%s: SQLite allows NULL in a primary key that is not INTEGER, in any number of rows",
			    wb_shown(l, &op->table), op->object.name);
		wb_safe(l, f, "%s %s PRIMARY KEY NOT NULL", wb_ident(l, op->object.name), op->type ? op->type : "TEXT");
	}
}

static void quoted_text(struct wb_look *l)
{
	struct wb_lexer lx;
	struct wb_sv text = l->stmt->text;
	bool after = false;
	if (!memchr(text.p, '"', text.n))
		return;
	wb_lex_init(&lx, WB_DIALECT_SQLITE, text);
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		if (after && t.kind == WB_TOK_IDENT && t.text.p[0] == '"') {
			struct wb_lint_finding *f =
				wb_find(l, "%.*s is a name; SQLite takes it for a text only where no such column is",
					WB_SV_ARG(wb_sv_head(t.text, 80)));
			wb_find_move(l, f, (size_t)(t.text.p - text.p));
			wb_safe(l, f, "'%.*s'", WB_SV_ARG(wb_sv_head(wb_sv(t.text.p + 1, t.text.n - 2), 80)));
			return;
		}
		after = (t.kind == WB_TOK_WORD &&
			 (wb_sv_ieq(t.text, "DEFAULT") || wb_sv_ieq(t.text, "LIKE") || wb_sv_ieq(t.text, "IN"))) ||
			(after && t.kind == WB_TOK_OPEN);
	}
}

static void autoincrement(struct wb_look *l)
{
	size_t at = wb_word_at(l, "AUTOINCREMENT", 0);
	if (at == SIZE_MAX)
		return;
	struct wb_lint_finding *f = wb_find(
		l, "AUTOINCREMENT costs a second write for each row; INTEGER PRIMARY KEY alone numbers rows, too");
	wb_find_move(l, f, at);
	wb_hint(l, f, "it is needed only where a number must never come again after its row is gone");
}

/* ---- the rest ------------------------------------------------------------------------------------ */

static void unsafe_pragma(struct wb_look *l)
{
	struct wb_sv sync = pragma(l, "synchronous"), mode = pragma(l, "journal_mode");
	struct wb_sv schema = pragma(l, "writable_schema"), legacy = pragma(l, "legacy_alter_table");
	struct wb_lint_finding *f = NULL;
	if (sync.n && is_off(sync))
		f = wb_find(l, "a crash while this holds can destroy the database");
	else if (wb_sv_ieq(mode, "off") || wb_sv_ieq(mode, "memory"))
		f = wb_find(l, "without a journal on disk, a killed process leaves the database half written");
	else if (schema.n && !is_off(schema))
		f = wb_find(l, "one wrong letter in sqlite_schema makes the database unreadable");
	else if (legacy.n && !is_off(legacy))
		f = wb_find(l, "renames leave triggers, views and foreign keys behind, and nobody notices");
	wb_hint(l, f, "leave it out: Whimbrel builds a table anew where SQLite's ALTER TABLE is not enough");
}

static void index_lock(struct wb_look *l)
{
	if (wb_is_new(l, &l->op->table) || !l->op->table.name)
		return;
	struct wb_lint_finding *f = wb_find(l, "nobody else writes to the database while the index on %s%s is built",
					    wb_shown(l, &l->op->table), wb_size(l, &l->op->table));
	wb_hint(l, f, "SQLite has one writer; readers go on in WAL mode");
}

/* group_concat(DISTINCT x, ', '): a comma at the depth of its bracket. */
static void group_concat(struct wb_look *l)
{
	struct wb_lexer lx;
	struct wb_sv text = l->stmt->text, name = { 0 };
	int step = 0, depth = 0;
	if (wb_word_at(l, "DISTINCT", 0) == SIZE_MAX)
		return;
	wb_lex_init(&lx, WB_DIALECT_SQLITE, text);
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		if (wb_sv_ieq(t.text, "group_concat") || wb_sv_ieq(t.text, "string_agg")) {
			step = 1;
			name = t.text;
		} else if (step == 1) {
			step = t.kind == WB_TOK_OPEN ? 2 : 0;
		} else if (step == 2) {
			step = wb_sv_ieq(t.text, "DISTINCT") ? 3 : 0;
			depth = 1;
		} else if (step == 3) {
			depth += t.kind == WB_TOK_OPEN ? 1 : t.kind == WB_TOK_CLOSE ? -1 : 0;
			if (depth == 1 && wb_sv_eq(t.text, WB_SV(","))) {
				struct wb_lint_finding *f = wb_find(l, "DISTINCT aggregates take one argument: each "
								       "time this is read SQLite refuses it");
				wb_find_move(l, f, (size_t)(name.p - text.p));
				wb_hint(l, f,
					"leave the separator out and replace() the commas, or select distinct values "
					"in a subquery");
				return;
			}
			step = depth ? 3 : 0;
		}
	}
}

static const struct wb_rule rules[] = {
	{ "sqlite-refused",
	  WB_LINT_ERROR,
	  WB_RULE_SQLITE | WB_RULE_DOWN | WB_RULE_GUARDS,
	  WB_EACH_STATEMENT,
	  { 0 },
	  refused,
	  "SQLite takes every statement",
	  "Each one is tried by SQLite itself, on a copy of the schema in memory, without rows, as the statements "
	  "before "
	  "leave it. With a database that schema is the real one, and what is refused here would fail there. Without "
	  "one "
	  "it is what the migrations have made, a refusal is a warning, and nothing is said of tables that they do not "
	  "make.",
	  "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);\nCREATE INDEX notes_text ON notes (text);",
	  "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);\nCREATE INDEX notes_body ON notes (body);" },
	{ "sqlite-foreign-keys",
	  WB_LINT_WARNING,
	  WB_RULE_SQLITE | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  foreign_keys,
	  "No PRAGMA foreign_keys in migrations",
	  "SQLite ignores it within a transaction, and says nothing. Whimbrel switches foreign keys off itself around "
	  "migrations that drop or "
	  "rename tables, and compares what foreign_key_check finds before the commit.",
	  "PRAGMA foreign_keys = OFF;\nUPDATE notes SET owner = NULL WHERE owner = 0;",
	  "UPDATE notes SET owner = NULL WHERE owner = 0;" },
	{ "sqlite-add-column",
	  WB_LINT_WARNING,
	  WB_RULE_SQLITE | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD },
	  add_column,
	  "Columns are added in the forms that SQLite knows",
	  "ADD COLUMN takes no PRIMARY KEY, UNIQUE, stored expression, REFERENCES with a default, and no default that "
	  "is not a constant "
	  "(CURRENT_TIMESTAMP, an expression in brackets). Whimbrel builds the table anew for these: every row is "
	  "copied while nobody else can write.",
	  "ALTER TABLE notes ADD COLUMN created TEXT DEFAULT CURRENT_TIMESTAMP;",
	  "ALTER TABLE notes ADD COLUMN created TEXT;" },
	{ "sqlite-add-not-null",
	  WB_LINT_ERROR,
	  WB_RULE_SQLITE | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD },
	  not_null,
	  "A new NOT NULL column has a default",
	  "The rows that are there would hold NULL.",
	  "ALTER TABLE notes ADD COLUMN state TEXT NOT NULL;",
	  "ALTER TABLE notes ADD COLUMN state TEXT NOT NULL DEFAULT 'new';" },
	{ "sqlite-rename-first",
	  WB_LINT_ERROR,
	  WB_RULE_SQLITE | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_RENAME },
	  rename_first,
	  "A table is not renamed away to be made anew",
	  "Since 3.26 a rename also changes the foreign keys, triggers and views that name the table. Renamed away "
	  "first, they all mean the old table from "
	  "then on, and fail when it is dropped.",
	  "ALTER TABLE notes RENAME TO notes_old;\nCREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL);",
	  "CREATE TABLE notes_new (id INTEGER PRIMARY KEY, text TEXT NOT NULL);" },
	{ "sqlite-copy-by-name",
	  WB_LINT_WARNING,
	  WB_RULE_SQLITE | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_INSERT },
	  select_star,
	  "Rows are copied by the names of columns",
	  "INSERT … SELECT * goes by place: columns that were added in another order on another database end up in "
	  "each other's place.",
	  "INSERT INTO notes_new SELECT * FROM notes;",
	  "INSERT INTO notes_new (id, text) SELECT id, text FROM notes;" },
	{ "sqlite-lost-indexes",
	  WB_LINT_ERROR,
	  WB_RULE_SQLITE,
	  WB_EACH_OPERATION,
	  { WB_OP_RENAME },
	  lost_indexes,
	  "A table made anew gets its indexes back",
	  "DROP TABLE takes the table's indexes and triggers with it. Which there were is known from the files before.",
	  "CREATE TABLE notes (id INTEGER PRIMARY KEY, owner INTEGER);\nCREATE INDEX notes_owner ON notes "
	  "(owner);\nCREATE TABLE notes_new (id INTEGER PRIMARY "
	  "KEY, owner INTEGER NOT NULL);\nINSERT INTO notes_new (id, owner) SELECT id, owner FROM notes;\nDROP TABLE "
	  "notes;\nALTER TABLE notes_new RENAME TO "
	  "notes;",
	  "CREATE TABLE notes (id INTEGER PRIMARY KEY, owner INTEGER);\nCREATE INDEX notes_owner_old ON notes "
	  "(owner);\nDROP INDEX notes_owner_old;\nCREATE TABLE "
	  "notes_new (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL);\nINSERT INTO notes_new (id, owner) SELECT id, "
	  "owner FROM notes;\nDROP TABLE "
	  "notes;\nALTER TABLE notes_new RENAME TO notes;\nCREATE INDEX notes_owner ON notes (owner);" },
	{ "sqlite-type-affinity",
	  WB_LINT_WARNING,
	  WB_RULE_SQLITE,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD },
	  affinity,
	  "Types that hold text are called TEXT",
	  "SQLite takes a column's affinity from parts of its type's name. STRING, UUID, JSON and the like have none "
	  "of them, so they are NUMERIC: texts that "
	  "look like numbers are turned into numbers.",
	  "CREATE TABLE parts (code STRING);",
	  "CREATE TABLE parts (code TEXT);" },
	{ "sqlite-primary-key",
	  WB_LINT_WARNING,
	  WB_RULE_SQLITE,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD },
	  key_type,
	  "A primary key is INTEGER, or NOT NULL",
	  "Only INTEGER PRIMARY KEY, in these very words, is the row's own number. Of other types SQLite takes NULL in "
	  "primary keys, for old compatibility.",
	  "CREATE TABLE parts (code TEXT PRIMARY KEY);",
	  "CREATE TABLE parts (code TEXT PRIMARY KEY NOT NULL);" },
	{ "sqlite-quoted-text",
	  WB_LINT_WARNING,
	  WB_RULE_SQLITE | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  quoted_text,
	  "Texts stand in single quotes",
	  "Double quotes are for names. SQLite takes them for a text where no such column is; a column added later, or "
	  "a library built without this, changes what the "
	  "statement means.",
	  "CREATE TABLE notes (state TEXT DEFAULT \"new\");",
	  "CREATE TABLE notes (state TEXT DEFAULT 'new');" },
	{ "sqlite-autoincrement",
	  WB_LINT_INFO,
	  WB_RULE_SQLITE,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_CREATE },
	  autoincrement,
	  "INTEGER PRIMARY KEY without AUTOINCREMENT",
	  "AUTOINCREMENT keeps the greatest number in a table of its own, written with each insert.",
	  "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT);",
	  "CREATE TABLE notes (id INTEGER PRIMARY KEY);" },
	{ "sqlite-unsafe-pragma",
	  WB_LINT_ERROR,
	  WB_RULE_SQLITE | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  unsafe_pragma,
	  "No pragma that takes safety away",
	  "synchronous = OFF and journal_mode = OFF or MEMORY give up what survives a crash; writable_schema and "
	  "legacy_alter_table give up what keeps the schema "
	  "whole.",
	  "PRAGMA synchronous = OFF;",
	  "PRAGMA synchronous = FULL;" },
	{ "sqlite-index-lock",
	  WB_LINT_INFO,
	  WB_RULE_SQLITE,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE },
	  index_lock,
	  "A large index is built when nobody writes",
	  "SQLite has one writer at a time, and a build holds that place until it is done.",
	  "CREATE INDEX notes_owner ON notes (owner);",
	  "CREATE TABLE notes (id INTEGER PRIMARY KEY, owner INTEGER);\nCREATE INDEX notes_owner ON notes (owner);" },
	{ "sqlite-distinct-separator",
	  WB_LINT_ERROR,
	  WB_RULE_SQLITE | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  group_concat,
	  "group_concat(DISTINCT …) has no separator",
	  "SQLite makes the view, and refuses it each time it is read.",
	  "CREATE VIEW v AS SELECT group_concat(DISTINCT name, '; ') FROM notes;",
	  "CREATE VIEW v AS SELECT group_concat(DISTINCT name) FROM notes;" },
};
const struct wb_rules wb_rules_sqlite = { rules, WB_ARRAY_LEN(rules) };
