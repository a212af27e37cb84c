/* SPDX-License-Identifier: Apache-2.0
 *
 * Loops over raw text, eight bytes at a time: is it UTF-8, where do lines end,
 * where does COPY data end. For this room only.
 */
#ifndef WB_SQL_TEXT_H
#define WB_SQL_TEXT_H

#include "sql/sql.h"

enum wb_text_fault {
	WB_TEXT_FINE,
	WB_TEXT_CUT, /* ends inside a character */
	WB_TEXT_NUL,
	WB_TEXT_NOT_UTF8
};
/* How many bytes from the start are whole characters of strict UTF-8 (RFC 3629) other than NUL, and what comes then. */
size_t wb_text_valid(struct wb_sv text, enum wb_text_fault *ret_fault);

/* A place that moves through a text. Lines end with LF, CR LF or CR. */
struct wb_text_cursor {
	struct wb_pos pos;
	bool after_cr; /* an LF now belongs to the line end already counted */
};
void wb_text_advance(struct wb_text_cursor *c, struct wb_sv text);

/* The first line break followed by a backslash and a full stop, or NULL. */
const char *wb_text_find_data_end(struct wb_sv text);

#endif
