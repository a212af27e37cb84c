/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of checks: what each needs to be told, which values it gives, and
 * what it says when nobody has written a message.
 */
#include "check/check.h"

#include "base/banned.h"

const struct wb_check_kind_info wb_check_kinds[WB_CHECK_KIND_COUNT] = {
	[WB_CHECK_KIND_EXISTS] = { .name = "exists",
				   .run = wb_check_exists,
				   .needs = "objects",
				   .values = "kind name table missing missing_columns missing_indexes "
					     "missing_constraints missing_triggers",
				   .failed = "missing {kind}: {missing}",
				   .passed = "all of it is there",
				   .model = true },
	[WB_CHECK_KIND_ABSENT] = { .name = "absent",
				   .run = wb_check_absent,
				   .needs = "objects",
				   .values = "kind name table present present_columns present_indexes "
					     "present_constraints present_triggers",
				   .failed = "still there, {kind}: {present}",
				   .passed = "none of it is there",
				   .model = true },
	[WB_CHECK_KIND_INDEX] = { .name = "index",
				  .run = wb_check_index,
				  .needs = "name",
				  .values = "index table definition differences",
				  .failed = "index {index}: {differences}",
				  .passed = "the index is as it should be",
				  .model = true },
	[WB_CHECK_KIND_COUNTS] = { .name = "counts",
				   .run = wb_check_counts,
				   .needs = "of",
				   .values = "diff allowed counts",
				   .failed = "counts differ by {diff}: {counts}",
				   .passed = "counts agree: {counts}" },
	[WB_CHECK_KIND_NO_ROWS] = { .name = "no_rows",
				    .run = wb_check_no_rows,
				    .needs = "query",
				    .failed = "{count} rows that should not be: {sample}",
				    .passed = "no such row" },
	[WB_CHECK_KIND_ALL_ROWS] = { .name = "all_rows",
				     .run = wb_check_all_rows,
				     .needs = "table satisfy",
				     .values = "table count sample_ids condition",
				     .failed = "{count} rows of {table} do not satisfy {condition}: {sample_ids}",
				     .passed = "all rows satisfy it" },
	[WB_CHECK_KIND_FOREIGN_KEYS] = { .name = "foreign_keys",
					 .run = wb_check_foreign_keys,
					 .needs = "references",
					 .values = "table columns references count sample_ids constraint",
					 .failed = "{count} rows of {table} refer to a row of {references} that is not "
						   "there: {sample_ids}",
					 .passed = "every reference holds" },
	[WB_CHECK_KIND_CASCADE] = { .name = "cascade",
				    .run = wb_check_cascade,
				    .needs = "table columns",
				    .values = "table columns references on_delete expected",
				    .failed = "the foreign key of {table} ({columns}) has ON DELETE {on_delete}, not "
					      "{expected}",
				    .passed = "the foreign key does what it should" },
	[WB_CHECK_KIND_RATIO] = { .name = "ratio",
				  .run = wb_check_ratio,
				  .needs = "ratio",
				  .values = "matching total percentage share",
				  .failed = "{share} ({matching} of {total})",
				  .passed = "{share} ({matching} of {total})" },
	[WB_CHECK_KIND_ALLOWED] = { .name = "allowed",
				    .run = wb_check_allowed,
				    .needs = "table columns values",
				    .values = "table column count values",
				    .failed = "{count} rows of {table} have a {column} that is not allowed: {values}",
				    .passed = "only allowed values" },
	[WB_CHECK_KIND_UNIQUE] = { .name = "unique",
				   .run = wb_check_unique,
				   .needs = "table columns",
				   .values = "table columns count sample",
				   .failed = "{count} values of {table} ({columns}) are there more than once: {sample}",
				   .passed = "all values are distinct" },
	[WB_CHECK_KIND_SEQUENCE] = { .name = "sequence",
				     .run = wb_check_sequence,
				     .needs = "sequence",
				     .values = "table column sequence next_value max_value",
				     .failed = "{table}.{column} has {max_value} already, and {sequence} gives "
					       "{next_value} next",
				     .passed = "the next value is free" },
	[WB_CHECK_KIND_CHECKSUM] = { .name = "checksum",
				     .run = wb_check_checksum,
				     .needs = "query",
				     .values = "rows checksum rows_before checksum_before",
				     .failed =
					     "the rows are no longer what they were: {rows_before} rows before, {rows} "
					     "now",
				     .passed = "{rows} rows, {checksum}" },
	[WB_CHECK_KIND_SQL] = { .name = "sql",
				.run = wb_check_sql,
				.needs = "query",
				.failed = "the answer is {value}, expected {expected}",
				.passed = "the answer is {value}" },
	[WB_CHECK_KIND_COMMAND] = { .name = "command",
				    .run = wb_check_command,
				    .needs = "run",
				    .failed = "{command} ended with status {status}",
				    .passed = "{command} found nothing",
				    .alone = true },
};

WB_API const char *wb_check_kind_name(enum wb_check_kind kind)
{
	bool known = kind > WB_CHECK_KIND_NONE && kind < WB_CHECK_KIND_COUNT;
	return known ? wb_check_kinds[kind].name : "";
}

WB_API const char *wb_check_kind_values(enum wb_check_kind kind)
{
	bool known = kind > WB_CHECK_KIND_NONE && kind < WB_CHECK_KIND_COUNT;
	return known ? wb_check_kinds[kind].values : NULL;
}

WB_API const char *wb_check_severity_name(enum wb_check_severity severity)
{
	static const char *const names[] = { "info", "warning", "error", "critical" };
	return severity <= WB_CHECK_CRITICAL ? names[severity] : "";
}

WB_API const char *wb_check_outcome_name(enum wb_check_outcome outcome)
{
	static const char *const names[] = { "passed", "failed", "skipped", "could_not_run" };
	return outcome <= WB_CHECK_NOT_RUN ? names[outcome] : "";
}
