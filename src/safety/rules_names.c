/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about names, and about indexes that say too much or nothing new.
 */
#include "safety/lint.h"

#define NAME_MAX_BYTES 63
#define WIDE 3

/* The parser cuts names; only the text has them whole. */
static void too_long(struct wb_look *l)
{
	struct wb_lexer lx;
	struct wb_sv text = l->stmt->text;
	const char *command = l->stmt->info.command;
	if (text.n <= NAME_MAX_BYTES || (strncmp(command, "CREATE", 6) != 0 && strncmp(command, "ALTER", 5) != 0))
		return;
	wb_lex_init(&lx, l->run->driver->dialect, text);
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		size_t n = t.kind == WB_TOK_IDENT ? t.text.n - 2 : t.text.n;
		if ((t.kind != WB_TOK_IDENT && t.kind != WB_TOK_WORD) || n <= NAME_MAX_BYTES)
			continue;
		struct wb_lint_finding *f = wb_find(l, "a name of %zu bytes: PostgreSQL cuts it to 63", n);
		wb_find_move(l, f, (size_t)(t.text.p - text.p));
		wb_hint(l, f, "two that begin alike become the same name; choose one of at most 63 bytes");
		return;
	}
}

static const struct wb_name *made_name(const struct wb_operation *op)
{
	if (op->code == WB_OP_TABLE_CREATE)
		return &op->table;
	return op->object.name ? &op->object : &op->table;
}

static const char *new_name(const struct wb_operation *op)
{
	if (op->code == WB_OP_RENAME)
		return op->expr;
	return made_name(op)->name;
}

static void quoted(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const char *name = new_name(op);
	bool odd = false;
	for (const char *p = name; p && *p; p++)
		odd |= !((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == '$') ||
		       (p == name && *p >= '0' && *p <= '9');
	if (!name || !odd)
		return;
	struct wb_lint_finding *f = wb_find(l, "\"%s\" has to be written in quotes wherever it is used", name);
	wb_hint(l, f, "use small letters, digits and _");
}

static void unqualified(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_name *name = op->code == WB_OP_INDEX_CREATE ? &op->table : made_name(op);
	if (!name->name || name->schema || (op->flags & (WB_WITH_TEMPORARY | WB_WITH_INLINE)))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "which schema %s is in depends on the search_path of whoever runs this", name->name);
	wb_hint(l, f, "write the schema: public.%s", name->name);
}

static void wide_index(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (op->n_columns <= WIDE || (op->flags & WB_WITH_UNIQUE))
		return;
	struct wb_lint_finding *f = wb_find(
		l, "an index of %zu columns is large, and helps only queries that name the first ones", op->n_columns);
	wb_hint(l, f, "the first two or three mostly do; several indexes can be combined");
}

/* Is one of the two the beginning of the other, or the same? */
static void same_index(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_table *t = wb_seen_find(&l->run->seen, &op->table);
	if ((op->flags & (WB_WITH_WHERE | WB_WITH_ONLY)) || op->n_columns == 0)
		return;
	for (const struct wb_seen_index *ix = t && !t->dropped ? t->indexes : NULL; ix; ix = ix->next) {
		bool same = ix->n == op->n_columns && !ix->partial && (!(op->flags & WB_WITH_UNIQUE) || ix->unique);
		for (size_t i = 0; same && i < ix->n; i++)
			same = ix->columns[i] && op->columns[i] && !strcmp(ix->columns[i], op->columns[i]);
		if (!same || (ix->name && op->object.name && !strcmp(ix->name, op->object.name)))
			continue;
		if (wb_word_at(l, "USING", 0) != SIZE_MAX)
			return; /* of another kind, perhaps */
		struct wb_lint_finding *f = wb_find(l, "%s has an index on (%s) already%s%s", wb_shown(l, &op->table),
						    wb_columns(l, op), ix->name ? ": " : "",
						    ix->name  ? ix->name
						    : ix->key ? ", that of its key"
							      : "");
		wb_hint(l, f, "each index costs every write; leave this one out");
		return;
	}
}

