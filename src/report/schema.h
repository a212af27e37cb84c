/* SPDX-License-Identifier: Apache-2.0
 *
 * What reports of differences have in common, whoever asked. For this room only.
 */
#ifndef WB_REPORT_SCHEMA_H
#define WB_REPORT_SCHEMA_H

#include "report/report.h"

/* Adds the keys of a comparison to an object. */
void wb_comparison_json(struct wb_json *j, json_t *o, const struct wb_schema_comparison *c);
/* As wb_diff_sql, for those who run it by hand: in a transaction; with effects (may be NULL) as comments before the
 * statements. Nothing where nothing differs. */
int wb_diff_script(const struct wb_schema_comparison *c, bool allow, const struct wb_plan *effects,
		   struct wb_str *ret_sql, struct wb_error *err) WB_MUST_USE;
/* diff_effects.c: of the statements, from the *next-th step on, that begin on this line of the change's SQL. */
void wb_effect_comments(struct wb_str *out, const struct wb_plan *effects, size_t *next, size_t change, unsigned line);
void wb_effect_summary(struct wb_str *out, const struct wb_plan *effects);
void wb_effects_markdown(struct wb_out *out, const struct wb_plan *effects);
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
