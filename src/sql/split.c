/* SPDX-License-Identifier: Apache-2.0
 *
 * The splitter: tokens in, statements out; body.c knows which ';' ends one. A
 * token at the edge of the window is read again once there is more, and the
 * window keeps the statement begun.
 */
#include "sql/split.h"

#define DEFAULT_MAX ((size_t)256 << 20)
/* The window may hold blanks past the last token of a statement; they do not make it too long. */
#define MAX_SLACK WB_WINDOW_SIZE

int wb_split_new(const struct wb_split_options *o, struct wb_splitter **ret_splitter, struct wb_error *err)
{
	struct wb_splitter *s = calloc(1, sizeof(*s));
	if (!s)
		return wb_err_nomem(err);
	s->o = *o;
	if (s->o.max_statement == 0)
		s->o.max_statement = DEFAULT_MAX;
	wb_window_init(&s->w, o);
	wb_lex_init(&s->lx, o->dialect, wb_sv(NULL, 0));
	s->lx.at_line_start = s->w.place.pos.column == 1;
	*ret_splitter = s;
	return WB_OK;
}

void wb_split_free(struct wb_splitter *s)
{
	if (!s)
		return;
	wb_window_done(&s->w);
	free(s);
}

/* ---- tokens from the window ------------------------------------------------- */

int wb_split_fail(const struct wb_splitter *s, size_t at, struct wb_error *err)
{
	struct wb_pos pos = wb_window_pos(&s->w, at);
	wb_err_place(err, s->o.file, pos.line, pos.column);
	wb_err_excerpt(err, wb_sv(s->w.p, s->w.n), at);
	return WB_EINPUT;
}

static int too_long(const struct wb_splitter *s, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "a statement is longer than %zu bytes", s->o.max_statement);
	wb_err_hint(err, "%s",
		    s->inside && s->body.parens
			    ? "a parenthesis is opened in it and never closed"
			    : "check that it ends with ';', or split it; masses of data belong into COPY");
	return wb_split_fail(s, s->inside ? s->start : wb_split_at(s), err);
}

int wb_split_more(struct wb_splitter *s, struct wb_error *err)
{
	size_t at = wb_split_at(s), drop = s->inside ? s->start : at;
	if (s->w.fault) {
		wb_window_explain(&s->w, err);
		return wb_split_fail(s, s->w.good, err);
	}
	if (s->w.n - drop > s->o.max_statement + MAX_SLACK)
		return too_long(s, err);
	int rc = wb_window_fill(&s->w, drop, err);
	s->start = 0;
	s->lx.p = s->w.p ? s->w.p + (at - drop) : NULL;
	s->lx.end = s->w.p ? s->w.p + s->w.good : NULL;
	return rc;
}

static int flawed(const struct wb_splitter *s, const struct wb_token *t, struct wb_error *err)
{
	static const struct {
		const char *what, *hint;
	} flaws[] = {
		[WB_FLAW_UNTERMINATED_STRING] = { "a string is not closed", "close it with a single quote; a quote "
									    "inside a string is written twice" },
		[WB_FLAW_UNTERMINATED_IDENT] = { "a quoted identifier is not closed",
						 "close it with the quote that opened it" },
		[WB_FLAW_UNTERMINATED_COMMENT] = { "a comment is not closed",
						   "close it with */; in PostgreSQL, each /* inside it needs its own" },
		[WB_FLAW_UNTERMINATED_DOLLAR] = { "a dollar-quoted string is not closed",
						  "close it with the same tag that opened it, upper and lower case "
						  "alike" },
	};
	wb_err_set(err, WB_EINPUT, "%s", flaws[t->flaw].what);
	wb_err_detail(err, "it starts here and goes on to the end of the file");
	wb_err_hint(err, "%s", flaws[t->flaw].hint);
	return wb_split_fail(s, (size_t)(t->text.p - s->w.p), err);
}

int wb_split_take(struct wb_splitter *s, struct wb_token *ret_token, struct wb_error *err)
{
	for (;;) {
		const char *p = s->lx.p;
		bool at_line_start = s->lx.at_line_start;
		*ret_token = wb_lex_next(&s->lx);
		if (!s->lx.hungry || wb_window_final(&s->w))
			return ret_token->flaw ? flawed(s, ret_token, err) : WB_OK;
		/* Pieces of blanks will do. */
		if (ret_token->kind == WB_TOK_SPACE)
			return WB_OK;
		s->lx.p = p;
		s->lx.at_line_start = at_line_start;
		int rc = wb_split_more(s, err);
		if (rc)
			return rc;
	}
}

