/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns and constraints as operations: within CREATE TABLE, and as actions of
 * ALTER TABLE, in sqlite3's forms and in those of the standard that the driver
 * adds.
 */
#include "driver/sqlite/reading.h"

#include "base/banned.h"

/* ---- columns ------------------------------------------------------------------------- */

/* What is said of a column; the parser is behind the words. */
typedef void part_fn(struct wb_sqlite_reading *r, struct wb_operation *op);

static void value(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	size_t from = r->p.i, end = r->p.i;
	if (end < r->p.n && r->p.v[end].kind == WB_TOK_OTHER) /* a sign */
		end++;
	end = wb_sqlite_op_behind(r, end);
	op->expr = wb_sqlite_op_text(r, from, end);
	if (end != from + 1 || !wb_sqlite_op_is(r, from, "NULL"))
		op->flags |= WB_WITH_DEFAULT;
	wb_sqlite_op_calls(r, op, from, end);
	r->p.i = end < r->p.n ? end : r->p.n;
}

static void generated(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	size_t from = r->p.i, end = wb_sqlite_op_behind(r, from);
	op->expr = wb_sqlite_op_text(r, from + 1, end - 1);
	op->flags |= wb_sqlite_op_is(r, end, "STORED") ? WB_WITH_GENERATED : WB_WITH_VIRTUAL;
	wb_sqlite_op_calls(r, op, from, end);
	r->p.i = end;
}

static void parent(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	op->other = wb_sqlite_op_name(r);
}

static void name(struct wb_sqlite_reading *r, struct wb_operation *op WB_UNUSED)
{
	(void)wb_sqlite_op_name(r);
}

static const struct part {
	const char *first, *second;
	uint32_t flags;
	part_fn *more;
} parts[] = {
	{ "CONSTRAINT", NULL, 0, name },
	{ "PRIMARY", "KEY", WB_WITH_PRIMARY_KEY, NULL },
	{ "NOT", "NULL", WB_WITH_NOT_NULL, NULL },
	{ "UNIQUE", NULL, WB_WITH_UNIQUE, NULL },
	{ "CHECK", NULL, WB_WITH_CHECK, NULL },
	{ "DEFAULT", NULL, 0, value },
	{ "COLLATE", NULL, WB_WITH_COLLATE, name },
	{ "REFERENCES", NULL, WB_WITH_REFERENCES, parent },
	{ "GENERATED", "ALWAYS", 0, NULL },
	{ "AS", NULL, 0, generated },
	{ "NULL", NULL, 0, NULL },
};

static const struct part *at_part(const struct wb_sqlite_reading *r, size_t i)
{
	for (size_t k = 0; k < WB_ARRAY_LEN(parts); k++)
		if (wb_sqlite_op_is(r, i, parts[k].first) &&
		    (!parts[k].second || wb_sqlite_op_is(r, i + 1, parts[k].second)))
			return &parts[k];
	return NULL;
}

/* Words, perhaps with parentheses, up to what is said of the column. */
static void read_type(struct wb_sqlite_reading *r, struct wb_operation *op, size_t end)
{
	size_t from = r->p.i, i = from, words = from;
	while (i < end && !at_part(r, i)) {
		if (r->p.v[i].kind != WB_TOK_OPEN && words == i)
			words = i + 1;
		i = wb_sqlite_op_behind(r, i);
	}
	op->type = wb_sqlite_op_text(r, from, i < end ? i : end);
	op->base.name = wb_sqlite_op_text(r, from, words < end ? words : end);
	r->p.i = i;
}

static void read_column(struct wb_sqlite_reading *r, struct wb_name table, uint32_t flags)
{
	size_t end = wb_sqlite_op_end(r, r->p.i);
	struct wb_operation *op = wb_sqlite_op(r, WB_OP_COLUMN_ADD, WB_KIND_TABLE);
	op->table = table;
	op->flags = flags;
	if (!wb_sqlite_take_name(&r->p, &op->object.name))
		r->unknown = WB_SQLITE_NOT_UNDERSTOOD;
	read_type(r, op, end);
	while (r->p.i < end) {
		const struct part *part = at_part(r, r->p.i);
		if (!part) {
			r->p.i = wb_sqlite_op_behind(r, r->p.i);
			continue;
		}
		r->p.i += part->second ? 2 : 1;
		op->flags |= part->flags;
		if (part->more)
			part->more(r, op);
	}
	r->p.i = end;
}

