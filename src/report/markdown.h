/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces of Markdown as pull requests show it, safe for foreign text. For this
 * room only.
 */
#ifndef WB_REPORT_MARKDOWN_H
#define WB_REPORT_MARKDOWN_H

#include "report/out.h"

/* One line of foreign text, also as a cell of a table: what would end it or mean something is escaped. */
void wb_markdown_cell(struct wb_out *out, const char *text);
/* How long a fence around the text has to be so that nothing in it closes it, and at least n; text may be NULL. */
size_t wb_markdown_fence_for(const char *text, size_t n);
/* The line that opens (with a language) or closes ("") a block. */
void wb_markdown_fence(struct wb_out *out, size_t n, const char *language);

#endif