int wb_split_peek(struct wb_splitter *s, size_t i, int *ret_byte, struct wb_error *err)
{
	while ((size_t)(s->lx.end - s->lx.p) <= i && !wb_window_final(&s->w)) {
		int rc = wb_split_more(s, err);
		if (rc)
			return rc;
	}
	*ret_byte = (size_t)(s->lx.end - s->lx.p) > i ? (unsigned char)s->lx.p[i] : -1;
	return WB_OK;
}

int wb_split_line_end(struct wb_splitter *s, size_t *ret_n, struct wb_error *err)
{
	int c = 0, next = 0;
	int rc = wb_split_peek(s, 0, &c, err);
	if (rc == WB_OK && c == '\r')
		rc = wb_split_peek(s, 1, &next, err);
	*ret_n = c == '\n' ? 1 : c == '\r' ? 1 + (next == '\n') : 0;
	return rc;
}

/* ---- what is no SQL ------------------------------------------------------------ */

static const struct {
	const char *name, *hint; /* no hint: skipped */
} metas[] = {
	{ "\\restrict", NULL },
	{ "\\unrestrict", NULL },
	{ "\\i", "put the statements of that file here, or make it a migration of its own" },
	{ "\\ir", "put the statements of that file here, or make it a migration of its own" },
	{ "\\include", "put the statements of that file here, or make it a migration of its own" },
	{ "\\include_relative", "put the statements of that file here, or make it a migration of its own" },
	{ "\\set", "write the value out, or use ${name} with variables:on" },
	{ "\\unset", "write values out, or use ${name} with variables:on" },
	{ "\\gset", "end the statement with ';', and write the value out" },
	{ "\\connect", "a migration runs on one database: delete this line" },
	{ "\\c", "a migration runs on one database: delete this line" },
	{ "\\copy", "use COPY … FROM STDIN; with the data on the lines after it, then a line that holds only \\." },
	{ "\\.", "it ends COPY data, but no COPY … FROM STDIN; stands before it" },
	{ "\\g", "end the statement with ';'" },
	{ "\\gx", "end the statement with ';'" },
	{ "\\gexec", "end the statement with ';', or run what it makes with EXECUTE in a DO block" },
	{ "\\if", "use a DO block with IF" },
	{ "\\elif", "use a DO block with IF" },
	{ "\\else", "use a DO block with IF" },
	{ "\\endif", "use a DO block with IF" },
};

static int meta_command(const struct wb_splitter *s, const struct wb_token *t, struct wb_error *err)
{
	struct wb_sv rest = wb_sv_trim(t->text), name = rest;
	const char *hint = "delete this line, or do in SQL what it does";
	for (size_t i = 0; i < rest.n; i++) {
		if (rest.p[i] == ' ' || rest.p[i] == '\t') {
			name.n = i;
			break;
		}
	}
	for (size_t i = 0; i < WB_ARRAY_LEN(metas); i++) {
		if (wb_sv_eq(name, wb_sv_str(metas[i].name)))
			hint = metas[i].hint;
	}
	if (!hint && !s->inside)
		return WB_OK;
	wb_err_set(err, WB_EINPUT, "%.*s is a command of psql, not SQL", (int)(name.n > 40 ? 40 : name.n), name.p);
	wb_err_hint(err, "%s", hint ? hint : "move it between statements");
	return wb_split_fail(s, (size_t)(t->text.p - s->w.p), err);
}

static int dot_command(const struct wb_splitter *s, const struct wb_token *t, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "a line that starts with a full stop is a command of the sqlite3 shell, not SQL");
	wb_err_hint(err, "delete this line, or do in SQL what it does");
	return wb_split_fail(s, (size_t)(t->text.p - s->w.p), err);
}

/* ---- statements ------------------------------------------------------------------ */

/* These return ITEM when *ret_item was written, 0 to go on with the next token, or an error. */
#define ITEM 1

static void begin(struct wb_splitter *s, const struct wb_token *t)
{
	s->inside = true;
	s->start = (size_t)(t->text.p - s->w.p);
	s->pos = wb_window_move(&s->w, s->start);
	wb_body_init(&s->body, s->o.dialect);
}

