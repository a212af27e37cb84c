/* SPDX-License-Identifier: Apache-2.0
 *
 * Progress on standard error. On a terminal one line is drawn again and again,
 * at most ten times a second; elsewhere a plain line tells of each migration
 * that is done. Both know only events.
 */
#include "cli/cli.h"

#include <unistd.h>

#include "report/text.h"
#include "base/banned.h"

#define REDRAW_MS 100
#define REPEAT_MS 5000
#define STALE_MS 3000

struct cli_progress {
	struct wb_out *out;
	bool live, lines, warnings;
	int verbose;
	bool drawn; /* the live line stands there */
	bool told; /* a done line was printed */
	bool rehearsal;
	int64_t drawn_at, waiting_at, waiting_since; /* ms */
	int64_t started_at; /* of the migration, ms */
	char version[64], description[160], waiting[240];
	int migration, migrations;
	int64_t step, steps, done, total, eta_ms;
	int64_t rows_per_s; /* 0: not told */
};

int cli_progress_new(struct cli *cli, struct wb_error *err)
{
	const char *term = getenv("TERM");
	struct cli_progress *p = calloc(1, sizeof(*p));

	if (!p)
		return wb_err_nomem(err);
	p->out = &cli->note;
	p->verbose = cli->g.verbose;
	if (!cli->g.quiet && cli->g.log == CLI_LOG_TEXT) {
		p->warnings = true;
		p->live = isatty(STDERR_FILENO) && term && term[0] && strcmp(term, "dumb") != 0;
		/* Whoever wants JSON reads standard output; lines for people would only mix with it in a log. */
		p->lines = cli->g.output != WB_FORMAT_JSON || cli->g.verbose > 0;
	}
	p->waiting_at = -REPEAT_MS;
	cli->progress = p;
	return 0;
}

void cli_progress_free(struct cli_progress *p)
{
	cli_progress_clear(p);
	free(p);
}

void cli_progress_clear(struct cli_progress *p)
{
	if (!p || !p->drawn)
		return;
	wb_out_add(p->out, "\r\033[K");
	wb_out_flush(p->out);
	p->drawn = false;
}

void cli_progress_rehearsal(struct cli_progress *p)
{
	p->rehearsal = true;
}

bool cli_progress_told(const struct cli_progress *p)
{
	return p && p->told && cli_same_place();
}

/* ---- the live line ---- */

static void add_ratio(struct wb_str *s, const struct cli_progress *p)
{
	if (p->steps > 0 && p->step > 0)
		wb_str_addf(s, ", statement %lld/%lld", (long long)p->step, (long long)p->steps);
	if (p->total > 0 && p->done >= 0)
		wb_str_addf(s, ", %lld %%", (long long)(p->done >= p->total ? 100 : p->done * 100 / p->total));
}

static void compose(const struct cli_progress *p, struct wb_str *s)
{
	char buf[40];

	if (p->migrations > 0)
		wb_str_addf(s, "[%d/%d] ", p->migration, p->migrations);
	wb_str_addf(s, "%s %s", p->version, p->description);
	add_ratio(s, p);
	if (p->started_at)
		wb_str_addf(s, ", %s", wb_duration_text(wb_now_ms() - p->started_at, buf, sizeof(buf)));
	if (p->rows_per_s > 0)
		wb_str_addf(s, ", %lld rows/s", (long long)p->rows_per_s);
	if (p->eta_ms >= 0)
		wb_str_addf(s, ", about %s left", wb_duration_text(p->eta_ms, buf, sizeof(buf)));
	if (p->waiting[0])
		wb_str_addf(s, "; %s", p->waiting);
}

static void draw(struct cli_progress *p, bool now)
{
	wb_autostr line = WB_STR_INIT;
	int64_t at = wb_now_ms();

	if (!p->live || (!now && at - p->drawn_at < REDRAW_MS))
		return;
	compose(p, &line);
	wb_out_add(p->out, "\r");
	wb_text_clean(&p->out->buf, wb_str_sv(&line), p->out->columns ? p->out->columns - 1 : 79);
	wb_out_add(p->out, "\033[K");
	wb_out_flush(p->out);
	p->drawn = true;
	p->drawn_at = at;
}

/* ---- lines that stay ---- */

static void put_line(struct cli_progress *p, enum wb_style style, const char *label, const char *text)
{
	cli_progress_clear(p);
	wb_out_styled(p->out, style, "%s", label);
	wb_out_clean(p->out, text);
	wb_out_add(p->out, "\n");
	wb_out_flush(p->out);
}

static void print_line(struct cli_progress *p, enum wb_style style, const char *label, const char *text)
{
	if (p->lines || p->live)
		put_line(p, style, label, text);
}

