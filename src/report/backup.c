/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups taken, restored and listed.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

static json_t *info_value(struct wb_json *j, const struct wb_backup_info *b)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "name", b->name);
	wb_json_set_text(j, o, "file", b->file);
	wb_json_set_text(j, o, "manifest", b->manifest);
	wb_json_set_text(j, o, "created_at", b->created_at);
	wb_json_set_text(j, o, "engine", b->engine);
	wb_json_set_text(j, o, "server_version", b->server_version);
	wb_json_set_text(j, o, "database", b->database);
	wb_json_set_text(j, o, "project", b->project);
	wb_json_set_text(j, o, "schema_version", b->schema_version);
	wb_json_set_text(j, o, "tool_version", b->tool_version);
	wb_json_set_text(j, o, "dump_tool", b->dump_tool);
	wb_json_set_text(j, o, "dump_format", b->dump_format);
	wb_json_set_text(j, o, "sha256", b->sha256);
	wb_json_set_number(j, o, "bytes", b->bytes);
	wb_json_set_text(j, o, "problem", b->problem);
	return o;
}

static const char *version_text(const struct wb_backup_info *b)
{
	return b->schema_version ? b->schema_version : "(none)";
}

/* ---- taken ---- */

static int backup_json(struct wb_out *out, const struct wb_backup *b, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = info_value(&j, &b->info);

	wb_json_set_number(&j, o, "duration_ms", b->duration_ms);
	wb_json_set_number(&j, o, "compared_tables", b->tables);
	wb_json_set_number(&j, o, "compared_rows", b->rows);
	return wb_json_print(&j, out, o, err);
}

int wb_report_backup(struct wb_out *out, enum wb_format format, const struct wb_backup *b, struct wb_error *err)
{
	char took[40];
	wb_autostr size = WB_STR_INIT;

	if (format == WB_FORMAT_JSON)
		return backup_json(out, b, err);
	wb_out_styled(out, WB_GREEN, "Backed up ");
	wb_out_clean(out, b->info.database);
	wb_out_addf(out, " at version %s: ", version_text(&b->info));
	wb_out_clean(out, b->info.file);
	wb_text_bytes(&size, b->info.bytes);
	out->buf.failed |= size.failed;
	wb_out_addf(out, ", %s in %s.\n", size.p, wb_duration_text(b->duration_ms, took, sizeof(took)));
	if (b->tables >= 0)
		wb_out_addf(out, "Restored for comparison: %lld tables with %lld rows are the same.\n",
			    (long long)b->tables, (long long)b->rows);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

/* ---- restored ---- */

static int restore_json(struct wb_out *out, const struct wb_restore *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);

	wb_json_set(&j, o, "backup", info_value(&j, &r->from));
	wb_json_set_text(&j, o, "kept", r->kept);
	wb_json_set_number(&j, o, "history_entries", r->history_entries);
	wb_json_set_number(&j, o, "duration_ms", r->duration_ms);
	return wb_json_print(&j, out, o, err);
}

int wb_report_restore(struct wb_out *out, enum wb_format format, const struct wb_restore *r, struct wb_error *err)
{
	char took[40], count[48];

	if (format == WB_FORMAT_JSON)
		return restore_json(out, r, err);
	wb_out_styled(out, WB_GREEN, "Restored ");
	wb_out_clean(out, r->from.file);
	wb_out_addf(out, ", version %s, in %s.\n", version_text(&r->from),
		    wb_duration_text(r->duration_ms, took, sizeof(took)));
	if (r->history_entries > 0)
		wb_out_addf(out, "%s of the history since then carried over.\n",
			    wb_text_count(r->history_entries, "row", count, sizeof(count)));
	if (r->kept) {
		wb_out_add(out, "What was there before is kept as ");
		wb_out_clean(out, r->kept);
		wb_out_add(out, ".\n");
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

/* ---- listed ---- */

static int backups_json(struct wb_out *out, const struct wb_backups *b, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *there = wb_json_array(&j), *removed = wb_json_array(&j);
	size_t i;

	for (i = 0; i < b->n_backups; i++)
		wb_json_append(&j, there, info_value(&j, &b->backups[i]));
	for (i = 0; i < b->n_removed; i++)
		wb_json_append(&j, removed, info_value(&j, &b->removed[i]));
	wb_json_set_text(&j, o, "dir", b->dir);
	wb_json_set(&j, o, "backups", there);
	wb_json_set(&j, o, "removed", removed);
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column columns[] = {
	{ "Name", false, true },     { "Taken", false, false }, { "Database", false, true },
	{ "Version", false, false }, { "Size", true, false },   { "", false, true },
};

static void print_list(struct wb_out *out, const struct wb_backups *b)
{
	struct wb_table t;
	size_t i;

	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < b->n_backups; i++) {
		const struct wb_backup_info *info = &b->backups[i];

		wb_table_add(&t, WB_BOLD, info->name);
		wb_table_addf(&t, WB_PLAIN, "%.10s %.8s", info->created_at,
			      strlen(info->created_at) > 11 ? info->created_at + 11 : "");
		wb_table_add(&t, WB_PLAIN, info->database);
		wb_table_add(&t, WB_PLAIN, info->schema_version);
		wb_autostr size = WB_STR_INIT;

		wb_text_bytes(&size, info->bytes);
		out->buf.failed |= size.failed;
		wb_table_add(&t, WB_PLAIN, size.p);
		wb_table_add(&t, WB_RED, info->problem);
	}
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
}

int wb_report_backups(struct wb_out *out, enum wb_format format, const struct wb_backups *b, bool pruned,
		      struct wb_error *err)
{
	char count[48];

	if (format == WB_FORMAT_JSON)
		return backups_json(out, b, err);
	if (pruned)
		wb_out_addf(out, "%s removed.\n", wb_text_count((int64_t)b->n_removed, "backup", count, sizeof(count)));
	if (b->n_backups) {
		print_list(out, b);
	} else {
		wb_out_add(out, "There are no backups in ");
		wb_out_clean(out, b->dir);
		wb_out_add(out, ".\n");
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
