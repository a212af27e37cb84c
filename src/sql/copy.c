/* SPDX-License-Identifier: Apache-2.0
 *
 * COPY data inside a file: from the line after the statement to a line that
 * holds only "\.". It goes out in pieces of the window, without a copy.
 */
#include "sql/split.h"

#define CHUNK_MAX ((size_t)64 << 10)

static int missing_end(const struct wb_splitter *s, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "the data of COPY … FROM STDIN has no end");
	wb_err_detail(err, "the statement stands on line %u", s->pos.line);
	wb_err_hint(err, "after the last line of data, write a line that holds only \\.");
	return wb_split_fail(s, wb_split_at(s), err);
}

static int eat_comment(struct wb_splitter *s, struct wb_error *err)
{
	struct wb_token t;
	int rc = wb_split_take(s, &t, err);
	if (rc || t.kind == WB_TOK_LINE_COMMENT || t.kind == WB_TOK_BLOCK_COMMENT)
		return rc;
	if (t.kind == WB_TOK_END)
		return missing_end(s, err);
	wb_err_set(err, WB_EINPUT, "text follows COPY … FROM STDIN; on its line");
	wb_err_hint(err, "COPY data starts on the next line: move this text behind the line that holds \\.");
	return wb_split_fail(s, (size_t)(t.text.p - s->w.p), err);
}

/* From the ';' to the line end only blanks and comments may stand. */
static int eat_rest_of_line(struct wb_splitter *s, struct wb_error *err)
{
	for (;;) {
		size_t n;
		int c, rc = wb_split_line_end(s, &n, err);
		if (rc || n > 0) {
			s->lx.p += n;
			return rc;
		}
		rc = wb_split_peek(s, 0, &c, err);
		if (rc)
			return rc;
		if (c == ' ' || c == '\t' || c == '\v' || c == '\f')
			s->lx.p++;
		else if ((rc = eat_comment(s, err)))
			return rc;
	}
}

/* How long the line here is, with its end, if it ends the data; else 0. */
static int end_mark(struct wb_splitter *s, size_t *ret_n, struct wb_error *err)
{
	int c[4] = { 0 };
	*ret_n = 0;
	for (size_t i = 0; i < WB_ARRAY_LEN(c); i++) {
		int rc = wb_split_peek(s, i, &c[i], err);
		if (rc)
			return rc;
		if (c[i] != "\\.\r\n"[i])
			break;
	}
	size_t line = c[2] == '\r' ? 3 : 2;
	if (c[0] == '\\' && c[1] == '.' && (c[line] == '\n' || c[line] == -1))
		*ret_n = line + (c[line] == '\n');
	return WB_OK;
}

/* How much of the data in the window can go out: up to a line that may be the end, never into one. */
static size_t chunk_size(const struct wb_splitter *s)
{
	struct wb_sv data = wb_sv(s->lx.p, (size_t)(s->lx.end - s->lx.p));
	if (data.n > CHUNK_MAX)
		data.n = CHUNK_MAX;
	const char *end = wb_text_find_data_end(data);
	if (end)
		return (size_t)(end + 1 - data.p);
	if (data.n >= 2 && memcmp(data.p + data.n - 2, "\n\\", 2) == 0)
		return data.n - 1;
	return data.n;
}

static int next_chunk(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err)
{
	int c;
	int rc = wb_split_peek(s, 0, &c, err);
	if (rc)
		return rc;
	if (c < 0)
		return missing_end(s, err);
	size_t at = wb_split_at(s), n = chunk_size(s);
	*ret_item = (struct wb_item){ .kind = WB_ITEM_COPY_DATA, .text = { s->lx.p, n } };
	ret_item->pos = wb_window_move(&s->w, at);
	ret_item->end = wb_window_move(&s->w, at + n);
	s->line_start = s->lx.p[n - 1] == '\n';
	s->lx.p += n;
	return WB_OK;
}

static int next_line(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err)
{
	size_t n;
	int rc = end_mark(s, &n, err);
	if (rc)
		return rc;
	if (n == 0)
		return next_chunk(s, ret_item, err);
	size_t at = wb_split_at(s);
	*ret_item = (struct wb_item){ .kind = WB_ITEM_COPY_END };
	ret_item->pos = wb_window_move(&s->w, at);
	ret_item->end = wb_window_move(&s->w, at + n);
	s->lx.p += n;
	s->lx.at_line_start = true;
	s->phase = WB_PHASE_SQL;
	return WB_OK;
}

int wb_copy_next(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err)
{
	if (s->phase == WB_PHASE_COPY_LINE) {
		int rc = eat_rest_of_line(s, err);
		if (rc)
			return rc;
		s->phase = WB_PHASE_COPY_DATA;
		s->line_start = true;
	}
	return s->line_start ? next_line(s, ret_item, err) : next_chunk(s, ret_item, err);
}
