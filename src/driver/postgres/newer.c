/* SPDX-License-Identifier: Apache-2.0
 *
 * Forms that PostgreSQL 16 to 18 know and the parser, of PostgreSQL 15, does
 * not. A statement that it refused is given to it once more with these forms
 * written as older ones of the same length, so that all else is read by the
 * real grammar; what they say is then put into the operations where they stood.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

struct form {
	const char *words; /* in capital letters; "( )" for anything in parentheses */
	const char *older; /* no longer than they are */
	const char *command; /* only in a statement that begins so; NULL: in any */
	bool (*fits)(struct wb_reading *r, size_t from, size_t to);
	void (*rewrite)(struct wb_reading *r, char *text, size_t from, size_t to); /* in place of older */
	enum wb_op was, code; /* what the older form is read as, and what it is; both 0: it stays */
	uint32_t set, clear;
	const char *expr; /* NULL: it stays */
	bool bare; /* the older form has parentheses around the expression */
};

struct found {
	const struct form *form;
	size_t at;
};
struct wb_newer {
	WB_VEC(struct found) found;
};

/* ---- conditions ------------------------------------------------------------------------- */

static bool is_mark(const struct wb_reading *r, size_t i, char mark)
{
	return i < r->pieces.n && r->pieces.v[i].n == 1 && r->text.p[r->pieces.v[i].at] == mark;
}

static bool at_end(struct wb_reading *r, size_t from WB_UNUSED, size_t to)
{
	return to >= r->pieces.n || is_mark(r, to, ',') || is_mark(r, to, ')');
}

/* Nothing but what else is said of a constraint follows. */
static bool ends_constraint(struct wb_reading *r, size_t from, size_t to)
{
	return at_end(r, from, to) || wb_piece_find(r, to, to + 1, "not no deferrable initially") == to;
}

static bool behind_parentheses(struct wb_reading *r, size_t from, size_t to WB_UNUSED)
{
	return from > 0 && is_mark(r, from - 1, ')');
}

static bool not_stored(struct wb_reading *r, size_t from WB_UNUSED, size_t to)
{
	return !wb_piece_is(r, to, "stored") && !wb_piece_is(r, to, "virtual");
}

static bool begins_element(const struct wb_reading *r, size_t i)
{
	return i > 0 && (wb_piece_is(r, i - 1, "add") || is_mark(r, i - 1, ',') || is_mark(r, i - 1, '('));
}

/* NOT NULL column, which stands where a column or a key might. */
static bool is_constraint(struct wb_reading *r, size_t from, size_t to)
{
	bool named = from >= 2 && wb_piece_is(r, from - 2, "constraint");
	return to < r->pieces.n && (r->pieces.v[to].kind == WB_TOK_WORD || r->pieces.v[to].kind == WB_TOK_IDENT) &&
	       begins_element(r, named ? from - 2 : from);
}

static bool behind_matched(struct wb_reading *r, size_t from, size_t to WB_UNUSED)
{
	return from > 0 && wb_piece_is(r, from - 1, "matched");
}

static bool before_name(struct wb_reading *r, size_t from, size_t to)
{
	return begins_element(r, from) && to < r->pieces.n && !is_mark(r, to, ',') && !is_mark(r, to, ')');
}

static bool alters_constraint(struct wb_reading *r, size_t from, size_t to)
{
	return from >= 3 && wb_piece_is(r, from - 2, "constraint") && wb_piece_is(r, from - 3, "alter") &&
	       at_end(r, from, to);
}

static bool on_top(struct wb_reading *r, size_t from, size_t to WB_UNUSED)
{
	return r->pieces.v[from].depth == 0;
}

/* ---- rewriting --------------------------------------------------------------------------- */

static void blank(struct wb_reading *r, char *text, size_t from, size_t to)
{
	const struct wb_piece *first = &r->pieces.v[from], *last = &r->pieces.v[to - 1];
	memset(text + first->at, ' ', last->at + last->n - first->at);
}

