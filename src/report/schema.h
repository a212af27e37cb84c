/* SPDX-License-Identifier: Apache-2.0
 *
 * What reports of differences have in common, whoever asked. For this room only.
 */
#ifndef WB_REPORT_SCHEMA_H
#define WB_REPORT_SCHEMA_H

#include "report/report.h"

/* Adds the keys of a comparison to an object. */
void wb_comparison_json(struct wb_json *j, json_t *o, const struct wb_schema_comparison *c);
/* As wb_diff_sql, for those who run it by hand: in a transaction. Nothing where nothing differs. */
int wb_diff_script(const struct wb_schema_comparison *c, bool allow, struct wb_str *ret_sql,
		   struct wb_error *err) WB_MUST_USE;
/* "missing", or "type: text -> integer", in the words of a line. */
void wb_difference_words(const struct wb_schema_difference *d, struct wb_str *out);
void wb_difference_table(struct wb_out *out, const struct wb_schema_comparison *c);
/* A table and the number of differences, as Markdown. */
void wb_difference_markdown(struct wb_out *out, const struct wb_schema_comparison *c);
/* Statements that nobody runs by pasting them. */
void wb_sql_comment(struct wb_str *out, const char *sql);
/* The statements in a block of their own; nothing where there are none. */
void wb_sql_markdown(struct wb_out *out, const struct wb_str *sql);

#endif
