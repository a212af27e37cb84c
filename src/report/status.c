/* SPDX-License-Identifier: Apache-2.0
 *
 * Where databases stand.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

/* Of a long history the text shows only the end; JSON has all. */
#define NEWEST 10u

/* ---- JSON ---- */

static json_t *migration_value(struct wb_json *j, const struct wb_migration_info *m, bool applied)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "version", m->version);
	wb_json_set_text(j, o, "description", m->description);
	wb_json_set_text(j, o, "file", m->file);
	wb_json_set_text(j, o, "type", m->type);
	wb_json_set_text(j, o, "kind", m->kind);
	wb_json_set_text(j, o, "checksum", m->checksum);
	wb_json_set(j, o, "reversible", wb_json_bool(m->has_down));
	if (!applied)
		return o;
	wb_json_set_text(j, o, "state", m->state);
	wb_json_set_text(j, o, "applied_at", m->applied_at);
	wb_json_set_number(j, o, "execution_ms", m->execution_ms);
	wb_json_set_text(j, o, "origin", m->origin);
	wb_json_set_text(j, o, "error", m->error);
	return o;
}

static json_t *migrations_value(struct wb_json *j, const struct wb_migration_info *v, size_t n, bool applied)
{
	json_t *a = wb_json_array(j);
	size_t i;

	for (i = 0; i < n; i++)
		wb_json_append(j, a, migration_value(j, &v[i], applied));
	return a;
}

static json_t *status_value(struct wb_json *j, const struct wb_status_of *of)
{
	const struct wb_status *s = of->status;
	json_t *o = wb_json_object(j), *problems = wb_json_array(j);
	size_t i;

	wb_json_set_text(j, o, "name", of->name);
	if (!s) {
		wb_json_set(j, o, "error", wb_report_error_value(j, of->error));
		json_decref(problems);
		return o;
	}
	wb_json_set_text(j, o, "engine", s->engine);
	wb_json_set_text(j, o, "database", s->database);
	wb_json_set_text(j, o, "server", s->server);
	wb_json_set_text(j, o, "url", s->safe_url);
	wb_json_set_text(j, o, "current", s->current);
	wb_json_set_text(j, o, "release", s->release);
	wb_json_set(j, o, "applied", migrations_value(j, s->applied, s->n_applied, true));
	wb_json_set(j, o, "pending", migrations_value(j, s->pending, s->n_pending, false));
	for (i = 0; i < s->n_problems; i++)
		wb_json_append(j, problems, wb_report_problem_value(j, &s->problems[i], true));
	wb_json_set(j, o, "problems", problems);
	return o;
}

static int status_json(struct wb_out *out, const struct wb_status_of *v, size_t n, bool many, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o, *all;
	size_t i;

	if (!many)
		return wb_json_print(&j, out, n ? status_value(&j, &v[0]) : wb_json_object(&j), err);
	o = wb_json_object(&j);
	all = wb_json_array(&j);
	for (i = 0; i < n; i++)
		wb_json_append(&j, all, status_value(&j, &v[i]));
	wb_json_set(&j, o, "databases", all);
	return wb_json_print(&j, out, o, err);
}

/* ---- text ---- */

static const struct wb_column columns[] = {
	{ "Version", false, false },       { "Description", false, true }, { "State", false, false },
	{ "Applied (UTC)", false, false }, { "Time", true, false },
};

static enum wb_style state_style(const char *state)
{
	static const struct {
		const char *state;
		enum wb_style style;
	} styles[] = {
		{ "applied", WB_GREEN }, { "baseline", WB_GREEN }, { "failed", WB_RED },
		{ "running", WB_RED },   { "pending", WB_YELLOW },
	};
	size_t i;

	for (i = 0; state && i < WB_ARRAY_LEN(styles); i++)
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	return WB_PLAIN;
}

/* "2026-11-21 07:32:00" of an RFC 3339 time. */
static void add_time(struct wb_table *t, const char *at)
{
	char buf[20];
	size_t i;

	if (!at) {
		wb_table_add(t, WB_PLAIN, NULL);
		return;
	}
	(void)wb_sv_copy(wb_sv_str(at), buf, sizeof(buf));
	for (i = 0; buf[i]; i++)
		if (buf[i] == 'T')
			buf[i] = ' ';
	wb_table_add(t, WB_PLAIN, buf);
}

static void add_migration(struct wb_table *t, const struct wb_migration_info *m, const char *state)
{
	wb_table_add(t, WB_BOLD, m->version);
	wb_table_add(t, WB_PLAIN, m->description);
	wb_table_add(t, state_style(state), state);
	add_time(t, m->applied_at);
	wb_table_add_ms(t, m->applied_at ? m->execution_ms : -1);
}

