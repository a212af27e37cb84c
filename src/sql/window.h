/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a stream that is in memory: it doubles while something needs more
 * room, so that reading a long token again costs linear time in all, and every
 * byte is checked (UTF-8, no NUL) before anyone sees it. For this room only.
 */
#ifndef WB_SQL_WINDOW_H
#define WB_SQL_WINDOW_H

#include "sql/text.h"

#define WB_WINDOW_SIZE ((size_t)64 << 10)

struct wb_window {
	wb_read_fn read;
	void *read_user;
	char *p;
	size_t n, cap; /* bytes read */
	size_t good; /* of them checked; what comes after is cut or at fault */
	enum wb_text_fault fault; /* what is wrong with the byte at `good`; set once, then nothing more is read */
	bool eof;
	const char *magic; /* what kind of other file the first bytes look like; NULL when none */
	struct wb_text_cursor place; /* of the byte at `placed` */
	size_t placed;
};

void wb_window_init(struct wb_window *w, const struct wb_split_options *o);
void wb_window_done(struct wb_window *w);
/* No more bytes will come, and none is at fault. */
static inline bool wb_window_final(const struct wb_window *w)
{
	return w->eof && w->good == w->n;
}
/* Why the byte at `good` is no text: always WB_EINPUT, without a place. */
int wb_window_explain(const struct wb_window *w, struct wb_error *err);
/* Drops the first `drop` bytes (also when it then fails) and reads more. Not to be called when the window is final or
 * at fault. */
int wb_window_fill(struct wb_window *w, size_t drop, struct wb_error *err) WB_MUST_USE;
/* The place of an offset in the window; offsets must not go back behind the one given to move() last. */
struct wb_pos wb_window_pos(const struct wb_window *w, size_t at);
struct wb_pos wb_window_move(struct wb_window *w, size_t at);

#endif
