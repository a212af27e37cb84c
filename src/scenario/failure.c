/* SPDX-License-Identifier: Apache-2.0
 *
 * A migration that is struck in the middle: first it runs undisturbed, while its
 * calls of the database are counted, each statement by itself. Then, on a copy
 * each, the process is killed before the first call, the second, and so on, and
 * the call fails. Whatever was struck, the next up has to make the same schema,
 * and the same number of rows.
 */
#include "scenario.h"

#include <stdio.h>

#define STRUCK_MAX 24 /* calls; of more, so many spread over all */
#define SHARE 0.7 /* of the time that it may take */

struct failure {
	struct bed *b;
	const struct job *j;
	struct wb_model *model; /* as it comes out undisturbed */
	struct counts counts;
	long calls, first; /* first: that of the migration's first statement */
	int64_t until_ms;
	long kills, failures, places; /* that it has come through */
};

static void alone(void *user, struct wb_context *c)
{
	(void)user, (void)c;
}

static void note_first(void *user, struct wb_context *c)
{
	struct failure *f = user;
	if (!f->first && c->conn)
		f->first = c->conn->fault.calls + 1;
}

static int up_with(struct bed *b, const struct job *j, const struct wb_fault *fault, struct wb_error *err)
{
	struct wb_run_options o = { .size = sizeof(o), .plan = { .size = sizeof(o.plan), .to = j->m->version } };
	b->c->fault = fault;
	if (!b->c->each)
		b->c->each = alone;
	return wb_up(b->c, &o, NULL, err);
}

static int undisturbed(struct failure *f, struct wb_error *err)
{
	static const struct wb_fault count = { .action = WB_FAULT_COUNT };
	struct bed *b = f->b;
	int rc = bed_keep(b, err);
	if (rc == 0)
		rc = bed_context(b, err);
	if (rc == 0) {
		b->c->each = note_first;
		b->c->each_user = f;
		rc = up_with(b, f->j, &count, err);
		f->calls = b->c->conn ? b->c->conn->fault.calls : 0;
	}
	bed_leave(b);
	if (rc == 0)
		rc = bed_model(b, &f->model, err);
	return rc < 0 ? rc : counts_take(b, f->model, false, &f->counts, err);
}

/* ---- one strike ------------------------------------------------------------------------------- */

struct strike {
	const struct job *j;
	struct wb_fault fault;
};

static int act(struct bed *b, void *user, struct wb_error *err)
{
	const struct strike *s = user;
	return up_with(b, s->j, &s->fault, err);
}

static const char *place(const struct failure *f, const struct wb_fault *fault, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s call %ld of %ld",
		       fault->action == WB_FAULT_KILL ? "killed before" : "after a failure of", fault->n, f->calls);
	return buf;
}

/* What is there must be what the undisturbed run has made. */
static int compare(struct failure *f, struct wb_error *err)
{
	struct counts counts = { .arena = WB_ARENA_INIT };
	struct wb_model *m = NULL;
	wb_autostr s = WB_STR_INIT;
	int rc = bed_model(f->b, &m, err);
	if (rc == 0)
		rc = same_schema(f->model, m, "what up then makes is not what it makes undisturbed", err);
	if (rc == 0)
		rc = counts_take(f->b, m, false, &counts, err);
	if (rc == 0)
		counts_compare(&f->counts, &counts, true, &s);
	if (rc == 0 && s.n) {
		wb_err_set(err, WB_ENO, "what up then makes has other rows");
		wb_err_detail(err, "%s", s.p);
		rc = WB_ENO;
	}
	wb_model_free(m);
	counts_done(&counts);
	return rc;
}

static int strike(struct failure *f, const struct wb_fault *fault, struct wb_error *err)
{
	struct strike s = { f->j, *fault };
	struct wb_error why;
	bool killed = false;
	char where[64];
	int rc = bed_renew(f->b, err);
	if (rc == 0)
		rc = bed_context(f->b, err);
	/* That it fails is what is wanted. */
	int struck = rc < 0                           ? rc
		     : fault->action == WB_FAULT_KILL ? bed_beside(f->b, act, &s, &killed, &why)
						      : act(f->b, &s, &why);
	if (rc == 0 && struck < 0 && (struck == WB_ENOMEM || struck == WB_ECANCELLED)) {
		*err = why;
		rc = struck;
	}
	bed_leave(f->b);
	if (rc == 0)
		rc = bed_up(f->b, f->j->m->version, NULL, err);
	if (rc == 0)
		rc = compare(f, err);
	if (rc < 0 && !could_not_look(rc))
		wb_err_prefix(err, "%s", place(f, fault, where, sizeof(where)));
	if (rc == 0)
		*(fault->action == WB_FAULT_KILL ? &f->kills : &f->failures) += 1;
	return rc;
}

static int strike_all(struct failure *f, struct wb_error *err)
{
	static const enum wb_fault_action actions[] = { WB_FAULT_KILL, WB_FAULT_FAIL };
	long places = f->calls < STRUCK_MAX ? f->calls : STRUCK_MAX;
	int rc = 0;
	for (long i = 0; rc == 0 && i < places && wb_now_ms() < f->until_ms; i++) {
		/* From the last to the first: that is where something happens. */
		long n = places > 1 ? f->calls - i * (f->calls - 1) / (places - 1) : 1;
		for (size_t k = 0; rc == 0 && k < WB_ARRAY_LEN(actions); k++) {
			/* Before the first statement there is little to be spoilt: either, in turn. */
			if (n < f->first && (size_t)n % WB_ARRAY_LEN(actions) != k)
				continue;
			const struct wb_fault fault = { .action = actions[k], .point = WB_FAULT_BEFORE, .n = n };
			rc = strike(f, &fault, err);
		}
		f->places += rc == 0;
	}
	return rc;
}

int failure_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	struct failure f = { .b = b, .j = j, .counts = { .arena = WB_ARENA_INIT } };
	int rc;
	f.until_ms = wb_now_ms() + (int64_t)((double)j->timeout_ms * SHARE);
	rc = undisturbed(&f, err);
	if (rc == 0)
		rc = strike_all(&f, err);
	if (rc == 0)
		verdict_say(v, WB_TEST_PASSED, "killed %ld times and failed %ld times, at %ld of %ld calls", f.kills,
			    f.failures, f.places, f.calls);
	if (rc < 0 && !*err->file)
		wb_err_place(err, j->m->file, 0, 0);
	wb_model_free(f.model);
	counts_done(&f.counts);
	return rc;
}
