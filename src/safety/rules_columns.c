/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about columns that are added to, or changed in, tables that have rows.
 */
#include "safety/lint.h"

#include "safety/facts.h"

static bool adds_to_old(struct wb_look *l)
{
	return !(l->op->flags & WB_WITH_INLINE) && !wb_is_new(l, &l->op->table);
}

static void not_null(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	unsigned filled = WB_WITH_DEFAULT | WB_WITH_SERIAL | WB_WITH_IDENTITY | WB_WITH_GENERATED | WB_WITH_VIRTUAL;
	if (!(op->flags & WB_WITH_NOT_NULL) || (op->flags & filled) || !adds_to_old(l))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "%s.%s is NOT NULL and has no default: this fails as soon as there is a row",
			wb_shown(l, &op->table), op->object.name);
	wb_hint(l, f,
		"add it without NOT NULL, give the rows a value in batches, then make it NOT NULL (see set-not-null); "
		"or give it a constant default");
	wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s %s;", wb_ref(l, &op->table), wb_ident(l, op->object.name),
		op->type ? op->type : "…");
}

/* ---- defaults ------------------------------------------------------------------------- */

/* The worst that the functions of the default say; *ret_name the one that says it. */
static enum wb_tri default_volatile(struct wb_look *l, const char **ret_name)
{
	enum wb_tri worst = WB_NO;
	for (size_t i = 0; i < l->op->n_functions; i++) {
		enum wb_tri v = wb_volatility(&l->op->functions[i]);
		if (v == WB_YES || (v == WB_UNKNOWN && worst == WB_NO)) {
			worst = v;
			*ret_name = wb_shown(l, &l->op->functions[i]);
		}
		if (v == WB_YES)
			break;
	}
	if (worst == WB_UNKNOWN)
		worst = wb_ask(l, WB_ASK_VOLATILE);
	return worst;
}

static void volatile_default(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const char *function = "";
	if (!(op->flags & WB_WITH_DEFAULT) || (op->flags & (WB_WITH_SERIAL | WB_WITH_IDENTITY)) || !adds_to_old(l))
		return;
	enum wb_tri is = default_volatile(l, &function);
	if (is == WB_NO)
		return;
	if (is == WB_UNKNOWN)
		wb_unknown(l, "whether a function is volatile");
	const char *table = wb_ref(l, &op->table), *column = wb_ident(l, op->object.name);
	struct wb_lint_finding *f =
		wb_find_at(l, is == WB_YES ? wb_by_size(l, &op->table, WB_LINT_ERROR) : WB_LINT_WARNING,
			   is == WB_YES ? "%s() gives each row another value: %s%s is written anew while nobody can "
					  "use it"
					: "unless %s() is STABLE or IMMUTABLE, %s%s is written anew while nobody can "
					  "use it",
			   function, wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f, "add the column without it, set the default for rows to come, fill the others in batches");
	wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s %s;\nALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s;", table, column,
		op->type ? op->type : "…", table, column, op->expr ? op->expr : "…");
}

static void serial(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (!(op->flags & (WB_WITH_SERIAL | WB_WITH_IDENTITY)) || !adds_to_old(l))
		return;
	const char *table = wb_ref(l, &op->table), *column = wb_ident(l, op->object.name);
	const char *sequence = wb_ident(l, wb_texts(l, "%s_%s_seq", op->table.name, op->object.name));
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR),
			   "every row gets a number of its own: %s%s is written anew while nobody can use it",
			   wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f, "add a plain column with a sequence for rows to come, and fill the others in batches");
	wb_safe(l, f,
		"ALTER TABLE %s ADD COLUMN %s bigint;\nCREATE SEQUENCE %s OWNED BY %s.%s;\nALTER TABLE %s ALTER COLUMN "
		"%s SET "
		"DEFAULT nextval('%s');",
		table, column, sequence, table, column, table, column, sequence);
}