static bool is_down(const struct wb_event *e)
{
	return e->direction && strcmp(e->direction, "down") == 0;
}

static void add_sample(struct wb_str *s, const char *label, int64_t n, const char *unit)
{
	if (n >= 0)
		wb_str_addf(s, ", %s %lld %s", label, (long long)n, unit);
}

static void add_samples(struct wb_str *s, const struct wb_event *e)
{
	add_sample(s, "rows", e->rows, "changed");
	add_sample(s, "memory", e->rss_kb, "KiB");
	add_sample(s, "processor", e->cpu_ms, "ms");
	add_sample(s, "lock wait", e->lock_wait_ms, "ms");
}

static void print_done(struct cli_progress *p, const struct wb_event *e, const char *word)
{
	wb_autostr text = WB_STR_INIT;
	char buf[40];

	wb_str_addf(&text, " %s %s", e->version ? e->version : "", e->description ? e->description : "");
	wb_str_addf(&text, " (%s", e->elapsed_ms < 0 ? "" : wb_duration_text(e->elapsed_ms, buf, sizeof(buf)));
	if (p->verbose > 0)
		add_samples(&text, e);
	wb_str_add(&text, ")");
	print_line(p, WB_GREEN, word, text.p);
	p->told |= p->lines || p->live;
}

/* ---- events ---- */

static void on_migration_started(struct cli_progress *p, const struct wb_event *e)
{
	(void)wb_sv_copy(wb_sv_str(e->version), p->version, sizeof(p->version));
	(void)wb_sv_copy(wb_sv_str(e->description), p->description, sizeof(p->description));
	p->migration = e->migration;
	p->migrations = e->migrations;
	p->started_at = wb_now_ms();
	p->step = p->steps = p->done = p->total = p->eta_ms = -1;
	p->waiting[0] = '\0';
	draw(p, false);
}

static void on_migration_completed(struct cli_progress *p, const struct wb_event *e)
{
	print_done(p, e, p->rehearsal ? "rehearsed" : is_down(e) ? "reverted" : "applied");
}

static void on_migration_skipped(struct cli_progress *p, const struct wb_event *e)
{
	print_done(p, e, "skipped");
}

static void on_step(struct cli_progress *p, const struct wb_event *e)
{
	p->step = e->step;
	if (e->steps > 0)
		p->steps = e->steps;
	p->done = e->done;
	p->total = e->total;
	p->eta_ms = e->eta_ms;
	/* Progress comes between two looks at who blocks; only a new step, or time, makes that old. */
	if (e->type != WB_EVENT_STEP_PROGRESS || wb_now_ms() - p->waiting_since > STALE_MS)
		p->waiting[0] = '\0';
	draw(p, false);
}

static void on_step_completed(struct cli_progress *p, const struct wb_event *e)
{
	wb_autostr text = WB_STR_INIT, sql = WB_STR_INIT;
	char buf[40];

	if (p->verbose > 0) {
		wb_text_clean(&sql, wb_sv_trim(wb_sv_str(e->sql)), 60);
		wb_str_addf(&text, "%lld/%lld  %s  %s", (long long)e->step, (long long)e->steps, sql.p,
			    e->elapsed_ms < 0 ? "" : wb_duration_text(e->elapsed_ms, buf, sizeof(buf)));
		add_samples(&text, e);
		print_line(p, WB_PLAIN, "    ", text.p);
	}
	on_step(p, e);
}

/* Told at once, and then now and then: whoever blocks does so for a while. */
static void tell_waiting(struct cli_progress *p, const char *label, const char *message)
{
	int64_t now = wb_now_ms();

	(void)wb_sv_copy(wb_sv_str(message), p->waiting, sizeof(p->waiting));
	p->waiting_since = now;
	if (p->live && p->verbose == 0) {
		draw(p, false);
	} else if (p->verbose > 0 || now - p->waiting_at >= REPEAT_MS) {
		print_line(p, WB_YELLOW, label, p->waiting);
		p->waiting_at = now;
	}
}

static void on_waiting(struct cli_progress *p, const struct wb_event *e)
{
	tell_waiting(p, "waiting: ", e->message ? e->message : "for another run");
}

static void on_lock_acquired(struct cli_progress *p, const struct wb_event *e)
{
	(void)e;
	p->waiting[0] = '\0';
}

static void on_retry(struct cli_progress *p, const struct wb_event *e)
{
	tell_waiting(p, "trying again: ", e->message ? e->message : "it did not succeed");
}

