/* SPDX-License-Identifier: Apache-2.0
 *
 * Repairs, locks and health.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

/* ---- repair ---- */

static int repair_json(struct wb_out *out, const struct wb_repair *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *all = wb_json_array(&j), *item;
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		item = wb_json_object(&j);
		wb_json_set_text(&j, item, "version", r->items[i].version);
		wb_json_set_text(&j, item, "action", r->items[i].action);
		wb_json_set_text(&j, item, "reason", r->items[i].reason);
		wb_json_append(&j, all, item);
	}
	wb_json_set(&j, o, "dry_run", wb_json_bool(r->dry_run));
	wb_json_set(&j, o, "repaired", all);
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column repair_columns[] = {
	{ "Version", false, false },
	{ "Action", false, false },
	{ "Why", false, true },
};

int wb_report_repair(struct wb_out *out, enum wb_format format, const struct wb_repair *r, struct wb_error *err)
{
	struct wb_table t;
	size_t i;

	if (format == WB_FORMAT_JSON)
		return repair_json(out, r, err);
	if (r->n_items == 0) {
		wb_out_add(out, "Nothing to repair: journal and files agree.\n");
		return out->buf.failed ? wb_err_nomem(err) : 0;
	}
	wb_table_init(&t, repair_columns, WB_ARRAY_LEN(repair_columns));
	for (i = 0; i < r->n_items; i++) {
		wb_table_add(&t, WB_BOLD, r->items[i].version);
		wb_table_add(&t, WB_PLAIN, r->items[i].action);
		wb_table_add(&t, WB_PLAIN, r->items[i].reason);
	}
	wb_table_print(&t, out, 2);
	wb_table_done(&t);
	wb_out_addf(out, r->dry_run ? "%zu would be repaired; nothing was changed.\n" : "%zu repaired.\n", r->n_items);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

/* ---- locks ---- */

static json_t *lock_value(struct wb_json *j, const struct wb_lock_info *l)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "id", l->id);
	wb_json_set_text(j, o, "kind", l->kind);
	wb_json_set_text(j, o, "state", l->state);
	wb_json_set_text(j, o, "owner", l->owner);
	wb_json_set_text(j, o, "host", l->host);
	wb_json_set_number(j, o, "pid", l->pid);
	wb_json_set_number(j, o, "backend", l->backend);
	wb_json_set_text(j, o, "since", l->since);
	wb_json_set_text(j, o, "query", l->query);
	return o;
}

static json_t *blocker_value(struct wb_json *j, const struct wb_blocker_info *b)
{
	json_t *o = wb_json_object(j);

	wb_json_set_number(j, o, "blocked_pid", b->blocked_pid);
	wb_json_set_number(j, o, "blocking_pid", b->blocking_pid);
	wb_json_set_number(j, o, "age_ms", b->age_ms);
	wb_json_set_text(j, o, "user", b->user);
	wb_json_set_text(j, o, "application", b->application);
	wb_json_set_text(j, o, "state", b->state);
	wb_json_set_text(j, o, "lock", b->lock);
	wb_json_set_text(j, o, "relation", b->relation);
	wb_json_set_text(j, o, "query", b->query);
	return o;
}