/* ---- constraints -------------------------------------------------------------------------- */

static void check(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	size_t from = r->p.i, end = wb_sqlite_op_behind(r, from);
	op->expr = wb_sqlite_op_text(r, from + 1, end - 1);
	wb_sqlite_op_calls(r, op, from, end);
}

static void key(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	wb_sqlite_op_columns(r, op, r->p.i);
}

static void foreign_key(struct wb_sqlite_reading *r, struct wb_operation *op)
{
	wb_sqlite_op_columns(r, op, r->p.i);
	r->p.i = wb_sqlite_op_behind(r, r->p.i);
	if (wb_sqlite_word(&r->p, "REFERENCES"))
		op->other = wb_sqlite_op_name(r);
}

static const struct {
	const char *first, *second;
	enum wb_op code;
	part_fn *more;
} keys[] = {
	{ "CHECK", NULL, WB_OP_CHECK_ADD, check },
	{ "UNIQUE", NULL, WB_OP_UNIQUE_ADD, key },
	{ "PRIMARY", "KEY", WB_OP_PRIMARY_KEY_ADD, key },
	{ "FOREIGN", "KEY", WB_OP_FOREIGN_KEY_ADD, foreign_key },
};

static bool read_constraint(struct wb_sqlite_reading *r, struct wb_name table, uint32_t flags)
{
	size_t end = wb_sqlite_op_end(r, r->p.i), from = r->p.i;
	const char *named = NULL;
	if (wb_sqlite_word(&r->p, "CONSTRAINT"))
		(void)wb_sqlite_take_name(&r->p, &named);
	for (size_t i = 0; i < WB_ARRAY_LEN(keys); i++) {
		if (!wb_sqlite_words(&r->p, keys[i].first, keys[i].second))
			continue;
		struct wb_operation *op = wb_sqlite_op(r, keys[i].code, WB_KIND_TABLE);
		op->offset = (size_t)(r->p.v[from].text.p - r->text.p);
		op->table = table;
		op->object.name = named;
		op->flags = flags;
		keys[i].more(r, op);
		r->p.i = end;
		return true;
	}
	r->p.i = from;
	return false;
}

/* ---- CREATE TABLE ( … ) --------------------------------------------------------------------- */

void wb_sqlite_op_elements(struct wb_sqlite_reading *r, struct wb_name table)
{
	if (!wb_sqlite_char(&r->p, "("))
		return;
	do {
		if (!wb_sqlite_at_constraint(&r->p) || !read_constraint(r, table, WB_WITH_INLINE))
			read_column(r, table, WB_WITH_INLINE);
	} while (!r->p.failed && wb_sqlite_char(&r->p, ","));
}

/* ---- ALTER TABLE -------------------------------------------------------------------------------- */

/* An action; the parser is behind its words. */
struct action {
	struct wb_sqlite_reading *r;
	struct wb_name table;
	struct wb_operation *op;
	size_t end;
};

static void column(struct action *a)
{
	if (wb_sqlite_words(&a->r->p, "IF", "EXISTS"))
		a->op->flags |= WB_WITH_IF_EXISTS;
	(void)wb_sqlite_take_name(&a->r->p, &a->op->object.name);
	if (wb_sqlite_op_is(a->r, a->end - 1, "CASCADE"))
		a->op->flags |= WB_WITH_CASCADE;
}

static void rename_table(struct action *a)
{
	a->op->object = a->table;
	(void)wb_sqlite_take_name(&a->r->p, &a->op->expr);
}

static void rename_column(struct action *a)
{
	a->op->kind = WB_KIND_COLUMN;
	(void)wb_sqlite_take_name(&a->r->p, &a->op->object.name);
	if (wb_sqlite_word(&a->r->p, "TO"))
		(void)wb_sqlite_take_name(&a->r->p, &a->op->expr);
}

static void type(struct action *a)
{
	read_type(a->r, a->op, a->end);
}

static void set_default(struct action *a)
{
	value(a->r, a->op);
}

