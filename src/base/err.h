/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling struct wb_error. All functions accept err == NULL and return the
 * code, so that `return wb_err_set(err, WB_EINPUT, "…")` is the usual form.
 */
#ifndef WB_BASE_ERR_H
#define WB_BASE_ERR_H

#include <whimbrel/error.h>

#include "compiler.h"
#include "sv.h"

/* Clears err, then sets code and message. */
int wb_err_set(struct wb_error *err, int code, const char *fmt, ...) WB_PRINTF(3, 4);
/* As above with detail = strerror(errno). */
int wb_err_errno(struct wb_error *err, int code, const char *fmt, ...) WB_PRINTF(3, 4);
int wb_err_nomem(struct wb_error *err);
/* Adds to an error already set. */
void wb_err_detail(struct wb_error *err, const char *fmt, ...) WB_PRINTF(2, 3);
void wb_err_hint(struct wb_error *err, const char *fmt, ...) WB_PRINTF(2, 3);
void wb_err_place(struct wb_error *err, const char *file, unsigned line, unsigned column);
/* Cuts the line around offset out of text (a window of at most 200 bytes round a far
 * column), control bytes made blanks, never splitting a UTF-8 character; sets excerpt, caret. */
void wb_err_excerpt(struct wb_error *err, struct wb_sv text, size_t offset);
/* Puts "context: " before the message. */
void wb_err_prefix(struct wb_error *err, const char *fmt, ...) WB_PRINTF(2, 3);

#endif
