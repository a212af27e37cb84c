/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that answers line by line: it gets lines on its standard input and
 * gives one line for each. It lives over many exchanges, and ends when its
 * input does.
 */
#ifndef WB_BASE_DUPLEX_H
#define WB_BASE_DUPLEX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "str.h"
#include <whimbrel/error.h>

struct wb_duplex {
	const char *name;
	pid_t pid;
	int in, out, err; /* our ends; -1 when closed */
	struct wb_str rest; /* what it printed after the last line that was taken */
	struct wb_str complaint;
	size_t max; /* of an answer, bytes */
	int (*tick)(void *user, struct wb_error *err); /* about ten times a second; may be NULL; a code other than 0
							  ends the exchange */
	void *user;
};

/* No shell; argv[0] is looked up in PATH. tick, user and max are set by the caller before. */
int wb_duplex_start(struct wb_duplex *d, const char *const argv[], struct wb_error *err) WB_MUST_USE;
/* Sends the text and takes n lines, each with its line end, into ret_lines (which is emptied before). WB_EFAILED when
 * the program ends before; WB_EIO. */
int wb_duplex_exchange(struct wb_duplex *d, struct wb_sv text, size_t n, struct wb_str *ret_lines,
		       struct wb_error *err) WB_MUST_USE;
/* Closes its input and waits: WB_EFAILED when it has more to say, or ends with a status other than 0. */
int wb_duplex_end(struct wb_duplex *d, struct wb_error *err) WB_MUST_USE;
/* Ends it (asked first, killed after five seconds) and releases everything; also after wb_duplex_end(). */
void wb_duplex_done(struct wb_duplex *d);

#endif
