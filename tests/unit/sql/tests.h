/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures. And
 * what they share: items of a splitter as text, and token soup.
 */
#ifndef WB_TESTS_UNIT_SQL_TESTS_H
#define WB_TESTS_UNIT_SQL_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "sql/sql.h"
#include "tests/unit/oom.h"
#include "wb_build.h"

#define TEST_GROUPS(X) \
	X(body) \
	X(copy) \
	X(head) \
	X(lex) \
	X(oracle) \
	X(place) \
	X(piece) \
	X(quote) \
	X(soup) \
	X(split) \
	X(stream) \
	X(text)
#define PG_TEST_GROUPS(X) \
	X(guard) \
	X(pg) \
	X(pg_oracle)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
PG_TEST_GROUPS(X)
#undef X

/* Body of an entry; expects `static const struct CMUnitTest tests[]` to be in scope. */
#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

#define PG WB_DIALECT_POSTGRES
#define LITE WB_DIALECT_SQLITE

/* A reader over memory that returns at most `piece` bytes at a time (0: as many as asked for), and fails with
 * WB_EIO where `fail_at` bytes were read (0: never). */
struct piecewise {
	struct wb_sv rest;
	size_t piece, fail_at, done;
};
int read_piecewise(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err);

/* Comments that start with "-- migrate:". */
bool is_heading(void *user, struct wb_sv comment);

/* Splits the text and writes each item as "LINE:COLUMN-LINE:COLUMN KIND text|", where KIND is S (terminated by ';'),
 * s (not), h, D (COPY data, chunks joined), E (the end of it). An error is written as "! LINE:COLUMN message". */
void render_items(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text, size_t piece, bool headings);
/* The same without places. */
void render_texts(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text, size_t piece, bool headings);
/* Renders with several sizes of pieces and requires the same result from each. */
void check_items(enum wb_dialect dialect, const char *text, const char *expected);
void check_texts(enum wb_dialect dialect, const char *text, const char *expected);
/* Splits until the first error. */
int first_error(enum wb_dialect dialect, struct wb_sv text, struct wb_error *err);

/* Random text out of pieces that make trouble. */
void make_soup(struct wb_str *out, uint64_t *seed, enum wb_dialect dialect);
uint64_t next_random(uint64_t *seed);

#endif
