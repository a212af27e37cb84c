/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about the files themselves: names, order, headers, sections, and texts
 * that hold on one machine or one day only. What has no function here is found
 * by the source room when it reads the folder.
 */
#include "safety/lint.h"

#include "safety/undo.h"

/* The first thing that may be lost on the way back. */
static const char *what_is_lost(const struct wb_undo *u)
{
	const char *why = NULL;
	for (size_t i = 0; i < u->conditions.n && !why; i++)
		why = u->conditions.v[i].why;
	return u->way == WB_UNDO_CATALOG || u->way == WB_UNDO_ASK ? why : NULL;
}

/* What `up` will say of the way back, as far as the text tells; false where memory has run out. */
static bool draft_undo(const struct wb_look *l, struct wb_undo *u)
{
	const unsigned up = 1u << WB_SEC_UP | 1u << WB_SEC_EXPAND | 1u << WB_SEC_BACKFILL | 1u << WB_SEC_CONTRACT;
	wb_undo_start(u, l->run->driver->dialect);
	u->trash = l->run->trash;
	for (size_t i = 0; i < l->file->n; i++) {
		const struct wb_lint_stmt *st = &l->file->v[i];
		if (!(up & 1u << (st->section ? st->section->kind : WB_SEC_UP)))
			continue;
		if (wb_undo_see(u, st->text, st->pos, &st->ops, NULL) < 0)
			return false;
	}
	return true;
}

static void tell_undo(struct wb_look *l, const struct wb_undo *u)
{
	const char *lost = what_is_lost(u);
	wb_autostr text = WB_STR_INIT;
	struct wb_lint_finding *f;
	if (u->why) {
		f = wb_find(l, "no down section, and no undo can be inferred: the statement of line %u %s", u->pos.line,
			    u->why);
		wb_hint(l, f,
			"write a `-- migrate:down` section; `validate --reversible` tells which have no way back");
	} else if (lost) {
		f = wb_find(l, "no down section, and an undo is inferred only as long as there are no rows: it %s",
			    lost);
		wb_hint(l, f, "write a `-- migrate:down` section%s", l->run->trash ? "" : ", or switch `trash: on`");
	} else if (u->way == WB_UNDO_TEXT || u->way == WB_UNDO_ASK) {
		l->run->failed |= wb_undo_text(u, &text, NULL) < 0;
		f = text.n ? wb_find(l, "no down section: `down` takes the undo that `up` infers") : NULL;
		wb_hint(l, f, "write a `-- migrate:down` section where another way back is meant");
		if (f)
			wb_safe(l, f, "-- migrate:down\n%.*s", WB_SV_ARG(wb_sv_trim(wb_str_sv(&text))));
	} else {
		f = wb_find(l, "no down section: `down` takes the undo that `up` infers from the schema as it is then");
		wb_hint(l, f, "write a `-- migrate:down` section where another way back is meant");
	}
}

static void missing_down(struct wb_look *l)
{
	const struct wb_migration *m = l->file->m;
	struct wb_undo u;
	if (m->has_down || !m->has_up || m->kind != WB_MIG_VERSIONED)
		return;
	if (l->run->undo_off || !l->run->driver->operations) {
		struct wb_lint_finding *f = wb_find(l, "there is no way back: no down section, and `undo: off`");
		wb_hint(l, f, "write a `-- migrate:down` section; `validate --reversible` tells which have none");
		return;
	}
	if (draft_undo(l, &u))
		tell_undo(l, &u);
	else
		l->run->failed = true;
	wb_undo_done(&u);
}

