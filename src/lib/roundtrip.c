/* SPDX-License-Identifier: Apache-2.0
 *
 * validate --round-trip: each migration up, down and up again on a scratch
 * database of its own, beside the real one, where tables have a few made-up
 * rows. After it is reverted the schema must be what it was, and the rows, too;
 * the second up must make what the first did. At the end everything is reverted
 * at once, and applied once more.
 */
#include "roundtrip.h"

struct trip {
	struct wb_context *c; /* the scratch database */
	const struct wb_schema_options *o; /* what counts; NULL: all */
	struct wb_problem_list *p;
	struct trip_rows rows;
	struct wb_error *err;
	bool stuck; /* it cannot go on */
	bool emptied; /* the made-up rows were in its way */
	bool stays; /* something cannot be reverted */
};

/* ---- what is found ----------------------------------------------------------------------- */

static int report(struct trip *t, const struct wb_migration *m, bool warning, const char *what, const char *detail,
		  const char *hint)
{
	struct wb_error e;
	if (m)
		wb_err_set(&e, WB_ENO, "migration %s: %s", m->version, what);
	else
		wb_err_set(&e, WB_ENO, "%s", what);
	wb_err_detail(&e, "%s", detail);
	wb_err_hint(&e, "%s", hint);
	if (m) {
		wb_err_place(&e, m->file, 0, 0);
		(void)wb_sv_copy(wb_sv_str(m->version), e.version, sizeof(e.version));
	}
	int rc = wb_problems_add_error(t->p, "round_trip", &e, t->err);
	if (rc == 0)
		t->p->list.v.v[t->p->list.v.n - 1].warning = warning;
	return rc;
}

static int failed(struct trip *t, const char *way, struct wb_error *cause)
{
	/* These say nothing about the files. */
	bool could_not_look = cause->code == WB_ENOMEM || cause->code == WB_ECONN || cause->code == WB_ECANCELLED;
	t->stuck = true;
	if (could_not_look && t->err)
		*t->err = *cause;
	if (could_not_look)
		return cause->code;
	if (wb_problems_tell(t->p, cause))
		return 0;
	wb_err_prefix(cause, "%s", way);
	return wb_problems_add_error(t->p, "round_trip", cause, t->err);
}

static void add_difference(const struct wb_difference *d, struct wb_str *out)
{
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	wb_str_addf(out, "%s%s ", out->n ? "; " : "", wb_kind_name(o->kind));
	out->failed |= !wb_object_path(o, out);
	if (d->type == WB_DIFF_CHANGED)
		wb_str_addf(out, ": %s was %s and is %s", d->attribute,
			    d->expected_value ? d->expected_value : "not there",
			    d->actual_value ? d->actual_value : "not there");
	else
		wb_str_add(out, d->type == WB_DIFF_MISSING ? " is missing" : " is left");
}

#define NAMED 8

void wb_trip_words(const struct wb_diff *d, struct wb_str *out)
{
	for (size_t i = 0; i < d->n && i < NAMED; i++)
		add_difference(&d->v[i], out);
	if (d->n > NAMED)
		wb_str_addf(out, "; and %zu more", d->n - NAMED);
}

static int compare(struct trip *t, const struct wb_migration *m, const struct wb_model *was, const struct wb_model *is,
		   const char *what)
{
	wb_autostr s = WB_STR_INIT;
	struct wb_diff d = { 0 };
	int rc = wb_schema_diff(was, is, &d, t->err);
	wb_trip_words(&d, &s);
	if (rc == 0 && d.n)
		rc = s.failed ? wb_err_nomem(t->err)
			      : report(t, m, false, what, s.p, "let the down part undo all that the up part made");
	wb_diff_done(&d);
	return rc;
}