static int locks_json(struct wb_out *out, const struct wb_locks *l, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *locks = wb_json_array(&j), *blockers = wb_json_array(&j);
	size_t i;

	for (i = 0; i < l->n_locks; i++)
		wb_json_append(&j, locks, lock_value(&j, &l->locks[i]));
	for (i = 0; i < l->n_blockers; i++)
		wb_json_append(&j, blockers, blocker_value(&j, &l->blockers[i]));
	wb_json_set(&j, o, "locks", locks);
	wb_json_set(&j, o, "blockers", blockers);
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column lock_columns[] = {
	{ "Lock", false, false },   { "Kind", false, false },  { "State", false, false },
	{ "Owner", false, false },  { "Host", false, false },  { "Pid", true, false },
	{ "Session", true, false }, { "Since", false, false }, { "Query", false, true },
};
static const struct wb_column blocker_columns[] = {
	{ "Waiting", true, false }, { "Blocked by", true, false },   { "For", true, false },
	{ "User", false, false },   { "Application", false, false }, { "State", false, false },
	{ "Lock", false, false },   { "On", false, false },          { "Query", false, true },
};

static void add_number(struct wb_table *t, int64_t n)
{
	if (n > 0)
		wb_table_addf(t, WB_PLAIN, "%lld", (long long)n);
	else
		wb_table_add(t, WB_PLAIN, NULL);
}

static void print_locks(struct wb_out *out, const struct wb_locks *l)
{
	struct wb_table t;
	size_t i;

	if (l->n_locks == 0) {
		wb_out_add(out, "No run holds or waits for the lock.\n");
		return;
	}
	wb_table_init(&t, lock_columns, WB_ARRAY_LEN(lock_columns));
	for (i = 0; i < l->n_locks; i++) {
		wb_table_add(&t, WB_BOLD, l->locks[i].id);
		wb_table_add(&t, WB_PLAIN, l->locks[i].kind);
		wb_table_add(&t, WB_PLAIN, l->locks[i].state);
		wb_table_add(&t, WB_PLAIN, l->locks[i].owner);
		wb_table_add(&t, WB_PLAIN, l->locks[i].host);
		add_number(&t, l->locks[i].pid);
		add_number(&t, l->locks[i].backend);
		wb_table_add(&t, WB_PLAIN, l->locks[i].since);
		wb_table_add(&t, WB_PLAIN, l->locks[i].query);
	}
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
}

static void print_blockers(struct wb_out *out, const struct wb_locks *l)
{
	struct wb_table t;
	size_t i;

	if (l->n_blockers == 0) {
		wb_out_add(out, "Nobody waits for anybody in this database.\n");
		return;
	}
	wb_table_init(&t, blocker_columns, WB_ARRAY_LEN(blocker_columns));
	for (i = 0; i < l->n_blockers; i++) {
		add_number(&t, l->blockers[i].blocked_pid);
		add_number(&t, l->blockers[i].blocking_pid);
		wb_table_add_ms(&t, l->blockers[i].age_ms);
		wb_table_add(&t, WB_PLAIN, l->blockers[i].user);
		wb_table_add(&t, WB_PLAIN, l->blockers[i].application);
		wb_table_add(&t, WB_PLAIN, l->blockers[i].state);
		wb_table_add(&t, WB_PLAIN, l->blockers[i].lock);
		wb_table_add(&t, WB_PLAIN, l->blockers[i].relation);
		wb_table_add(&t, WB_PLAIN, l->blockers[i].query);
	}
	wb_out_add(out, "\n");
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
	wb_out_add(out, "\n`whimbrel locks --terminate PID` ends the session that blocks.\n");
}

int wb_report_locks(struct wb_out *out, enum wb_format format, const struct wb_locks *locks, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return locks_json(out, locks, err);
	print_locks(out, locks);
	print_blockers(out, locks);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

/* ---- doctor ---- */

static int doctor_json(struct wb_out *out, const struct wb_doctor *d, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *all = wb_json_array(&j), *item;
	size_t i;

	for (i = 0; i < d->n_findings; i++) {
		item = wb_json_object(&j);
		wb_json_set_text(&j, item, "check", d->findings[i].check);
		wb_json_set_text(&j, item, "level", d->findings[i].level);
		wb_json_set_text(&j, item, "message", d->findings[i].message);
		wb_json_append(&j, all, item);
	}
	wb_json_set_text(&j, o, "verdict", d->verdict);
	wb_json_set(&j, o, "findings", all);
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column doctor_columns[] = { { NULL, false, false },
						   { NULL, false, false },
						   { NULL, false, true } };

static enum wb_style level_style(const char *level)
{
	if (strcmp(level, "ok") == 0 || strcmp(level, "OK") == 0)
		return WB_GREEN;
	return strcmp(level, "degraded") == 0 || strcmp(level, "DEGRADED") == 0 ? WB_YELLOW : WB_RED;
}

int wb_report_doctor(struct wb_out *out, enum wb_format format, const struct wb_doctor *d, struct wb_error *err)
{
	struct wb_table t;
	unsigned columns = out->columns;
	size_t i;

	if (format == WB_FORMAT_JSON)
		return doctor_json(out, d, err);
	wb_table_init(&t, doctor_columns, WB_ARRAY_LEN(doctor_columns));
	for (i = 0; i < d->n_findings; i++) {
		wb_table_add(&t, level_style(d->findings[i].level), d->findings[i].level);
		wb_table_add(&t, WB_BOLD, d->findings[i].check);
		wb_table_add(&t, WB_PLAIN, d->findings[i].message);
	}
	/* What is wrong must be read to its end. */
	out->columns = 0;
	wb_table_print(&t, out, 0);
	out->columns = columns;
	wb_table_done(&t);
	wb_out_styled(out, level_style(d->verdict), "%s\n", d->verdict);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
