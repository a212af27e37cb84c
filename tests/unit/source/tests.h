/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures. Most
 * tests write files into a folder of their own and open it.
 */
#ifndef WB_TESTS_UNIT_SOURCE_TESTS_H
#define WB_TESTS_UNIT_SOURCE_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "source/internal.h"
#include "tests/unit/oom.h"

#define TEST_GROUPS(X) \
	X(checksum) \
	X(family) \
	X(folder) \
	X(graph) \
	X(header) \
	X(headings) \
	X(large) \
	X(new) \
	X(oom) \
	X(order) \
	X(reads) \
	X(sections) \
	X(squashed) \
	X(statements) \
	X(sum) \
	X(templates) \
	X(version)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

/* A folder, and the source opened from it. */
struct place {
	char dir[64];
	char path[512]; /* last one made by path_of */
	struct wb_source_options o;
	struct wb_source *s; /* freed by tear_down */
	struct wb_error err;
	int fds;
};
int set_up(void **state);
int tear_down(void **state); /* fails when a descriptor was left open */

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
/* Body of an entry; expects `static const struct CMUnitTest tests[]` to be in scope. */
#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

const char *path_of(struct place *p, const char *name);
void put(struct place *p, const char *name, const char *text);
void put_bytes(struct place *p, const char *name, const char *text, size_t n);
/* Opens the folder anew; any failure but of single files fails the test. */
#define load(p) load_at((p), __FILE__, __LINE__)
struct wb_source *load_at(struct place *p, const char *file, int line);
/* The only problem of the source just loaded; fails the test when there is not exactly one. */
#define only_problem(p, kind) only_problem_at((p), (kind), __FILE__, __LINE__)
const struct wb_source_problem *only_problem_at(struct place *p, const char *kind, const char *file, int line);
#define assert_no_problem(p) assert_int_equal(count_problems((p), true), 0)
size_t count_problems(struct place *p, bool print);
/* "a b c" of the names in order. */
#define assert_names(s, names) assert_names_at((s), (names), __FILE__, __LINE__)
void assert_names_at(const struct wb_source *s, const char *names, const char *file, int line);
/* Fails unless text holds part. */
#define assert_has(text, part) assert_has_at((text), (part), __FILE__, __LINE__)
void assert_has_at(const char *text, const char *part, const char *file, int line);
/* SHA-256 of text as it is. */
void sha(const char *text, unsigned char out[32]);
int count_fds(void);

/* What happens at the n-th read(2) from now on; 0 = never. set_up clears it. */
struct reads {
	int calls;
	int fail_at; /* EIO */
	int interrupt_at; /* EINTR, once */
	int touch_at; /* the file touch_path gets another time */
	const char *touch_path;
};
extern struct reads reads;

#endif