static bool is_unsteady(const char *name)
{
	static const char *const names[] = { "now",
					     "current_timestamp",
					     "current_date",
					     "current_time",
					     "localtimestamp",
					     "localtime",
					     "clock_timestamp",
					     "random",
					     "timeofday",
					     "current_user",
					     "session_user",
					     "statement_timestamp",
					     "transaction_timestamp",
					     "gen_random_uuid" };
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

static void unsteady(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	for (size_t i = 0; i < op->n_functions; i++) {
		if (!is_unsteady(op->functions[i].name))
			continue;
		struct wb_lint_finding *f =
			wb_find(l, "%s() is not IMMUTABLE: PostgreSQL refuses it in an index", op->functions[i].name);
		wb_hint(l, f, "an index cannot follow the clock: leave the condition out, or compare with a constant");
		return;
	}
}

static const struct wb_rule rules[] = {
	{ "identifier-too-long",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_STATEMENT,
	  { 0 },
	  too_long,
	  "Names have at most 63 bytes",
	  "PostgreSQL cuts longer ones with no more than a notice, and then finds the object under a name that nobody "
	  "has written.",
	  "CREATE INDEX orders_by_customer_and_state_and_time_of_the_last_change_of_the_delivery ON ONLY orders (id);",
	  "CREATE INDEX orders_delivery ON ONLY orders (id);" },
	{ "quoted-name",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_CREATE, WB_OP_COLUMN_ADD, WB_OP_INDEX_CREATE, WB_OP_RENAME },
	  quoted,
	  "Names need no quotes",
	  "A name with capitals or other signs has to be quoted everywhere, and is not found where somebody forgets "
	  "it.",
	  "CREATE TABLE \"UserAccounts\" (id bigint PRIMARY KEY);",
	  "CREATE TABLE user_accounts (id bigint PRIMARY KEY);" },
	{ "unqualified-name",
	  WB_LINT_OFF,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_CREATE, WB_OP_INDEX_CREATE, WB_OP_CREATE },
	  unqualified,
	  "Objects are made in a schema that is named",
	  "Without it the search_path of the role decides. Off unless switched on: with one schema for all it "
	  "does not matter.",
	  "CREATE TABLE users (id bigint PRIMARY KEY);",
	  "CREATE TABLE public.users (id bigint PRIMARY KEY);" },
	{ "wide-index",
	  WB_LINT_INFO,
	  WB_RULE_BOTH,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE },
	  wide_index,
	  "An index has at most three columns",
	  "Columns after the first ones rarely narrow the search, but make every entry larger. Unique indexes are not "
	  "meant.",
	  "CREATE TABLE t (a int, b int, c int, d int);\nCREATE INDEX t_abcd ON t (a, b, c, d);",
	  "CREATE TABLE t (a int, b int, c int, d int);\nCREATE INDEX t_abc ON t (a, b, c);" },
	{ "same-index",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE },
	  same_index,
	  "No second index on the same columns",
	  "It is written with every row and never chosen. A primary key and a unique constraint have an index of their "
	  "own.",
	  "CREATE TABLE t (id integer PRIMARY KEY);\nCREATE INDEX t_id ON t (id);",
	  "CREATE TABLE t (id bigint PRIMARY KEY, a text);\nCREATE INDEX t_a ON t (a);" },
	{ "index-not-immutable",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_INDEX_CREATE },
	  unsteady,
	  "An index is on what does not change by itself",
	  "Expressions and conditions of an index must be IMMUTABLE. now(), CURRENT_DATE and their like are not: "
	  "the statement fails.",
	  "CREATE TABLE costs (at timestamptz);\nCREATE INDEX recent ON costs (at) WHERE at > now() - interval '30 "
	  "days';",
	  "CREATE TABLE costs (at timestamptz);\nCREATE INDEX recent ON costs (at) WHERE at > '2026-01-01';" },
};
const struct wb_rules wb_rules_names = { rules, WB_ARRAY_LEN(rules) };
