/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors of the Whimbrel library. Every function that can fail returns 0 or a
 * negative WB_E… code and fills a struct wb_error given as its last parameter.
 * A struct wb_error owns nothing: it can be copied, and needs no clean-up, so
 * that it can be filled when memory has run out.
 */
#ifndef WHIMBREL_ERROR_H
#define WHIMBREL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, number, exit status of the command line, short text).
 * Numbers are part of the ABI: append, never renumber. */
#define WB_ERROR_MAP(X) \
	X(ENOMEM, 1, 70, "out of memory") \
	X(EBUG, 2, 70, "a defect in Whimbrel") \
	X(EUSAGE, 3, 64, "wrong usage") \
	X(EINPUT, 4, 65, "wrong input file") \
	X(ECONFIG, 5, 65, "wrong configuration") \
	X(EIO, 6, 65, "a file cannot be read or written") \
	X(ENO, 7, 1, "the answer is no") \
	X(ECRITICAL, 8, 2, "the answer is no, and critical") \
	X(ESQL, 9, 3, "the database refused a statement") \
	X(EFAILED, 10, 3, "a migration failed") \
	X(ETIMEOUT, 11, 3, "a migration ran longer than allowed") \
	X(EREFUSED, 12, 4, "refused by a safety rule") \
	X(ECHECKSUM, 13, 4, "an applied migration was changed") \
	X(EORDER, 14, 4, "migrations are out of order, missing or duplicated") \
	X(EIRREVERSIBLE, 15, 4, "a migration cannot be reverted") \
	X(EPROTECTED, 16, 4, "the environment is protected") \
	X(ESTATE, 17, 4, "the state of a step cannot be known") \
	X(ENEWER, 18, 4, "the journal was written by a newer Whimbrel") \
	X(EUNSUPPORTED, 19, 4, "the server or driver cannot do this") \
	X(EPRIVILEGE, 20, 4, "the role lacks a privilege") \
	X(EBUSY, 21, 5, "another run holds the lock") \
	X(EBUDGET, 22, 5, "the blocking budget is spent") \
	X(ECONN, 23, 6, "the database cannot be reached, or the connection was lost") \
	X(ECANCELLED, 24, 130, "cancelled") \
	X(ENOTFOUND, 25, 64, "not found") \
	X(EDISKFULL, 26, 3, "no space is left for the database")

enum wb_code {
	WB_OK = 0,
#define X(name, number, status, text) WB_##name = -(number),
	WB_ERROR_MAP(X)
#undef X
};

/* One error. Text fields are NUL terminated, and empty when unknown.
 * line and column count from 1 (column in bytes); 0 means unknown. */
struct wb_error {
	int code; /* a negative WB_E… code, or 0 */
	char message[512]; /* what is wrong, one sentence, no full stop */
	char detail[1024]; /* the cause, as the server or system told it */
	char hint[768]; /* what to do next */
	char sqlstate[6]; /* PostgreSQL's five characters */
	char version[128]; /* the migration, as its file writes it */
	char file[512]; /* path of the input file */
	unsigned line, column;
	char excerpt[256]; /* the line of the file at that place */
	unsigned caret; /* byte in excerpt that column falls on */
	unsigned statement; /* ordinal of the statement in its file, from 1 */
};

/* "WB_EBUSY" for WB_EBUSY; "WB_EBUG" for an unknown code. Never NULL. */
const char *wb_code_name(int code);

/* The short text of a code. Never NULL. */
const char *wb_code_text(int code);

/* The exit status that the command line gives for a code (0 for WB_OK). */
int wb_code_exit_status(int code);

#ifdef __cplusplus
}
#endif
#endif