static void stored(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool set = op->code == WB_OP_COLUMN_SET_EXPRESSION;
	if ((!set && !(op->flags & WB_WITH_GENERATED)) || !adds_to_old(l))
		return;
	struct wb_lint_finding *f = wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR),
					       "%s%s is written anew, with %s worked out, while nobody can use it",
					       wb_shown(l, &op->table), wb_size(l, &op->table), op->object.name);
	wb_hint(l, f, "%s",
		wb_server(l) >= 180000
			? "a VIRTUAL generated column costs nothing; or a plain one, filled by a trigger and in batches"
			: "add a plain column, keep it by a trigger, fill old rows in batches; from PostgreSQL 18 on, "
			  "VIRTUAL costs nothing");
	if (!set)
		wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s %s;", wb_ref(l, &op->table), wb_ident(l, op->object.name),
			op->type ? op->type : "…");
}

static void json(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (!op->type || !wb_sv_ieq(wb_sv_str(op->type), "json"))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "%s.%s: json has no equality, so DISTINCT, GROUP BY and UNION over it fail",
			wb_shown(l, &op->table), op->object.name);
	wb_hint(l, f, "use jsonb; json only where the text must stay as it came");
	if (!(op->flags & WB_WITH_INLINE) && op->code == WB_OP_COLUMN_ADD)
		wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s jsonb;", wb_ref(l, &op->table),
			wb_ident(l, op->object.name));
}

/* ---- types ------------------------------------------------------------------------------ */

struct type {
	char name[40];
	int64_t a, b; /* length, or precision and scale; -1: none */
};

static int64_t number(const char **p)
{
	int64_t n = 0;
	while (**p == ' ')
		++*p;
	if (**p < '0' || **p > '9')
		return -1;
	for (; **p >= '0' && **p <= '9' && n < 100000000; ++*p)
		n = n * 10 + (**p - '0');
	return n;
}

static void canonical(struct type *t)
{
	static const struct {
		const char *from, *to;
	} names[] = {
		{ "character varying", "varchar" },
		{ "character", "char" },
		{ "bpchar", "char" },
		{ "decimal", "numeric" },
		{ "int", "integer" },
		{ "int4", "integer" },
		{ "int8", "bigint" },
		{ "int2", "smallint" },
		{ "bool", "boolean" },
		{ "bit varying", "varbit" },
		{ "timestamp with time zone", "timestamptz" },
		{ "timestamp without time zone", "timestamp" },
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		if (!strcmp(t->name, names[i].from))
			snprintf(t->name, sizeof(t->name), "%s", names[i].to);
	}
}

static struct type parse_type(const char *text)
{
	struct type t = { .a = -1, .b = -1 };
	size_t n = 0;
	const char *p = text;
	if (!strncmp(p, "pg_catalog.", 11))
		p += 11;
	for (; *p && *p != '('; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
		if (n + 1 < sizeof(t.name) && (c != ' ' || (n && t.name[n - 1] != ' ')))
			t.name[n++] = c;
	}
	if (*p == '(') {
		p++;
		t.a = number(&p);
		while (*p == ' ' || *p == ',')
			p++;
		t.b = number(&p);
		if (*p == ')' && n + 1 < sizeof(t.name)) /* timestamp(3) with time zone, varchar(3)[] */
			(void)snprintf(t.name + n, sizeof(t.name) - n, "%s", p + 1);
	}
	n = strlen(t.name);
	while (n && t.name[n - 1] == ' ')
		t.name[--n] = 0;
	canonical(&t);
	return t;
}

