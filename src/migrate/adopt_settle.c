/* SPDX-License-Identifier: Apache-2.0
 *
 * From the rows of a history to what stands in the database, by the rules of
 * each tool: which rows were undone or repeated, which are no migrations, and
 * which say that something is half done. What is half done and cannot be told
 * is refused: a guess would be worse than the tool's own repair.
 */
#include "adopt.h"

static int half_done(const struct wb_adopt *a, const struct wb_old *old, const char *why, const char *remedy,
		     struct wb_error *err)
{
	wb_err_set(err, WB_ESTATE, "%s %s version %s", a->table.tool->title, why, old->cell[WB_OLD_VERSION]);
	wb_err_detail(err, "how much of it is in the database cannot be known");
	wb_err_hint(err, "%s; then adopt", remedy);
	if (err && old->cell[WB_OLD_VERSION])
		(void)wb_sv_copy(wb_sv_str(old->cell[WB_OLD_VERSION]), err->version, sizeof(err->version));
	return WB_ESTATE;
}

/* Later rows of a key take the place of earlier ones. */
static int supersede(struct wb_map *seen, struct wb_old *old, const char *key, struct wb_error *err)
{
	struct wb_old *earlier = wb_map_get(seen, wb_sv_str(key));
	if (earlier)
		earlier->settled = false;
	return wb_map_put(seen, wb_sv_str(key), old) ? 0 : wb_err_nomem(err);
}

/* ---- Flyway --------------------------------------------------------------------- */

static bool is_type(const struct wb_old *old, const char *type)
{
	return old->cell[WB_OLD_TYPE] && !strcmp(old->cell[WB_OLD_TYPE], type);
}

static void flyway_row(struct wb_old *old)
{
	const char *type = old->cell[WB_OLD_TYPE] ? old->cell[WB_OLD_TYPE] : "";
	old->repeatable = !old->cell[WB_OLD_VERSION];
	old->no_file = strcmp(type, "SQL") != 0 && strcmp(type, "SQL_BASELINE") != 0;
	if (is_type(old, "SCHEMA") || is_type(old, "DELETE") || (old->repeatable && old->no_file))
		old->state = WB_OLD_NOTHING;
	else if (!strncmp(type, "UNDO", 4))
		old->state = WB_OLD_UNDONE;
	else if (is_type(old, "BASELINE"))
		old->state = WB_OLD_BASELINE;
	else if (!wb_adopt_true(old->cell[WB_OLD_OK]))
		old->state = WB_OLD_FAILED;
}

int wb_settle_flyway(struct wb_adopt *a, struct wb_error *err)
{
	struct wb_map seen = { 0 };
	const struct wb_old *failed = NULL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < a->rows.n; i++) {
		struct wb_old *old = &a->rows.v[i];
		flyway_row(old);
		const char *key = old->repeatable ? old->cell[WB_OLD_FILE] : old->cell[WB_OLD_VERSION];
		if (key && !is_type(old, "SCHEMA"))
			rc = supersede(&seen, old, key, err);
	}
	for (size_t i = 0; i < a->rows.n; i++) {
		if (a->rows.v[i].settled && a->rows.v[i].state == WB_OLD_FAILED)
			failed = &a->rows.v[i];
	}
	wb_map_done(&seen);
	if (rc < 0 || !failed)
		return rc;
	return half_done(a, failed, "recorded the failure of", "clean up by hand and run `flyway repair`", err);
}

/* ---- golang-migrate, tern: one row that says how far ------------------------------------ */

int wb_settle_single(struct wb_adopt *a, struct wb_error *err)
{
	for (size_t i = 0; i < a->rows.n; i++) {
		struct wb_old *old = &a->rows.v[i];
		if (wb_adopt_true(old->cell[WB_OLD_OK])) /* the column is `dirty` */
			return half_done(a, old, "left as dirty",
					 "clean up by hand and tell it with `migrate force VERSION`", err);
		if (wb_adopt_number(old->cell[WB_OLD_VERSION], 0) <= 0)
			old->state = WB_OLD_NOTHING;
	}
	return 0;
}

/* ---- goose, sqlx, Atlas --------------------------------------------------------------------- */

int wb_settle_goose(struct wb_adopt *a, struct wb_error *err)
{
	struct wb_map seen = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < a->rows.n; i++) {
		struct wb_old *old = &a->rows.v[i];
		if (!wb_adopt_true(old->cell[WB_OLD_OK]))
			old->state = WB_OLD_UNDONE;
		if (!strcmp(old->cell[WB_OLD_VERSION], "0")) /* marks that the table was made */
			old->state = WB_OLD_NOTHING;
		else
			rc = supersede(&seen, old, old->cell[WB_OLD_VERSION], err);
	}
	wb_map_done(&seen);
	return rc;
}

