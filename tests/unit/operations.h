/* SPDX-License-Identifier: Apache-2.0
 *
 * What a driver reads out of statements, against a file that says it. In the
 * file a paragraph is a statement, and behind it a line for each of its
 * operations, which begins with a tab:
 *
 *	ALTER TABLE app.t DROP COLUMN c CASCADE
 *		drop column; table; on app.t; c; with cascade; at 18
 *
 * That is: code, kind, table, object, then what has a word before it. A line
 * that begins with # is a heading.
 */
#ifndef WB_TESTS_OPERATIONS_H
#define WB_TESTS_OPERATIONS_H

#include "driver/driver.h"

/* Fails the cmocka test where they differ, or when the file has fewer statements than this; file: below tests/. */
void check_operations(const struct wb_driver *d, const char *file, size_t at_least);
/* Those of one statement as the file would have them. */
void render_operations(const struct wb_operations *ops, struct wb_str *out);

#endif
