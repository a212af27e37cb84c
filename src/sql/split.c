/* SPDX-License-Identifier: Apache-2.0
 *
 * The splitter: tokens in, statements out. A statement ends at a ';' outside
 * parentheses and outside the body of a routine or trigger (opening.c knows about
 * bodies). A token at the edge of the window is read again once there is more.
 */
#include "sql/split.h"

#define DEFAULT_MAX ((size_t)256 << 20)
/* Blanks past the last token of a statement may be in the window too; they do not make it too long. */
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

/* ---- the window ----------------------------------------------------------- */

int wb_split_place(const struct wb_splitter *s, size_t at, struct wb_error *err)
{
	struct wb_pos pos = wb_window_pos(&s->w, at);
	wb_err_place(err, s->o.file, pos.line, pos.column);
	wb_err_excerpt(err, wb_sv(s->w.p, s->w.good), at);
	return err ? err->code : WB_EINPUT;
}

static int too_long(const struct wb_splitter *s, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "a statement is longer than %zu bytes", s->o.max_statement);
	wb_err_hint(err, s->depth ? "a parenthesis is opened in it and never closed" :
				    "check that it ends with ';', or split it; large data goes into COPY");
	return wb_split_place(s, s->inside ? s->start : wb_split_at(s), err);
}

int wb_split_more(struct wb_splitter *s, struct wb_error *err)
{
	size_t at = wb_split_at(s), drop = s->inside ? s->start : at;
	if (s->w.n - drop > s->o.max_statement + MAX_SLACK)
		return too_long(s, err);
	int rc = wb_window_fill(&s->w, drop, err);
	if (!s->w.p)
		return rc;
	s->start = 0;
	s->lx.p = s->w.p + (s->w.placed == drop && drop ? at : at - drop);
	s->lx.end = s->w.p + s->w.good;
	return rc;
}
