/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans: what would run, as text, as JSON, and as the bare SQL. What this
 * version does not measure is null or "unknown" in the JSON, never a guess.
 */
#include "report/report.h"

#include "report/text.h"
#include "base/banned.h"

/* ---- JSON ---- */

/* 1, 0; anything else is not known. */
static json_t *answer(int value)
{
	return value < 0 ? json_null() : wb_json_bool(value != 0);
}

static json_t *locks_value(struct wb_json *j, const struct wb_plan_step *s)
{
	json_t *all = wb_json_array(j), *o;
	size_t i;

	for (i = 0; i < s->n_locks; i++) {
		o = wb_json_object(j);
		wb_json_set_text(j, o, "relation", s->locks[i].relation);
		wb_json_set_text(j, o, "role", s->locks[i].role);
		wb_json_set_text(j, o, "lock", s->locks[i].lock);
		wb_json_set(j, o, "certain", wb_json_bool(s->locks[i].certain));
		wb_json_append(j, all, o);
	}
	return all;
}

static void step_effect(struct wb_json *j, json_t *o, const struct wb_plan_step *s)
{
	wb_json_set_text(j, o, "lock", s->lock && *s->lock ? s->lock : NULL);
	wb_json_set_text(j, o, "blocks", s->blocks);
	wb_json_set(j, o, "rewrites", answer(s->rewrites));
	wb_json_set(j, o, "scans", answer(s->scans));
	wb_json_set_number(j, o, "rows", s->rows);
	wb_json_set_number(j, o, "bytes", s->bytes);
	wb_json_set_number(j, o, "estimate_ms", s->estimate_ms);
	wb_json_set_text(j, o, "risk", s->risk);
	wb_json_set(j, o, "locks", locks_value(j, s));
}

static json_t *safe_value(struct wb_json *j, const struct wb_plan_step *s)
{
	json_t *all = wb_json_array(j), *o;
	size_t i;

	for (i = 0; i < s->n_safe; i++) {
		o = wb_json_object(j);
		wb_json_set_text(j, o, "rule", s->safe[i].rule);
		wb_json_set_text(j, o, "message", s->safe[i].message);
		wb_json_set_text(j, o, "hint", s->safe[i].hint);
		wb_json_set_text(j, o, "safe_sql", s->safe[i].safe_sql);
		wb_json_append(j, all, o);
	}
	return all;
}

static json_t *step_value(struct wb_json *j, const struct wb_plan_step *s)
{
	json_t *o = wb_json_object(j), *notes = wb_json_array(j);
	size_t i;

	wb_json_set_text(j, o, "id", s->id);
	wb_json_set_text(j, o, "version", s->version);
	wb_json_set_text(j, o, "phase", s->phase);
	wb_json_set_text(j, o, "kind", s->kind);
	wb_json_set_text(j, o, "command", s->command);
	wb_json_set_text(j, o, "sql", s->sql);
	wb_json_set(j, o, "sql_cut", wb_json_bool(s->sql_cut));
	wb_json_set_text(j, o, "file", s->file);
	wb_json_set_number(j, o, "line", s->line ? (int64_t)s->line : -1);
	wb_json_set_number(j, o, "column", s->column ? (int64_t)s->column : -1);
	wb_json_set(j, o, "transactional", wb_json_bool(s->transactional));
	wb_json_set_number(j, o, "transaction", s->transaction);
	wb_json_set_number(j, o, "repeats", s->repeats);
	wb_json_set_text(j, o, "object", s->object);
	if (s->change)
		wb_json_set_number(j, o, "change", (int64_t)s->change);
	wb_json_set(j, o, "reversible", wb_json_bool(s->reversible));
	step_effect(j, o, s);
	wb_json_set(j, o, "probed", wb_json_bool(s->probed));
	for (i = 0; i < s->n_notes; i++)
		wb_json_append(j, notes, wb_json_text(j, s->notes[i]));
	wb_json_set(j, o, "notes", notes);
	wb_json_set(j, o, "safe", safe_value(j, s));
	return o;
}

static json_t *migration_value(struct wb_json *j, const struct wb_plan_migration *m)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "version", m->version);
	wb_json_set_text(j, o, "description", m->description);
	wb_json_set_text(j, o, "file", m->file);
	wb_json_set_text(j, o, "type", m->type);
	wb_json_set_text(j, o, "kind", m->kind);
	wb_json_set_text(j, o, "action", m->action);
	wb_json_set_text(j, o, "checksum", m->checksum);
	wb_json_set_text(j, o, "transaction", m->transaction);
	wb_json_set(j, o, "reversible", wb_json_bool(m->reversible));
	wb_json_set_text(j, o, "down_source", m->down_source);
	wb_json_set_number(j, o, "statements", m->statements);
	wb_json_set_number(j, o, "bytes", m->bytes);
	return o;
}