static void missing_header(struct wb_look *l)
{
	const struct wb_mig_header *h = &l->file->m->header;
	const struct {
		const char *key, *value;
	} keys[] = { { "Migration", h->title }, { "ID", h->id }, { "Author", h->author } };
	for (size_t i = 0; i < WB_ARRAY_LEN(keys); i++) {
		if (keys[i].value)
			continue;
		struct wb_lint_finding *f = wb_find(l, "the header has no `-- %s:`", keys[i].key);
		wb_hint(l, f, "`whimbrel new` writes one");
		return;
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_date(const char *p, size_t n)
{
	static const char form[] = "dddd-dd-dd";
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		if (i >= n || (form[i] == 'd' ? !is_digit(p[i]) : p[i] != form[i]))
			return false;
	}
	return true;
}

static void hard_date(struct wb_look *l)
{
	struct wb_sv text = l->stmt->text;
	for (size_t i = 0; i + 11 < text.n; i++) {
		if (text.p[i] != '\'' || !is_date(text.p + i + 1, text.n - i - 1))
			continue;
		struct wb_lint_finding *f = wb_find(l, "the date '%.10s' is right on one day only", text.p + i + 1);
		wb_find_move(l, f, i);
		wb_hint(l, f, "work it out from %s, or say why it is meant", wb_is_lite(l) ? "date('now')" : "now()");
		return;
	}
}

static bool is_host_char(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || is_digit(c) || c == '.' || c == '-' || c == '_';
}

/* "db.example.com:5432", "localhost:80"; not "12:30", nor "user:42". */
static bool is_host_port(struct wb_sv s, size_t colon)
{
	size_t start = colon, end = colon + 1;
	bool dot = false, letter = false;
	while (start > 0 && is_host_char(s.p[start - 1]))
		start--;
	while (end < s.n && is_digit(s.p[end]))
		end++;
	for (size_t i = start; i < colon; i++) {
		dot |= s.p[i] == '.';
		letter |= !is_digit(s.p[i]) && s.p[i] != '.';
	}
	bool address = !letter && dot && colon - start >= 7;
	bool host = (letter && dot) || address || wb_sv_ieq(wb_sv(s.p + start, colon - start), "localhost");
	return host && end - colon - 1 >= 2 && end - colon - 1 <= 5;
}

static void environment(struct wb_look *l)
{
	struct wb_lexer lx;
	struct wb_sv text = l->stmt->text;
	if (!memchr(text.p, ':', text.n) || (l->stmt->ops.n && l->stmt->ops.v[0].code == WB_OP_COMMENT))
		return;
	wb_lex_init(&lx, l->run->driver->dialect, text);
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		for (size_t i = 1; t.kind == WB_TOK_STRING && i + 1 < t.text.n; i++) {
			if (t.text.p[i] != ':' || !is_host_port(t.text, i))
				continue;
			struct wb_lint_finding *f =
				wb_find(l, "a host and port: it is another one in each environment");
			wb_find_move(l, f, (size_t)(t.text.p - text.p));
			wb_hint(l, f,
				"write ${name}, and its values under `variables:` of the environments; `-- migrate:up "
				"variables:on`");
			return;
		}
	}
}

static void drop_if_exists(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (op->flags & (WB_WITH_IF_EXISTS | WB_WITH_INLINE))
		return;
	struct wb_lint_finding *f = wb_find(l, "DROP without IF EXISTS");
	wb_hint(l, f, "run a second time, it fails where there is nothing left to drop");
}

static void create_if_not_exists(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool can = op->code != WB_OP_CREATE || op->kind == WB_KIND_SCHEMA || op->kind == WB_KIND_EXTENSION ||
		   op->kind == WB_KIND_SEQUENCE || op->kind == WB_KIND_MATERIALIZED_VIEW;
	if (!can || (op->flags & (WB_WITH_IF_EXISTS | WB_WITH_REPLACE | WB_WITH_INLINE)))
		return;
	struct wb_lint_finding *f = wb_find(l, "CREATE without IF NOT EXISTS");
	wb_hint(l, f, "run a second time, it fails where the object is there already");
}

static void guard(struct wb_look *l)
{
	const struct wb_lint_stmt *st = l->stmt;
	bool require = wb_in_section(l, WB_SEC_REQUIRE);
	if (!require && !wb_in_section(l, WB_SEC_VERIFY))
		return;
	for (size_t i = 0; i < st->ops.n; i++) {
		enum wb_op code = st->ops.v[i].code;
		if (code == WB_OP_SELECT || code == WB_OP_SESSION || code == WB_OP_SET || code == WB_OP_UNKNOWN)
			continue;
		struct wb_lint_finding *f = wb_find(l, "a %s section asks, it does not change anything: %s",
						    require ? "require" : "verify", wb_op_name(code));
		wb_hint(l, f, "its queries must be true; move what changes something to the section it belongs to");
		return;
	}
}

/* What the splitter can read, and the engine's own parser cannot. */
static void syntax(struct wb_look *l)
{
	const struct wb_tried *t = &l->stmt->tried;
	if (t->verdict != WB_WRONG)
		return;
	struct wb_lint_finding *f = wb_find(l, "%s", t->message);
	wb_find_move(l, f, t->offset == SIZE_MAX ? 0 : t->offset);
	wb_hint(l, f, "%s",
		t->hint ? t->hint : "here the engine stops reading: look at this word, and at the one before it");
}

#define FOUND(id, title, reason) \
	{ \
		id, WB_LINT_ERROR, WB_RULE_BOTH | WB_RULE_DOWN, WB_EACH_OPERATION, { 0 }, NULL, title, reason, NULL, \
			NULL \
	}

