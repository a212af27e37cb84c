/* SPDX-License-Identifier: Apache-2.0
 *
 * Events and log lines as JSON, one per line.
 */
#include "report/report.h"

#include "base/banned.h"

static void text(struct wb_json *j, json_t *o, const char *key, const char *value)
{
	if (value)
		wb_json_set_text(j, o, key, value);
}

static void number(struct wb_json *j, json_t *o, const char *key, int64_t value)
{
	if (value >= 0)
		wb_json_set_number(j, o, key, value);
}

static void time_of(struct wb_json *j, json_t *o, int64_t at_us)
{
	char buf[32];

	wb_json_set_text(j, o, "time", wb_time_rfc3339(at_us, buf, sizeof(buf)));
}

static void add_texts(struct wb_json *j, json_t *o, const struct wb_event *e)
{
	text(j, o, "run", e->run);
	text(j, o, "direction", e->direction);
	text(j, o, "version", e->version);
	text(j, o, "description", e->description);
	text(j, o, "file", e->file);
	text(j, o, "kind", e->kind);
	text(j, o, "rule", e->rule);
	text(j, o, "sql", e->sql);
	text(j, o, "message", e->message);
	text(j, o, "error", e->error);
	text(j, o, "sqlstate", e->sqlstate);
}

static void add_numbers(struct wb_json *j, json_t *o, const struct wb_event *e)
{
	number(j, o, "migration", e->migration);
	number(j, o, "migrations", e->migrations);
	number(j, o, "step", e->step);
	number(j, o, "steps", e->steps);
	number(j, o, "done", e->done);
	number(j, o, "total", e->total);
	text(j, o, "unit", e->unit);
	number(j, o, "elapsed_ms", e->elapsed_ms);
	number(j, o, "eta_ms", e->eta_ms);
	number(j, o, "rows", e->rows);
	number(j, o, "rss_kb", e->rss_kb);
	number(j, o, "cpu_ms", e->cpu_ms);
	number(j, o, "lock_wait_ms", e->lock_wait_ms);
	number(j, o, "attempt", e->attempt);
	number(j, o, "rules", e->rules);
	number(j, o, "batch", e->batch);
	number(j, o, "batches", e->batches);
	number(j, o, "offset", e->offset);
	number(j, o, "batch_size", e->batch_size);
	number(j, o, "successful", e->successful);
	number(j, o, "failed", e->failed);
	number(j, o, "rows_per_s", e->rows_per_s);
	if (e->dry_run >= 0)
		wb_json_set(j, o, "dry_run", wb_json_bool(e->dry_run));
}

int wb_report_event(struct wb_out *out, const struct wb_event *event, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);

	wb_json_set_text(&j, o, "event", event->name ? event->name : wb_event_name(event->type));
	time_of(&j, o, event->at_us);
	add_texts(&j, o, event);
	add_numbers(&j, o, event);
	return wb_json_line(&j, out, o, err);
}

static const char *const levels[] = {
	[WB_LOG_ERROR] = "error", [WB_LOG_WARN] = "warn",   [WB_LOG_INFO] = "info",
	[WB_LOG_DEBUG] = "debug", [WB_LOG_TRACE] = "trace",
};

const char *wb_log_level_name(enum wb_log_level level)
{
	return (size_t)level < WB_ARRAY_LEN(levels) ? levels[level] : "unknown";
}

int wb_report_log(struct wb_out *out, enum wb_log_level level, const char *message, const char *code,
		  struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);

	time_of(&j, o, wb_wall_us());
	wb_json_set_text(&j, o, "level", wb_log_level_name(level));
	wb_json_set_text(&j, o, "message", message);
	text(&j, o, "code", code);
	return wb_json_line(&j, out, o, err);
}