static void on_notice(struct cli_progress *p, const struct wb_event *e)
{
	if (p->verbose > 0)
		print_line(p, WB_CYAN, "notice: ", e->message ? e->message : "");
}

static void on_warning(struct cli_progress *p, const struct wb_event *e)
{
	if (p->warnings)
		put_line(p, WB_YELLOW, "warning: ", e->message ? e->message : "");
}

static void on_rollback(struct cli_progress *p, const struct wb_event *e)
{
	if (e->version)
		print_done(p, e, "rolled back");
	else
		print_line(p, WB_YELLOW, "rolling back: ", e->message ? e->message : "the migrations of this run");
}

/* ---- backups ---- */

static void on_copy_started(struct cli_progress *p, const struct wb_event *e, const char *word)
{
	(void)wb_sv_copy(wb_sv_str(word), p->version, sizeof(p->version));
	(void)wb_sv_copy(wb_sv_str(e->description), p->description, sizeof(p->description));
	p->migration = p->migrations = 0;
	p->started_at = wb_now_ms();
	p->step = p->steps = p->done = p->total = p->eta_ms = -1;
	p->waiting[0] = '\0';
	draw(p, false);
}

static void on_backup_started(struct cli_progress *p, const struct wb_event *e)
{
	on_copy_started(p, e, "backup");
}

static void on_restore_started(struct cli_progress *p, const struct wb_event *e)
{
	on_copy_started(p, e, "restoring");
}

/* This line tells of no migration. */
static void print_copied(struct cli_progress *p, const struct wb_event *e, const char *word)
{
	struct wb_event named = *e;
	bool told = p->told;

	named.version = NULL;
	print_done(p, &named, word);
	p->told = told;
}

static void on_backup_created(struct cli_progress *p, const struct wb_event *e)
{
	print_copied(p, e, "backup");
}

static void on_restored(struct cli_progress *p, const struct wb_event *e)
{
	print_copied(p, e, "restored");
}

/* ---- rules ---- */

static void on_rule_started(struct cli_progress *p, const struct wb_event *e)
{
	on_copy_started(p, e, e->rule);
	p->done = e->done;
	p->total = e->total;
}

static void on_batch_completed(struct cli_progress *p, const struct wb_event *e)
{
	p->done = e->done;
	p->total = e->total;
	p->eta_ms = e->eta_ms;
	p->rows_per_s = e->rows_per_s;
	draw(p, false);
}

/* The result tells of all of them; here it only ends the live line. */
static void on_rule_ended(struct cli_progress *p, const struct wb_event *e)
{
	(void)e;
	p->rows_per_s = 0;
	cli_progress_clear(p);
}

static void (*const handlers[WB_EVENT_COUNT])(struct cli_progress *p, const struct wb_event *e) = {
	[WB_EVENT_MIGRATION_STARTED] = on_migration_started,
	[WB_EVENT_MIGRATION_COMPLETED] = on_migration_completed,
	[WB_EVENT_MIGRATION_SKIPPED] = on_migration_skipped,
	[WB_EVENT_STEP_STARTED] = on_step,
	[WB_EVENT_STEP_PROGRESS] = on_step,
	[WB_EVENT_STEP_COMPLETED] = on_step_completed,
	[WB_EVENT_LOCK_WAITING] = on_waiting,
	[WB_EVENT_BLOCKED] = on_waiting,
	[WB_EVENT_LOCK_ACQUIRED] = on_lock_acquired,
	[WB_EVENT_RETRY] = on_retry,
	[WB_EVENT_NOTICE] = on_notice,
	[WB_EVENT_WARNING] = on_warning,
	[WB_EVENT_ROLLBACK_STARTED] = on_rollback,
	[WB_EVENT_ROLLBACK_STEP] = on_rollback,
	[WB_EVENT_BACKUP_STARTED] = on_backup_started,
	[WB_EVENT_BACKUP_PROGRESS] = on_step,
	[WB_EVENT_BACKUP_CREATED] = on_backup_created,
	[WB_EVENT_RESTORE_STARTED] = on_restore_started,
	[WB_EVENT_RESTORE_PROGRESS] = on_step,
	[WB_EVENT_RESTORE_COMPLETED] = on_restored,
	[WB_EVENT_RULE_STARTED] = on_rule_started,
	[WB_EVENT_BATCH_COMPLETED] = on_batch_completed,
	[WB_EVENT_RULE_COMPLETED] = on_rule_ended,
	[WB_EVENT_RULE_ERROR] = on_rule_ended,
};

void cli_progress_event(struct cli_progress *p, const struct wb_event *event)
{
	if (p && (unsigned)event->type < WB_EVENT_COUNT && handlers[event->type])
		handlers[event->type](p, event);
}