/* Only a relabelling: no row is looked at. What is in no case certain here is said to write the table anew. */
static bool is_free(const char *from, const char *to)
{
	struct type f = parse_type(from), t = parse_type(to);
	bool longer = t.a < 0 || (f.a >= 0 && t.a >= f.a);
	if (!strcmp(f.name, t.name)) {
		if (!strcmp(f.name, "numeric"))
			return t.a < 0 || (f.a >= 0 && t.a >= f.a && (t.b < 0 ? 0 : t.b) == (f.b < 0 ? 0 : f.b));
		if (!strcmp(f.name, "char"))
			return f.a == t.a;
		return longer;
	}
	if (!strcmp(f.name, "varchar") && !strcmp(t.name, "text"))
		return true;
	if (!strcmp(f.name, "text") && !strcmp(t.name, "varchar"))
		return t.a < 0;
	return !strcmp(f.name, "cidr") && !strcmp(t.name, "inet");
}

/* WB_YES: the table is written anew; WB_UNKNOWN: not known. */
static enum wb_tri retype(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	enum wb_tri asked = wb_ask(l, WB_ASK_REWRITES);
	if (asked != WB_UNKNOWN)
		return asked;
	const struct wb_seen_column *c = wb_seen_column(wb_seen_find(&l->run->seen, &op->table), op->object.name);
	if (op->expr && !wb_sv_eq(wb_sv_str(op->expr), wb_sv_str(op->object.name)))
		return c && c->type && is_free(c->type, op->type ? op->type : "") &&
				       wb_sv_starts(wb_sv_str(op->expr), wb_texts(l, "%s::", op->object.name))
			       ? WB_NO
			       : WB_YES;
	if (c && c->type && op->type)
		return is_free(c->type, op->type) ? WB_NO : WB_YES;
	struct type t = parse_type(op->type ? op->type : "");
	bool could = !strcmp(t.name, "text") || !strcmp(t.name, "varchar") || !strcmp(t.name, "numeric") ||
		     !strcmp(t.name, "inet") || !strcmp(t.name, "varbit") || !strcmp(t.name, "timestamptz");
	return could ? WB_UNKNOWN : WB_YES;
}

static void column_type(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (wb_is_new(l, &op->table))
		return;
	enum wb_tri is = retype(l);
	if (is == WB_NO)
		return;
	if (is == WB_UNKNOWN)
		wb_unknown(l, "the type that a column has");
	const char *table = wb_ref(l, &op->table), *column = op->object.name;
	struct wb_lint_finding *f =
		wb_find_at(l, is == WB_YES ? wb_by_size(l, &op->table, WB_LINT_ERROR) : WB_LINT_WARNING,
			   is == WB_YES ? "%s%s is written anew, with all its indexes, while nobody can use it"
					: "unless its old type only has to be relabelled, %s%s is written anew while "
					  "nobody can use it",
			   wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f,
		"add a second column, write both (a trigger), fill it in batches, then let programs use it and drop "
		"the old");
	wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s %s;", table, wb_ident(l, wb_texts(l, "%s_new", column)),
		op->type ? op->type : "…");
}

static bool mentions(const struct wb_seen_constraint *c, const char *column)
{
	size_t n = strlen(column);
	if (c->code != WB_OP_CHECK_ADD)
		return false;
	for (size_t i = 0; i < c->n; i++) {
		if (c->columns[i] && !strcmp(c->columns[i], column))
			return true;
	}
	for (const char *p = c->expr; p && (p = strstr(p, column)); p += n) {
		bool before = p > c->expr && (p[-1] == '_' || (p[-1] | 32) >= 'a');
		bool after = p[n] == '_' || ((p[n] | 32) >= 'a' && (p[n] | 32) <= 'z') || (p[n] >= '0' && p[n] <= '9');
		if (!before && !after)
			return true;
	}
	return false;
}

static void type_of_checked(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_table *t = wb_seen_find(&l->run->seen, &op->table);
	if (wb_is_new(l, &op->table) || retype(l) == WB_YES) /* then that is said */
		return;
	bool named = wb_ask(l, WB_ASK_CHECKED) == WB_YES;
	for (const struct wb_seen_constraint *c = t ? t->constraints : NULL; c && !named; c = c->next)
		named = mentions(c, op->object.name);
	if (named) {
		struct wb_lint_finding *f =
			wb_find(l, "a CHECK of %s names %s: every row is checked again while nobody can use it",
				wb_shown(l, &op->table), op->object.name);
		wb_hint(l, f, "drop the CHECK first, change the type, add it again NOT VALID and validate it");
	}
}