static bool is_failed(const struct wb_migration_info *m)
{
	return m->state && strcmp(m->state, "failed") == 0;
}

/* The failed attempt at a pending migration, which is then shown once, as failed. */
static const struct wb_migration_info *failed_attempt(const struct wb_status *s,
						      const struct wb_migration_info *pending)
{
	size_t i;

	for (i = 0; i < s->n_applied; i++)
		if (is_failed(&s->applied[i]) && strcmp(s->applied[i].version, pending->version) == 0)
			return &s->applied[i];
	return NULL;
}

static bool is_pending(const struct wb_status *s, const struct wb_migration_info *m)
{
	size_t i;

	for (i = 0; i < s->n_pending; i++)
		if (strcmp(s->pending[i].version, m->version) == 0)
			return true;
	return false;
}

static void print_migrations(struct wb_out *out, const struct wb_status *s, bool all)
{
	size_t i, first = !all && s->n_applied > NEWEST ? s->n_applied - NEWEST : 0;
	struct wb_table t;

	if (s->n_applied + s->n_pending == 0)
		return;
	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = first; i < s->n_applied; i++)
		if (!is_failed(&s->applied[i]) || !is_pending(s, &s->applied[i]))
			add_migration(&t, &s->applied[i], s->applied[i].state);
	for (i = 0; i < s->n_pending; i++)
		add_migration(&t, &s->pending[i], failed_attempt(s, &s->pending[i]) ? "failed" : "pending");
	wb_out_add(out, "\n");
	if (first)
		wb_out_styled(out, WB_DIM, "  (%zu earlier ones are applied too; -v lists them)\n", first);
	wb_table_print(&t, out, 2);
	wb_table_done(&t);
}

static size_t count_applied(const struct wb_status *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n_applied; i++)
		n += !is_failed(&s->applied[i]);
	return n;
}

static void print_fact(struct wb_out *out, const char *label, const char *value, const char *more)
{
	wb_out_styled(out, WB_BOLD, "%-10s", label);
	wb_out_clean(out, value);
	if (more && more[0]) {
		wb_out_add(out, " (");
		wb_out_clean(out, more);
		wb_out_add(out, ")");
	}
	wb_out_add(out, "\n");
}

static size_t count_errors(const struct wb_status *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n_problems; i++)
		n += !s->problems[i].warning;
	return n;
}

static void print_closing(struct wb_out *out, const struct wb_status *s)
{
	size_t errors = count_errors(s);
	char buf[40];

	wb_out_add(out, "\n");
	if (errors)
		wb_out_styled(out, WB_RED, "`whimbrel up` would refuse: %s to put right first.\n",
			      wb_text_count((int64_t)errors, "problem", buf, sizeof(buf)));
	else if (s->n_pending)
		wb_out_addf(out, "%s pending: `whimbrel plan` shows, `whimbrel up` applies.\n",
			    wb_text_count((int64_t)s->n_pending, "migration", buf, sizeof(buf)));
	else if (s->n_applied)
		wb_out_styled(out, s->n_problems ? WB_YELLOW : WB_GREEN, "Nothing is pending.\n");
	else
		wb_out_add(out, "No migrations yet: `whimbrel new DESCRIPTION` writes the first.\n");
}

static void status_text(struct wb_out *out, const struct wb_status_of *of, bool many, bool all)
{
	const struct wb_status *s = of->status;
	char buf[64];
	size_t i;

	if (many)
		wb_out_styled(out, WB_BOLD, "== %s ==\n", of->name);
	if (!s) {
		wb_report_error(out, of->error);
		return;
	}
	print_fact(out, "Database", s->database, s->server && s->server[0] ? s->server : s->engine);
	print_fact(out, "Current", s->current ? s->current : "none", NULL);
	if (s->release)
		print_fact(out, "Release", s->release, NULL);
	print_fact(out, "Applied", wb_text_count((int64_t)count_applied(s), "migration", buf, sizeof(buf)),
		   s->has_journal ? NULL : "no journal yet");
	print_fact(out, "Pending", wb_text_count((int64_t)s->n_pending, "migration", buf, sizeof(buf)), NULL);
	print_migrations(out, s, all);
	if (s->n_problems)
		wb_out_add(out, "\n");
	for (i = 0; i < s->n_problems; i++)
		wb_report_problem(out, &s->problems[i]);
	print_closing(out, s);
}

int wb_report_status(struct wb_out *out, enum wb_format format, const struct wb_status_of *v, size_t n, bool many,
		     bool all, struct wb_error *err)
{
	size_t i;

	if (format == WB_FORMAT_JSON)
		return status_json(out, v, n, many, err);
	for (i = 0; i < n; i++) {
		if (i)
			wb_out_add(out, "\n");
		status_text(out, &v[i], many, all);
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
