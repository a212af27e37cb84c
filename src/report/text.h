/* SPDX-License-Identifier: Apache-2.0
 *
 * Text as a terminal shows it: UTF-8, columns, and nothing that could steer
 * the terminal (a migration's name comes from whoever wrote the file).
 */
#ifndef WB_REPORT_TEXT_H
#define WB_REPORT_TEXT_H

#include "base/base.h"

/* One character of s (at least one byte); U+FFFD for bytes that are no UTF-8. Returns its length in bytes, 0 at the
 * end. */
size_t wb_utf8_next(struct wb_sv s, uint32_t *ret_char);
/* Columns that a character takes: 0 for combining ones, 2 for wide ones. */
unsigned wb_char_width(uint32_t c);
/* Columns that a text takes once wb_text_clean() has been over it. */
unsigned wb_text_width(struct wb_sv s);
/* Appends s on one line: control characters and line ends become blanks, bytes that are no UTF-8 become U+FFFD, and
 * what goes beyond `columns` (0 = no limit) is cut, with "..." for its end. */
void wb_text_clean(struct wb_str *out, struct wb_sv s, unsigned columns);
/* Appends s with each run of white space in it as one blank: a statement on one line. */
void wb_text_squeeze(struct wb_str *out, struct wb_sv s);
/* Appends s as it stands but for bytes that are no UTF-8, and control characters other than tab and line feed. */
void wb_text_block(struct wb_str *out, struct wb_sv s);
/* "1 migration", "2 migrations"; buf is returned. */
/* "4.2 MB" */
void wb_text_bytes(struct wb_str *out, int64_t bytes);
const char *wb_text_count(int64_t n, const char *noun, char *buf, size_t size);

#endif