int wb_settle_sqlx(struct wb_adopt *a, struct wb_error *err)
{
	for (size_t i = 0; i < a->rows.n; i++) {
		if (!wb_adopt_true(a->rows.v[i].cell[WB_OLD_OK]))
			return half_done(a, &a->rows.v[i], "began and did not finish",
					 "clean up by hand and delete its row, as sqlx asks for", err);
	}
	return 0;
}

int wb_settle_atlas(struct wb_adopt *a, struct wb_error *err)
{
	enum { BASELINE = 1 };
	(void)err;
	for (size_t i = 0; i < a->rows.n; i++) {
		struct wb_old *old = &a->rows.v[i];
		if (*old->cell[WB_OLD_VERSION] == '.') /* Atlas's own notes */
			old->state = WB_OLD_NOTHING;
		else if (wb_adopt_number(old->cell[WB_OLD_TYPE], 0) & BASELINE)
			old->state = WB_OLD_BASELINE;
		else if (old->done < old->total)
			old->state = WB_OLD_FAILED;
	}
	return 0;
}

/* ---- Liquibase ---------------------------------------------------------------------------------- */

static int take_locked(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_adopt *a = user;
	if (!row->n || !wb_adopt_true(row->v[0].p))
		return 0;
	wb_err_set(err, WB_EBUSY, "Liquibase is at work on this database, or was killed: its lock is set");
	wb_err_detail(err, "%s holds it", row->n > 1 && row->v[1].p ? row->v[1].p : "somebody");
	wb_err_hint(err, "wait for it; when nobody is there, `liquibase release-locks`");
	(void)a;
	return WB_EBUSY;
}

int wb_settle_liquibase(struct wb_adopt *a, struct wb_error *err)
{
	struct wb_error missing = { 0 };
	int rc = wb_adopt_select(a, a->table.tool->locked, "locked lockedby", NULL, take_locked, a, &missing);
	if (rc == WB_ESQL) /* it never ran against this database itself */
		rc = 0;
	if (rc < 0 && err)
		*err = missing;
	for (size_t i = 0; i < a->rows.n; i++) {
		if (is_type(&a->rows.v[i], "FAILED") || is_type(&a->rows.v[i], "SKIPPED"))
			a->rows.v[i].state = WB_OLD_NOTHING;
	}
	return rc;
}

/* ---- Sqitch: its log of events is the richer history ---------------------------------------------- */

static int take_event(void *user, const struct wb_row *row, struct wb_error *err)
{
	enum { EVENT, CHANGE, PROJECT, AT, BY, NOTE, COUNT };
	struct wb_adopt *a = user;
	struct wb_old old = { .settled = true, .done = -1, .total = -1, .execution_ms = -1 };
	if (row->n < COUNT)
		return wb_err_set(err, WB_EBUG, "sqitch's events give %d columns", row->n);
	bool failed = wb_sv_eq(row->v[EVENT], WB_SV("fail"));
	old.state = failed ? WB_OLD_FAILED : wb_sv_eq(row->v[EVENT], WB_SV("revert")) ? WB_OLD_UNDONE : WB_OLD_APPLIED;
	old.cell[WB_OLD_VERSION] = wb_adopt_keep(a, row->v[CHANGE].p);
	old.cell[WB_OLD_TYPE] = wb_adopt_keep(a, row->v[PROJECT].p);
	old.cell[WB_OLD_BY] = wb_adopt_keep(a, row->v[BY].p);
	old.cell[WB_OLD_DESCRIPTION] = wb_adopt_keep(a, row->v[NOTE].p);
	old.at = wb_adopt_time(a, row->v[AT]);
	return !a->failed && wb_vec_push(&a->events, old) ? 0 : wb_err_nomem(err);
}

int wb_settle_sqitch(struct wb_adopt *a, struct wb_error *err)
{
	return wb_adopt_select(a, "events", "event change project committed_at committer_name note", "committed_at",
			       take_event, a, err);
}

/* ---- what people call it -------------------------------------------------------------------------------- */

const char *wb_old_label(struct wb_adopt *a, const struct wb_old *old)
{
	const char *version = old->cell[WB_OLD_VERSION] ? old->cell[WB_OLD_VERSION] : "";
	const char *label = version;
	if (a->table.tool->settle == wb_settle_sqitch)
		label = wb_arena_printf(&a->arena, "%s@%.7s", old->cell[WB_OLD_DESCRIPTION], version);
	else if (a->table.tool->settle == wb_settle_liquibase)
		label = wb_arena_printf(&a->arena, "%s::%s", version, old->cell[WB_OLD_BY]);
	else if (a->table.tool->check_all == wb_check_graphile && strlen(version) > 4)
		label = wb_arena_printf(&a->arena, "%.*s", (int)strlen(version) - 4, version);
	a->failed |= !label;
	return label ? label : "";
}