/* The statement, with what ends it, reaches up to offset `end` in the window. */
static int finish(struct wb_splitter *s, size_t end, bool terminated, struct wb_item *ret_item, struct wb_error *err)
{
	struct wb_sv text = wb_sv(s->w.p + s->start, s->length);
	bool copy = s->body.stage == WB_STAGE_COPY && wb_sql_is_copy_from_stdin(text);
	if (text.n > s->o.max_statement)
		return too_long(s, err);
	if (copy && !terminated) {
		wb_err_set(err, WB_EINPUT, "COPY … FROM STDIN is not ended by ';'");
		wb_err_hint(err,
			    "end it with ';', then the data on the lines after it, then a line that holds only \\.");
		return wb_split_fail(s, s->start, err);
	}
	*ret_item =
		(struct wb_item){ .kind = WB_ITEM_STATEMENT, .text = text, .pos = s->pos, .terminated = terminated };
	ret_item->end = wb_window_move(&s->w, end);
	s->inside = false;
	if (copy)
		s->phase = WB_PHASE_COPY_LINE;
	return ITEM;
}

/* Goes to the end of the heading's line. The window keeps the comment like a statement meanwhile. */
static int heading(struct wb_splitter *s, const struct wb_token *t, struct wb_item *ret_item, struct wb_error *err)
{
	size_t n;
	begin(s, t);
	int rc = wb_split_line_end(s, &n, err);
	if (rc)
		return rc;
	s->inside = false;
	s->lx.p += n;
	s->lx.at_line_start = true;
	*ret_item =
		(struct wb_item){ .kind = WB_ITEM_HEADING, .text = { s->w.p + s->start, t->text.n }, .pos = s->pos };
	ret_item->end = wb_window_move(&s->w, wb_split_at(s));
	return ITEM;
}

/* A line comment alone on its line. One that ends a statement is read again as the next item. */
static int take_comment(struct wb_splitter *s, const struct wb_token *t, struct wb_item *ret_item, struct wb_error *err)
{
	if (!s->o.heading || (s->inside && !wb_body_is_top(&s->body)))
		return WB_OK;
	if (!s->heading_known && !s->o.heading(s->o.heading_user, t->text))
		return WB_OK;
	s->heading_known = s->inside;
	if (!s->inside)
		return heading(s, t, ret_item, err);
	s->lx.p = t->text.p;
	s->lx.at_line_start = true;
	return finish(s, s->start + s->length, false, ret_item, err);
}

static int take_solid(struct wb_splitter *s, const struct wb_token *t, bool at_line_start, struct wb_item *ret_item,
		      struct wb_error *err)
{
	if (!s->inside) {
		if (t->kind == WB_TOK_SEMICOLON)
			return WB_OK;
		if (s->o.dialect == WB_DIALECT_SQLITE && at_line_start && t->kind == WB_TOK_OTHER &&
		    t->text.p[0] == '.')
			return dot_command(s, t, err);
		begin(s, t);
	}
	size_t end = (size_t)(t->text.p - s->w.p) + t->text.n;
	if (wb_body_take(&s->body, t))
		return finish(s, end, true, ret_item, err);
	s->length = end - s->start;
	return WB_OK;
}

static int take_end(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err)
{
	if (s->inside)
		return finish(s, s->start + s->length, false, ret_item, err);
	*ret_item = (struct wb_item){ .kind = WB_ITEM_END, .text = { s->lx.p, 0 } };
	ret_item->pos = ret_item->end = wb_window_move(&s->w, wb_split_at(s));
	return ITEM;
}

static int take_any(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err)
{
	struct wb_token t;
	if (s->inside && s->body.stage == WB_STAGE_PLAIN)
		wb_split_skip(s);
	bool at_line_start = s->lx.at_line_start;
	int rc = wb_split_take(s, &t, err);
	if (rc)
		return rc;
	switch (t.kind) {
	case WB_TOK_SPACE:
	case WB_TOK_BLOCK_COMMENT:
		return WB_OK;
	case WB_TOK_LINE_COMMENT:
		return at_line_start ? take_comment(s, &t, ret_item, err) : WB_OK;
	case WB_TOK_META:
		return meta_command(s, &t, err);
	case WB_TOK_END:
		return take_end(s, ret_item, err);
	default:
		return take_solid(s, &t, at_line_start, ret_item, err);
	}
}

int wb_split_next(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err)
{
	int rc = WB_OK;
	if (s->phase != WB_PHASE_SQL)
		return wb_copy_next(s, ret_item, err);
	while (rc == WB_OK)
		rc = take_any(s, ret_item, err);
	return rc == ITEM ? WB_OK : rc;
}