static const struct wb_rule rules[] = {
	{ "syntax",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_DOWN | WB_RULE_GUARDS,
	  WB_EACH_STATEMENT,
	  { 0 },
	  syntax,
	  "The text can be read",
	  "A string without end, a byte that is no UTF-8, an unknown ${variable}, or a statement that the engine's own "
	  "parser refuses (of SQLite also without a database).",
	  NULL,
	  NULL },
	FOUND("name", "File names have the form of their family",
	      "A name that is nearly right would be passed over in silence. `whimbrel new` makes right ones."),
	FOUND("duplicate", "Each version is there once",
	      "Two files of one version: which of them ran cannot be told. The later one takes the next free number."),
	FOUND("gap", "Versions have no gaps where numbering is strict",
	      "With `numbering: strict`, 1, 2, 3 … without a gap and with leading zeros: a missing number is a file "
	      "that somebody forgot to commit."),
	FOUND("order", "Versions are in order", "Files that would run in another order than they were written in."),
	FOUND("parent", "What a migration depends on is there",
	      "A version or id named under Dependencies or depends: that no file has, or a circle of them."),
	FOUND("section", "Section headings can be read",
	      "An unknown section, an option that it does not have, statements before the first heading."),
	FOUND("header", "Header keys are known", "A misspelt key says nothing: `Dependecies:` is no dependency."),
	FOUND("empty", "Files hold statements", "A file without any runs, is recorded, and has done nothing."),
	FOUND("unreadable", "Files can be read", "No permission, or it is no file."),
	FOUND("sum", "migrations.sum fits the files",
	      "A file was changed, added or removed without `whimbrel validate --write-sum`: two branches have added "
	      "migrations, or somebody edited one."),
	{ "missing-down",
	  WB_LINT_INFO,
	  WB_RULE_BOTH,
	  WB_EACH_FILE,
	  { 0 },
	  missing_down,
	  "A migration has a way back",
	  "What a release has broken is put right most quickly by going back. Without a down section `down` takes the "
	  "undo that `up` has inferred: the remark shows it, or says why there can be none.",
	  "CREATE TABLE notes (id integer PRIMARY KEY);",
	  "-- migrate:up\nCREATE TABLE notes (id integer PRIMARY KEY);\n-- migrate:down\nDROP TABLE notes;" },
	{ "missing-header",
	  WB_LINT_OFF,
	  WB_RULE_BOTH,
	  WB_EACH_FILE,
	  { 0 },
	  missing_header,
	  "A migration has a header",
	  "Title, id and author at the head of the file (`-- Migration:`, `-- ID:`, `-- Author:`). Off unless switched "
	  "on.",
	  "CREATE TABLE notes (id integer PRIMARY KEY);",
	  "-- Migration: notes\n-- ID: 042_notes\n-- Author: kim\nCREATE TABLE notes (id integer PRIMARY KEY);" },
	{ "hard-coded-date",
	  WB_LINT_INFO,
	  WB_RULE_BOTH,
	  WB_EACH_OPERATION,
	  { WB_OP_UPDATE, WB_OP_DELETE, WB_OP_INSERT },
	  hard_date,
	  "No dates in statements that change rows",
	  "The file runs on other days on other databases: what a date selects there is something else.",
	  "DELETE FROM sessions WHERE ended < '2026-01-01';",
	  "DELETE FROM sessions WHERE ended < CURRENT_TIMESTAMP;" },
	{ "environment-literal",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  environment,
	  "No hosts and ports",
	  "A migration is the same in every environment; where things run is not. Variables hold what differs.",
	  "INSERT INTO settings (name, value) VALUES ('queue', 'mq.example.com:5672');",
	  "INSERT INTO settings (name, value) VALUES ('queue', 'default');" },
	{ "drop-if-exists",
	  WB_LINT_OFF,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_DROP, WB_OP_INDEX_DROP, WB_OP_COLUMN_DROP, WB_OP_CONSTRAINT_DROP },
	  drop_if_exists,
	  "DROP says IF EXISTS",
	  "For teams that want every statement to be harmless when it is run again. Off unless switched on: Whimbrel "
	  "records each step, and goes on where it "
	  "stopped.",
	  "DROP VIEW active_users;",
	  "DROP VIEW IF EXISTS active_users;" },
	{ "create-if-not-exists",
	  WB_LINT_OFF,
	  WB_RULE_BOTH,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_CREATE, WB_OP_INDEX_CREATE, WB_OP_CREATE },
	  create_if_not_exists,
	  "CREATE says IF NOT EXISTS",
	  "For teams that want every statement to be harmless when it is run again. It hides an object of the same "
	  "name that is something else. "
	  "Off unless switched on.",
	  "CREATE TABLE notes (id integer PRIMARY KEY);",
	  "CREATE TABLE IF NOT EXISTS notes (id integer PRIMARY KEY);" },
	{ "guard-changes",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_GUARDS,
	  WB_EACH_STATEMENT,
	  { 0 },
	  guard,
	  "require and verify only ask",
	  "Their queries must be true before and after the migration. What changes something there is not undone by "
	  "the way back.",
	  "-- migrate:up\nCREATE TABLE notes (id integer PRIMARY KEY);\n-- migrate:verify\nDELETE FROM notes WHERE id "
	  "< 0;",
	  "-- migrate:up\nCREATE TABLE notes (id integer PRIMARY KEY);\n-- migrate:verify\nSELECT count(*) = 0 FROM "
	  "notes;" },
};
const struct wb_rules wb_rules_files = { rules, WB_ARRAY_LEN(rules) };