static void blank_rest(struct wb_reading *r, char *text, size_t from, size_t to WB_UNUSED)
{
	blank(r, text, from, r->pieces.n);
}

/* NOT NULL column becomes UNIQUE(column), which is as long at most; what may follow is none of a key's. */
static void rewrite_not_null(struct wb_reading *r, char *text, size_t from, size_t to)
{
	const struct wb_piece *name = &r->pieces.v[to];
	size_t at = r->pieces.v[from].at;
	blank(r, text, from, to + 1);
	memcpy(text + at, "UNIQUE(", 7);
	memcpy(text + at + 7, r->text.p + name->at, name->n);
	text[at + 7 + name->n] = ')';
}

/* ---- forms --------------------------------------------------------------------------------- */

#define GENERATED_IS_VIRTUAL .set = WB_WITH_VIRTUAL, .clear = WB_WITH_GENERATED | WB_WITH_DEFAULT

static const struct form forms[] = {
	{ "NOT ENFORCED", "", .fits = ends_constraint, .set = WB_WITH_NOT_ENFORCED },
	{ "ENFORCED", "", .fits = ends_constraint },
	{ "VIRTUAL", "STORED", .fits = behind_parentheses, GENERATED_IS_VIRTUAL },
	{ "GENERATED ALWAYS AS ( )", "DEFAULT", .fits = not_stored, GENERATED_IS_VIRTUAL, .bare = true },
	{ "SET EXPRESSION AS ( )", "SET DEFAULT", .was = WB_OP_COLUMN_SET_DEFAULT, .code = WB_OP_COLUMN_SET_EXPRESSION,
	  .clear = WB_WITH_DEFAULT, .bare = true },
	{ "NOT NULL", NULL, .fits = is_constraint, .rewrite = rewrite_not_null, .was = WB_OP_UNIQUE_ADD,
	  .code = WB_OP_NOT_NULL_ADD },
	{ "NOT VALID", "", .fits = ends_constraint, .set = WB_WITH_NOT_VALID },
	{ "NO INHERIT", "", .fits = ends_constraint, .set = WB_WITH_NO_INHERIT },
	{ "INHERIT", "", .fits = alters_constraint },
	{ "WITHOUT OVERLAPS", "", .fits = at_end },
	{ "PERIOD", "", .fits = before_name },
	{ "NOT MATCHED BY SOURCE", "MATCHED", .command = "MERGE" },
	{ "BY TARGET", "", .command = "MERGE", .fits = behind_matched },
	{ "RETURNING", NULL, .command = "MERGE", .fits = on_top, .rewrite = blank_rest },
	{ "RETURNING WITH ( )", "RETURNING", .fits = on_top },
	{ "ONLY", "", .command = "VACUUM", .set = WB_WITH_ONLY },
	{ "ONLY", "", .command = "ANALYZE", .set = WB_WITH_ONLY },
	{ "STATISTICS DEFAULT", "STATISTICS -1", .expr = "DEFAULT" },
	{ "STORAGE DEFAULT", "STORAGE plain", .expr = "DEFAULT" },
	{ "ACCESS METHOD DEFAULT", "ACCESS METHOD heap", .expr = "DEFAULT" },
};

/* Behind the words where they stand at i; i: they do not. */
static size_t match(struct wb_reading *r, const struct form *f, size_t i)
{
	struct wb_sv rest = wb_sv_str(f->words), word;
	size_t to = i;
	while (wb_sv_cut(&rest, ' ', &word)) {
		char text[32];
		(void)wb_sv_copy(word, text, sizeof(text));
		if (text[0] == '(') {
			unsigned depth = is_mark(r, to, '(') ? r->pieces.v[to].depth : UINT16_MAX;
			while (to < r->pieces.n && depth != UINT16_MAX &&
			       (!is_mark(r, to, ')') || r->pieces.v[to].depth > depth))
				to++;
		} else if (text[0] == ')' ? !is_mark(r, to, ')') : !wb_piece_is(r, to, text)) {
			return i;
		} else {
			to++;
		}
	}
	return to;
}

