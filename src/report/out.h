/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a report is written: a buffer that empties itself into a file
 * descriptor, or keeps everything when there is none. Writing is not checked
 * piece by piece; wb_out_finish() tells at the end what went wrong.
 */
#ifndef WB_REPORT_OUT_H
#define WB_REPORT_OUT_H

#include "base/base.h"

enum wb_style { WB_PLAIN, WB_BOLD, WB_DIM, WB_RED, WB_GREEN, WB_YELLOW, WB_CYAN };

struct wb_out {
	struct wb_str buf;
	int fd; /* -1: all stays in buf */
	bool color;
	unsigned columns; /* width to cut tables to; 0 = never cut */
	int failed; /* errno of a write that failed */
};

#define WB_OUT_MEMORY \
	{ \
		WB_STR_INIT, -1, false, 0, 0 \
	}

void wb_out_add(struct wb_out *out, const char *text);
void wb_out_addf(struct wb_out *out, const char *fmt, ...) WB_PRINTF(2, 3);
void wb_out_addn(struct wb_out *out, const char *p, size_t n);
/* One line of foreign text: see wb_text_clean(); NULL adds nothing. */
void wb_out_clean(struct wb_out *out, const char *text);
void wb_out_styled(struct wb_out *out, enum wb_style style, const char *fmt, ...) WB_PRINTF(3, 4);
void wb_out_style(struct wb_out *out, enum wb_style style); /* WB_PLAIN ends a style; nothing without colour */
/* Writes what is buffered. */
void wb_out_flush(struct wb_out *out);
/* Flushes and answers: 0, WB_ENOMEM, or WB_EIO with the cause. A reader that went away (EPIPE) is no error. */
int wb_out_finish(struct wb_out *out, const char *name, struct wb_error *err) WB_MUST_USE;
void wb_out_done(struct wb_out *out);

#endif