/* The way back, newest first. A plan that goes down has none. */
static json_t *rollback_value(struct wb_json *j, const struct wb_plan *plan)
{
	json_t *all = wb_json_array(j), *o;
	size_t i;

	if (plan->direction && strcmp(plan->direction, "down") == 0)
		return all;
	for (i = plan->n_migrations; i-- > 0;) {
		o = wb_json_object(j);
		wb_json_set_text(j, o, "version", plan->migrations[i].version);
		wb_json_set_text(j, o, "sql", plan->migrations[i].down_sql);
		wb_json_set_text(j, o, "source", plan->migrations[i].down_source);
		wb_json_set_text(j, o, "note", plan->migrations[i].down_note);
		wb_json_append(j, all, o);
	}
	return all;
}

void wb_plan_effects_json(struct wb_json *j, json_t *o, const struct wb_plan *plan)
{
	json_t *steps = wb_json_array(j), *notes = wb_json_array(j);
	size_t i;

	for (i = 0; i < plan->n_steps; i++)
		wb_json_append(j, steps, step_value(j, &plan->steps[i]));
	wb_json_set(j, o, "steps", steps);
	wb_json_set_number(j, o, "estimate_ms", plan->estimate_ms);
	wb_json_set_text(j, o, "risk", plan->risk);
	wb_json_set(j, o, "requires_downtime", answer(plan->requires_downtime));
	for (i = 0; i < plan->n_notes; i++)
		wb_json_append(j, notes, wb_json_text(j, plan->notes[i]));
	wb_json_set(j, o, "notes", notes);
}

static int plan_json(struct wb_out *out, const struct wb_plan *plan, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *migrations = wb_json_array(&j);
	size_t i;

	wb_json_set_text(&j, o, "direction", plan->direction);
	wb_json_set_text(&j, o, "current", plan->current);
	wb_json_set_text(&j, o, "target", plan->target);
	wb_json_set_text(&j, o, "digest", plan->digest);
	wb_json_set_number(&j, o, "statements", plan->statements);
	wb_json_set(&j, o, "refused", wb_json_bool(plan->refused));
	for (i = 0; i < plan->n_migrations; i++)
		wb_json_append(&j, migrations, migration_value(&j, &plan->migrations[i]));
	wb_json_set(&j, o, "migrations", migrations);
	wb_plan_effects_json(&j, o, plan);
	wb_json_set(&j, o, "rollback", rollback_value(&j, plan));
	return wb_json_print(&j, out, o, err);
}

/* ---- text ---- */

static void print_heading(struct wb_out *out, const struct wb_plan *plan)
{
	bool down = plan->direction && strcmp(plan->direction, "down") == 0;
	char a[40], b[40];

	wb_out_styled(out, WB_BOLD, "%s from %s to %s", down ? "Down" : "Up", plan->current ? plan->current : "nothing",
		      plan->target ? plan->target : "nothing");
	wb_out_addf(out, ": %s, %s\n", wb_text_count((int64_t)plan->n_migrations, "migration", a, sizeof(a)),
		    wb_text_count(plan->statements, "statement", b, sizeof(b)));
}

static const char *transaction_text(const struct wb_plan_migration *m)
{
	static const struct {
		const char *word, *text;
	} texts[] = {
		{ "one", "one transaction" },
		{ "several", "several transactions" },
		{ "none", "no transaction" },
	};
	size_t i;

	for (i = 0; m->transaction && i < WB_ARRAY_LEN(texts); i++)
		if (strcmp(texts[i].word, m->transaction) == 0)
			return texts[i].text;
	return "transactions unknown";
}

static void print_migration(struct wb_out *out, const struct wb_plan_migration *m, bool down)
{
	char buf[40];

	wb_out_add(out, "\n");
	wb_out_style(out, WB_BOLD);
	wb_out_clean(out, m->version);
	wb_out_style(out, WB_PLAIN);
	wb_out_add(out, " ");
	wb_out_clean(out, m->description);
	wb_out_style(out, WB_DIM);
	wb_out_addf(out, "  %s, %s, %s", m->action ? m->action : "apply",
		    wb_text_count(m->statements, "statement", buf, sizeof(buf)), transaction_text(m));
	if (!down || m->down_source)
		wb_out_addf(out, ", %s: %s", down ? "down" : "undo", m->down_source ? m->down_source : "none");
	wb_out_style(out, WB_PLAIN);
	wb_out_add(out, "\n");
	if (down || !m->down_note)
		return;
	wb_out_styled(out, WB_DIM, "         undo: ");
	wb_out_clean(out, m->down_note);
	wb_out_add(out, "\n");
}