static const struct {
	const char *words[3];
	enum wb_op code;
	void (*more)(struct action *a);
} changes[] = {
	{ { "TYPE" }, WB_OP_COLUMN_TYPE, type },
	{ { "SET", "DATA", "TYPE" }, WB_OP_COLUMN_TYPE, type },
	{ { "SET", "NOT", "NULL" }, WB_OP_COLUMN_SET_NOT_NULL, NULL },
	{ { "DROP", "NOT", "NULL" }, WB_OP_COLUMN_DROP_NOT_NULL, NULL },
	{ { "SET", "DEFAULT" }, WB_OP_COLUMN_SET_DEFAULT, set_default },
	{ { "DROP", "DEFAULT" }, WB_OP_COLUMN_DROP_DEFAULT, NULL },
};

static bool words_at(const struct wb_sqlite_reading *r, const char *const *words, size_t *ret_n)
{
	size_t n = 0;
	while (n < 3 && words[n] && wb_sqlite_op_is(r, r->p.i + n, words[n]))
		n++;
	*ret_n = n;
	return n == 3 || !words[n];
}

static void alter_column(struct action *a)
{
	size_t n;
	(void)wb_sqlite_take_name(&a->r->p, &a->op->object.name);
	for (size_t i = 0; i < WB_ARRAY_LEN(changes); i++) {
		if (!words_at(a->r, changes[i].words, &n))
			continue;
		a->r->p.i += n;
		a->op->code = changes[i].code;
		if (changes[i].more)
			changes[i].more(a);
		return;
	}
	a->r->unknown = "a form of ALTER TABLE that is not known";
}

static const struct {
	const char *words[3];
	enum wb_op code;
	void (*more)(struct action *a);
} actions[] = {
	{ { "ALTER", "COLUMN" }, WB_OP_UNKNOWN, alter_column },
	{ { "ALTER" }, WB_OP_UNKNOWN, alter_column },
	{ { "DROP", "CONSTRAINT" }, WB_OP_CONSTRAINT_DROP, column },
	{ { "DROP", "COLUMN" }, WB_OP_COLUMN_DROP, column },
	{ { "DROP" }, WB_OP_COLUMN_DROP, column },
	{ { "RENAME", "TO" }, WB_OP_RENAME, rename_table },
	{ { "RENAME", "COLUMN" }, WB_OP_RENAME, rename_column },
	{ { "RENAME" }, WB_OP_RENAME, rename_column },
};

static bool read_add(struct wb_sqlite_reading *r, struct wb_name table)
{
	size_t first = r->ops.n, from = r->p.i;
	if (!wb_sqlite_word(&r->p, "ADD"))
		return false;
	bool is_column = wb_sqlite_word(&r->p, "COLUMN");
	bool exists = is_column && wb_sqlite_words(&r->p, "IF", "NOT") && wb_sqlite_word(&r->p, "EXISTS");
	if (is_column || !wb_sqlite_at_constraint(&r->p) || !read_constraint(r, table, 0))
		read_column(r, table, exists ? WB_WITH_IF_EXISTS : 0);
	if (first < r->ops.n)
		r->ops.v[first].offset = (size_t)(r->p.v[from].text.p - r->text.p);
	return true;
}

static void read_action(struct wb_sqlite_reading *r, struct wb_name table)
{
	size_t n = 0, i = 0;
	while (i < WB_ARRAY_LEN(actions) && !words_at(r, actions[i].words, &n))
		i++;
	bool known = i < WB_ARRAY_LEN(actions);
	struct action a = { r, table, wb_sqlite_op(r, known ? actions[i].code : WB_OP_UNKNOWN, WB_KIND_TABLE),
			    wb_sqlite_op_end(r, r->p.i) };
	a.op->table = table;
	r->p.i += known ? n : 0;
	if (known)
		actions[i].more(&a);
	else
		r->unknown = "a form of ALTER TABLE that is not known";
	r->p.i = a.end;
}

void wb_sqlite_op_alter(struct wb_sqlite_reading *r, struct wb_name table)
{
	do {
		if (!read_add(r, table))
			read_action(r, table);
	} while (!r->p.failed && wb_sqlite_char(&r->p, ","));
}
