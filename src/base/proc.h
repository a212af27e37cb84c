/* SPDX-License-Identifier: Apache-2.0
 *
 * This process and its children.
 */
#ifndef WB_BASE_PROC_H
#define WB_BASE_PROC_H

#include <whimbrel/error.h>

#include "compiler.h"
#include "str.h"
#include <stdint.h>

int64_t wb_proc_peak_rss_kb(void); /* most memory it ever had resident; one cheap call */
int64_t wb_proc_rss_kb(void); /* resident memory now; -1 when unknown */
int64_t wb_proc_cpu_ms(void); /* user + system time so far */
const char *wb_proc_host(char *buf, size_t size); /* host name, "unknown" when it has none */
const char *wb_proc_user(char *buf, size_t size); /* operating-system user */
/* Random version-4 uuid, 36 characters and the NUL. */
void wb_uuid(char out[37]);

/* A program to be run to its end, without a shell, argv[0] looked up in PATH. Of the functions each may be NULL; a code
 * other than 0 from out or tick ends the program (asked first, killed after five seconds) and is returned. */
struct wb_proc_run {
	const char *const *argv;
	const char *const *env; /* "NAME=value" in place of or beside ours, NULL at the end; NULL: ours alone */
	int in; /* its standard input, -1: empty */
	int (*out)(void *user, const char *p, size_t n, struct wb_error *err); /* standard output as it comes */
	bool (*line)(void *user,
		     struct wb_sv line); /* of standard error; true: it is a complaint, kept for the error */
	int (*tick)(void *user, struct wb_error *err); /* about ten times a second */
	int *ret_status; /* gets the status that it ended with, which then is no error; NULL */
	const char *dir; /* the folder it works in; NULL: ours */
	void *user;
};
/* WB_EIO when it cannot be started or ends with a status other than 0 (detail: the start of its complaints). */
int wb_proc_run(const struct wb_proc_run *run, struct wb_error *err) WB_MUST_USE;
/* Runs argv (no shell, argv[0] looked up in PATH, standard input empty), standard output into
 * ret_out, waits. WB_EIO when it cannot be started, ends with a status other than 0 (detail:
 * the start of its standard error), or writes more than max bytes. *ret_out must be
 * initialised; what it held is released. */
int wb_proc_output(const char *const argv[], size_t max, struct wb_str *ret_out, struct wb_error *err) WB_MUST_USE;

#endif