/* Places of columns do not count as a difference, but somebody may care. */
static int compare_places(struct trip *t, const struct wb_migration *m, const struct wb_model *was,
			  const struct wb_model *is)
{
	wb_autostr s = WB_STR_INIT;
	for (size_t i = 0; i < was->n; i++) {
		const struct wb_object *a = was->v[i], *b;
		const char *from = wb_object_get(a, "position"), *to;
		b = a->kind == WB_KIND_COLUMN ? wb_model_find(is, a->kind, a->schema, a->parent, a->name) : NULL;
		to = b ? wb_object_get(b, "position") : NULL;
		if (!from || !to || !strcmp(from, to))
			continue;
		wb_str_add(&s, s.n ? ", " : "");
		s.failed |= !wb_object_path(a, &s);
	}
	if (s.failed)
		return wb_err_nomem(t->err);
	return s.n ? report(t, m, true, "columns stand at another place after it was reverted", s.p,
			    "programs that name their columns do not notice")
		   : 0;
}

static const char *checksum_of(const struct trip_print *p, const char *table)
{
	for (size_t i = 0; i < p->tables.n; i++)
		if (!strcmp(p->tables.v[i].name, table))
			return p->tables.v[i].checksum;
	return NULL;
}

/* The journal's tables change with every run. */
static bool is_journal(const struct trip *t, const char *table)
{
	struct wb_sv name = wb_sv_str(table);
	const char *own = t->c->o.journal_schema ? t->c->o.journal_schema : "whimbrel";
	if (*name.p == '"')
		name = wb_sv(name.p + 1, name.n - 1);
	return wb_sv_starts(name, own) && strlen(own) < name.n && strchr("_.\"", name.p[strlen(own)]);
}

static int compare_rows(struct trip *t, const struct wb_migration *m, const struct trip_print *was,
			const struct trip_print *is)
{
	wb_autostr s = WB_STR_INIT;
	for (size_t i = 0; i < was->tables.n; i++) {
		const char *now = checksum_of(is, was->tables.v[i].name);
		if (now && strcmp(now, was->tables.v[i].checksum) && !is_journal(t, was->tables.v[i].name))
			wb_str_addf(&s, "%s%s", s.n ? ", " : "", was->tables.v[i].name);
	}
	if (s.failed)
		return wb_err_nomem(t->err);
	return s.n ? report(t, m, true, "rows are not what they were after it was reverted", s.p,
			    "what a migration drops or overwrites no down part brings back: keep it in another table, "
			    "or "
			    "take a backup first")
		   : 0;
}

/* ---- the legs -------------------------------------------------------------------------------- */

static int look(struct trip *t, struct wb_model **ret_m)
{
	struct wb_schema_options o = { .size = sizeof(o) };
	return wb_schema_model(t->c, t->o ? t->o : &o, ret_m, t->err);
}

static int go(struct trip *t, bool down, const char *to, struct wb_error *ret_why)
{
	struct wb_run_options o = { .size = sizeof(o), .plan = { .size = sizeof(o.plan), .to = to } };
	*ret_why = (struct wb_error){ 0 };
	return (down ? wb_down : wb_up)(t->c, &o, NULL, ret_why);
}

/* Where rows are in its way, it is tried without: that is worth a warning. */
static int first_up(struct trip *t, const struct wb_migration *m)
{
	struct wb_error why, again;
	int rc = go(t, false, m->version, &why);
	if (rc == 0 || !t->rows.filled.n || rc == WB_ENOMEM || rc == WB_ECONN || rc == WB_ECANCELLED)
		return rc == 0 ? 0 : failed(t, "up on an empty scratch database failed", &why);
	wb_trip_empty(t->c, &t->rows);
	t->emptied = true;
	if (go(t, false, m->version, &again) < 0)
		return failed(t, "up on an empty scratch database failed", &again);
	return report(t, m, true, "it fails where tables have rows", why.message,
		      "give new columns that must have a value a default, or fill them before");
}

static int second_up(struct trip *t, const struct wb_migration *m, const struct wb_model *first)
{
	struct wb_error why;
	struct wb_model *second = NULL;
	if (go(t, false, m->version, &why) < 0)
		return failed(t, "up failed after the migration had been reverted", &why);
	int rc = look(t, &second);
	if (rc == 0)
		rc = compare(t, m, first, second, "the second up made other objects than the first");
	wb_model_free(second);
	return rc;
}