static const struct form *form_at(struct wb_reading *r, size_t i, size_t *ret_to)
{
	for (size_t k = 0; k < WB_ARRAY_LEN(forms); k++) {
		const struct form *f = &forms[k];
		size_t to = f->command && !wb_piece_is(r, 0, f->command) ? i : match(r, f, i);
		if (to > i && (!f->fits || f->fits(r, i, to))) {
			*ret_to = to;
			return f;
		}
	}
	return NULL;
}

/* What stands in parentheses stays, and is looked at as well. */
static size_t words_of(const struct form *f)
{
	size_t n = 0;
	for (const char *p = f->words; *p && *p != '('; p++)
		n += p == f->words || (p[-1] == ' ' && *p != '(');
	return n;
}

static void rewrite(struct wb_reading *r, const struct form *f, char *text, size_t from, size_t to)
{
	if (f->rewrite) {
		f->rewrite(r, text, from, to);
		return;
	}
	bool keeps = f->bare;
	blank(r, text, from, keeps ? from + words_of(f) : to);
	memcpy(text + r->pieces.v[from].at, f->older, strlen(f->older));
}

bool wb_newer_rewrite(struct wb_reading *r, struct wb_newer **ret_newer)
{
	struct wb_newer *newer = wb_arena_alloc(r->a, sizeof(*newer));
	char *text = wb_arena_sv(r->a, r->text);
	size_t to, n = wb_piece_at(r, 0);
	*ret_newer = newer;
	if (!newer || !text || r->failed) {
		r->failed = true;
		return false;
	}
	for (size_t i = n; i < r->pieces.n; i++) {
		const struct form *f = form_at(r, i, &to);
		if (!f)
			continue;
		rewrite(r, f, text, i, to);
		if (!wb_vec_push(&newer->found, ((struct found){ f, r->pieces.v[i].at })))
			r->failed = true;
		i += (f->bare ? words_of(f) : to - i) - 1;
	}
	r->text.p = text;
	r->pieces.n = 0;
	r->is_cut = false;
	return newer->found.n > 0 && !r->failed;
}

void wb_newer_done(struct wb_newer *newer)
{
	if (newer)
		wb_vec_done(&newer->found);
}

/* ---- what they say --------------------------------------------------------------------------- */

/* The operation that what stands here belongs to: the last that begins before it. */
static struct wb_operation *operation_at(struct wb_reading *r, size_t at)
{
	struct wb_operation *op = NULL;
	for (size_t i = 0; i < r->ops.n; i++) {
		if (r->ops.v[i].offset <= at && (!op || r->ops.v[i].offset >= op->offset))
			op = &r->ops.v[i];
	}
	return op;
}

static const char *without_parentheses(struct wb_reading *r, const char *expr)
{
	size_t n = expr ? strlen(expr) : 0;
	if (n < 2 || expr[0] != '(' || expr[n - 1] != ')')
		return expr;
	struct wb_sv inside = wb_sv_trim(wb_sv(expr + 1, n - 2));
	const char *copy = wb_arena_sv(r->a, inside);
	r->failed |= !copy;
	return copy;
}

void wb_newer_apply(struct wb_reading *r, const struct wb_newer *newer)
{
	for (size_t i = 0; i < newer->found.n; i++) {
		const struct form *f = newer->found.v[i].form;
		struct wb_operation *op = operation_at(r, newer->found.v[i].at);
		if (!op || (f->code && op->code != f->was))
			continue;
		op->code = f->code ? f->code : op->code;
		op->flags = (op->flags & ~f->clear) | f->set;
		op->type = f->expr ? NULL : op->type;
		op->expr = f->bare ? without_parentheses(r, op->expr) : f->expr ? f->expr : op->expr;
	}
}