/* What others notice of it; nothing is said of statements that nobody notices. */
static void print_effect(struct wb_out *out, const struct wb_plan_step *s)
{
	wb_autostr text = WB_STR_INIT;

	wb_report_plan_effect(&text, s);
	if (text.n) {
		wb_out_styled(out, WB_DIM, "          ");
		wb_out_styled(out, s->risk && strcmp(s->risk, "low") != 0 ? WB_YELLOW : WB_DIM,
			      "%s risk: ", s->risk ? s->risk : "unknown");
		wb_out_clean(out, text.p);
		wb_out_add(out, "\n");
	}
	out->buf.failed |= text.failed;
}

/* Lines of a text under each other. */
static void print_lines(struct wb_out *out, const char *text, const char *indent)
{
	struct wb_sv rest = wb_sv_str(text), line;
	bool first = true;

	while (wb_sv_cut(&rest, '\n', &line)) {
		wb_out_add(out, first ? "" : indent);
		wb_text_clean(&out->buf, line, 0);
		wb_out_add(out, "\n");
		first = false;
	}
}

static void print_safe(struct wb_out *out, const struct wb_plan_safe *s)
{
	const char *const parts[] = { s->message, s->hint, s->safe_sql };
	size_t i, n = 0;

	wb_out_styled(out, WB_GREEN, "          safer: ");
	for (i = 0; i < WB_ARRAY_LEN(parts); i++) {
		if (!parts[i])
			continue;
		wb_out_add(out, n++ ? "                 " : "");
		print_lines(out, parts[i], "                 ");
	}
}

/* The start of a statement on one line, as wide as the terminal allows. */
static void print_step(struct wb_out *out, const struct wb_plan_step *s, int64_t number)
{
	wb_autostr sql = WB_STR_INIT, line = WB_STR_INIT;
	unsigned columns = out->columns > 40 ? out->columns - 10 : 120;
	size_t i;

	wb_out_styled(out, s->transactional ? WB_PLAIN : WB_YELLOW, "  %5lld%s ", (long long)number,
		      s->transactional ? " " : "*");
	wb_text_squeeze(&line, wb_sv_trim(wb_sv_str(s->sql)));
	wb_text_clean(&sql, wb_str_sv(&line), columns);
	out->buf.failed |= line.failed || sql.failed;
	wb_out_addf(out, " %s\n", sql.p);
	if (s->repeats > 1)
		wb_out_styled(out, WB_DIM, "          ... and %lld more like it\n", (long long)(s->repeats - 1));
	print_effect(out, s);
	for (i = 0; i < s->n_notes; i++) {
		wb_out_styled(out, WB_YELLOW, "          note: ");
		wb_out_clean(out, s->notes[i]);
		wb_out_add(out, "\n");
	}
	for (i = 0; i < s->n_safe; i++)
		print_safe(out, &s->safe[i]);
}

static void print_steps(struct wb_out *out, const struct wb_plan *plan, const struct wb_plan_migration *m)
{
	int64_t number = 1;
	size_t i;

	for (i = 0; i < plan->n_steps; i++) {
		if (!plan->steps[i].version || strcmp(plan->steps[i].version, m->version) != 0)
			continue;
		print_step(out, &plan->steps[i], number);
		number += plan->steps[i].repeats > 1 ? plan->steps[i].repeats : 1;
	}
}

static bool any_outside(const struct wb_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n_steps; i++)
		if (!plan->steps[i].transactional)
			return true;
	return false;
}

static void print_summary(struct wb_out *out, const struct wb_plan *plan)
{
	wb_autostr text = WB_STR_INIT;

	wb_report_plan_summary(&text, plan);
	if (text.n)
		wb_out_styled(out, WB_BOLD, "\n%s\n", text.p);
	out->buf.failed |= text.failed;
}

static void plan_text(struct wb_out *out, const struct wb_plan *plan)
{
	bool down = plan->direction && strcmp(plan->direction, "down") == 0;
	size_t i;

	if (plan->n_migrations == 0 && plan->refused) {
		wb_out_add(out, "Nothing would run.\n");
	} else if (plan->n_migrations == 0) {
		wb_out_addf(out, "Nothing to do: %s.\n",
			    down ? "no applied migration is to be reverted" : "every migration is applied");
	} else {
		print_heading(out, plan);
	}
	for (i = 0; i < plan->n_migrations; i++) {
		print_migration(out, &plan->migrations[i], down);
		print_steps(out, plan, &plan->migrations[i]);
	}
	print_summary(out, plan);
	if (any_outside(plan))
		wb_out_styled(out, WB_DIM, "\n* commits by itself, outside any transaction\n");
	for (i = 0; i < plan->n_notes; i++) {
		wb_out_styled(out, WB_YELLOW, "note: ");
		wb_out_clean(out, plan->notes[i]);
		wb_out_add(out, "\n");
	}
}

int wb_report_plan(struct wb_out *out, enum wb_format format, const struct wb_plan *plan, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return plan_json(out, plan, err);
	if (format == WB_FORMAT_MARKDOWN)
		return wb_report_plan_markdown(out, plan, err);
	plan_text(out, plan);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