static int no_way_down(struct trip *t, const struct wb_migration *m, const struct wb_error *why)
{
	t->stays = true;
	return report(t, m, false, "it cannot be reverted", *why->detail ? why->detail : why->message,
		      "write a `-- migrate:down` section; without one it stays, and so does what comes before it");
}

static int down_and_up(struct trip *t, const struct wb_migration *m, const char *before, const struct wb_model *start,
		       const struct trip_print *print)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_model *first = NULL, *back = NULL;
	struct trip_print after = { 0 };
	struct wb_error why;
	int rc = look(t, &first);
	if (rc == 0 && go(t, true, before, &why) < 0)
		rc = why.code == WB_EIRREVERSIBLE ? no_way_down(t, m, &why) : failed(t, "down failed", &why);
	else if (rc == 0 && (rc = look(t, &back)) == 0)
		rc = compare(t, m, start, back, "objects are left, or missing, after it was reverted");
	if (rc == 0 && back)
		rc = compare_places(t, m, start, back);
	if (rc == 0 && back)
		rc = wb_trip_print(t->c, &a, &after, t->err);
	if (rc == 0 && back)
		rc = compare_rows(t, m, print, &after);
	if (rc == 0 && back)
		rc = second_up(t, m, first);
	wb_vec_done(&after.tables);
	wb_model_free(first);
	wb_model_free(back);
	return rc;
}

static int one(struct trip *t, const struct wb_migration *m, const char *before)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_model *start = NULL;
	struct trip_print print = { 0 };
	int rc = look(t, &start);
	if (rc == 0)
		rc = wb_trip_fill(t->c, start, &t->rows, t->err);
	if (rc == 0)
		rc = wb_trip_print(t->c, &a, &print, t->err);
	t->emptied = false;
	if (rc == 0)
		rc = first_up(t, m);
	if (rc == 0 && t->emptied && !t->stuck) {
		wb_vec_done(&print.tables);
		rc = wb_trip_print(t->c, &a, &print, t->err);
	}
	if (rc == 0 && !t->stuck)
		rc = down_and_up(t, m, before, start, &print);
	wb_vec_done(&print.tables);
	wb_model_free(start);
	return rc;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static const struct wb_migration *newest(const struct wb_source *s, enum wb_mig_kind kind)
{
	const struct wb_migration *m = NULL;
	for (size_t i = 0; i < s->n; i++)
		m = s->v[i]->kind == kind ? s->v[i] : m;
	return m;
}

static int whole(struct trip *t, const char *base, const char *last, const struct wb_model *start)
{
	struct wb_model *first = NULL, *back = NULL, *second = NULL;
	struct wb_error why;
	int rc = look(t, &first);
	if (rc == 0 && go(t, true, base ? base : "0", &why) < 0) {
		t->stays = why.code == WB_EIRREVERSIBLE;
		rc = failed(t, "down to nothing failed", &why);
	}
	if (rc == 0 && !t->stuck)
		rc = look(t, &back);
	if (rc == 0 && back)
		rc = compare(t, NULL, start, back, "objects are left, or missing, after everything was reverted");
	if (rc == 0 && back && go(t, false, last, &why) < 0)
		rc = failed(t, "up failed after everything had been reverted", &why);
	if (rc == 0 && back && !t->stuck)
		rc = look(t, &second);
	if (rc == 0 && second)
		rc = compare(t, NULL, first, second, "the second up made other objects than the first");
	wb_model_free(first);
	wb_model_free(back);
	wb_model_free(second);
	return rc;
}

/* Repeatables are untouched by down, and a baseline cannot be reverted: the trip is from there to the last versioned
 * migration and back, and only then all the rest runs. */