static const struct wb_rule rules[] = {
	{ "add-column-not-null",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD },
	  not_null,
	  "A new NOT NULL column has a default",
	  "Without a default the rows that are there would hold NULL, so the statement fails on any table that is not "
	  "empty. With "
	  "one that is the same for all rows PostgreSQL writes nothing (since 11).",
	  "ALTER TABLE users ADD COLUMN state text NOT NULL;",
	  "ALTER TABLE users ADD COLUMN state text NOT NULL DEFAULT 'new';" },
	{ "add-column-volatile-default",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD },
	  volatile_default,
	  "A new column's default is the same for all rows",
	  "PostgreSQL keeps a default that is the same for all rows once, and writes no row. now() and "
	  "CURRENT_TIMESTAMP are such: "
	  "they stand still within a statement. A volatile function (random(), gen_random_uuid(), clock_timestamp()) "
	  "gives each row "
	  "its own value, and the table is written anew under ACCESS EXCLUSIVE. Of functions that are not PostgreSQL's "
	  "own only a "
	  "database knows; without one this is a warning.",
	  "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();",
	  "ALTER TABLE users ADD COLUMN token uuid;\nALTER TABLE users ALTER COLUMN token SET DEFAULT "
	  "gen_random_uuid();" },
	{ "add-column-serial",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD },
	  serial,
	  "No serial or identity column is added to a table in use",
	  "Every row needs its number, so the table is written anew under ACCESS EXCLUSIVE.",
	  "ALTER TABLE events ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;",
	  "ALTER TABLE events ADD COLUMN position bigint;" },
	{ "add-column-stored",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD, WB_OP_COLUMN_SET_EXPRESSION },
	  stored,
	  "No stored generated column is added to a table in use",
	  "Its value is worked out for every row: the table is written anew under ACCESS EXCLUSIVE. SET EXPRESSION "
	  "(PostgreSQL 17) "
	  "does the same.",
	  "ALTER TABLE orders ADD COLUMN total numeric GENERATED ALWAYS AS (price * amount) STORED;",
	  "ALTER TABLE orders ADD COLUMN total numeric;" },
	{ "column-type",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_TYPE },
	  column_type,
	  "A column's type is not changed in place",
	  "ALTER COLUMN TYPE writes the table and its indexes anew under ACCESS EXCLUSIVE, but where the old values "
	  "can stay as they "
	  "are: varchar(n) to a longer one or to text, numeric with more digits and the same scale. The old type comes "
	  "from earlier "
	  "files or the database; where neither knows it and it might be such, this is a warning.",
	  "ALTER TABLE orders ALTER COLUMN id TYPE bigint;",
	  "ALTER TABLE orders ADD COLUMN id_new bigint;" },
	{ "column-type-check",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_TYPE },
	  type_of_checked,
	  "A column that a CHECK names keeps its type",
	  "Even where no row has to be written, changing the type checks every row anew against the CHECKs that name "
	  "the column, "
	  "under ACCESS EXCLUSIVE.",
	  NULL,
	  NULL },
	{ "json-type",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_ADD, WB_OP_COLUMN_TYPE },
	  json,
	  "jsonb, not json",
	  "json is kept as text: it has no equality operator, so that SELECT DISTINCT over a table that gets such a "
	  "column fails, "
	  "and it cannot be indexed.",
	  "ALTER TABLE users ADD COLUMN settings json;",
	  "ALTER TABLE users ADD COLUMN settings jsonb;" },
};
const struct wb_rules wb_rules_columns = { rules, WB_ARRAY_LEN(rules) };