static int all(struct trip *t, const struct wb_source *files)
{
	const struct wb_migration *base = newest(files, WB_MIG_BASELINE), *last = newest(files, WB_MIG_VERSIONED);
	const char *before = base ? base->version : "0";
	struct wb_model *start = NULL;
	struct wb_error why;
	size_t found = t->p->list.v.n;
	int rc = 0;
	if (base && go(t, false, base->version, &why) < 0)
		rc = failed(t, "the baseline on an empty scratch database failed", &why);
	if (rc == 0 && !t->stuck)
		rc = look(t, &start);
	for (size_t i = 0; rc == 0 && !t->stuck && i < files->n; i++) {
		const struct wb_migration *m = files->v[i];
		if (m->kind != WB_MIG_VERSIONED || (base && wb_version_cmp(m->version, base->version) <= 0))
			continue;
		rc = one(t, m, before);
		before = m->version;
	}
	for (size_t i = found; i < t->p->list.v.n; i++)
		t->stays |= !t->p->list.v.v[i].warning;
	if (rc == 0 && !t->stuck && !t->stays && last)
		rc = whole(t, base ? base->version : NULL, last->version, start);
	if (rc == 0 && !t->stuck && go(t, false, NULL, &why) < 0)
		rc = failed(t, "the repeatable migrations failed", &why);
	wb_model_free(start);
	return rc;
}

/* ---- one by one, for scenarios ------------------------------------------------------------------- */

static int begin(struct trip *t, struct wb_context *scratch, const struct wb_schema_options *o,
		 struct wb_problem_list *p, struct wb_error *err)
{
	*t = (struct trip){ .c = scratch, .o = o, .p = p, .err = err, .rows = { .arena = WB_ARENA_INIT } };
	return wb_prepare(scratch, WB_NEED_SOURCE | WB_NEED_WRITE, err);
}

int wb_trip_one(struct wb_context *scratch, const struct wb_schema_options *o, const struct wb_migration *m,
		const char *before, struct wb_problem_list *p, bool *ret_stays, struct wb_error *err)
{
	struct trip t;
	int rc = begin(&t, scratch, o, p, err);
	if (rc == 0)
		rc = one(&t, m, before);
	*ret_stays = t.stays;
	wb_trip_rows_done(&t.rows);
	return rc;
}

int wb_trip_all(struct wb_context *scratch, const struct wb_schema_options *o, const struct wb_source *files,
		struct wb_problem_list *p, bool *ret_stays, struct wb_error *err)
{
	const struct wb_migration *base = newest(files, WB_MIG_BASELINE), *last = newest(files, WB_MIG_VERSIONED);
	struct wb_model *start = NULL;
	struct wb_error why;
	struct trip t;
	int rc = begin(&t, scratch, o, p, err);
	if (rc == 0)
		rc = look(&t, &start);
	if (rc == 0 && last && go(&t, false, last->version, &why) < 0)
		rc = failed(&t, "up on an empty scratch database failed", &why);
	if (rc == 0 && last && !t.stuck)
		rc = whole(&t, base ? base->version : NULL, last->version, start);
	*ret_stays = t.stays;
	wb_model_free(start);
	wb_trip_rows_done(&t.rows);
	return rc;
}

/* ---- validate ------------------------------------------------------------------------------------- */

int wb_validate_round_trip(struct wb_context *c, struct wb_problem_list *p, struct wb_error *err)
{
	struct wb_trial trial;
	if (!c->has_url)
		return wb_err_set(err, WB_EUSAGE, "--round-trip needs a database server: pass --url");
	int rc = wb_trial_open(c, NULL, &trial, err);
	struct trip t = { .c = trial.context, .p = p, .err = err, .rows = { .arena = WB_ARENA_INIT } };
	if (rc == 0) {
		trial.context->o.keep_snapshots = false;
		rc = wb_prepare(trial.context, WB_NEED_SOURCE | WB_NEED_WRITE, err);
	}
	if (rc == 0)
		rc = all(&t, c->source);
	wb_trip_rows_done(&t.rows);
	wb_trial_close(&trial);
	return rc;
}
