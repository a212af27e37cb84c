/* SPDX-License-Identifier: Apache-2.0
 *
 * A program as a check. It ends with 0 when all is well and with 1 when it is
 * not; anything else, also a signal or too long a time, means that it could not
 * look. Each line that it prints is a finding of its own, unless it is of
 * severity info. It reaches the database by DATABASE_URL.
 */
#include "check/check.h"

#include "base/banned.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define FINDINGS_MAX 1000

struct program {
	struct wb_checking *k;
	struct wb_str line; /* what has come of the one that is not whole */
	size_t found;
};

static void tell(struct program *p, const struct wb_check_line *line)
{
	struct wb_checking *k = p->k;
	for (size_t i = 0; i < line->n_details; i++) {
		struct wb_check_fact fact = { .value = line->details[i] };
		k->nomem |= !wb_vec_push(&k->facts, fact);
	}
	k->severity = line->severity;
	k->message = wb_arena_str(&k->arena, line->message);
	k->nomem |= !k->message;
	wb_check_fail(k);
	p->found++;
}

static int take_line(struct program *p, struct wb_error *err)
{
	struct wb_checks *run = p->k->run;
	const char *text = p->line.p;
	struct wb_check_line line = { .severity = p->k->check->severity, .message = text };
	int rc = 0;
	if (wb_sv_trim(wb_str_sv(&p->line)).n == 0)
		return 0;
	if (run->suite->line) {
		pthread_mutex_lock(&run->line);
		rc = run->suite->line(run->suite->line_user, text, &line);
		if (rc == 0 && line.severity != WB_CHECK_INFO && p->found < FINDINGS_MAX)
			tell(p, &line);
		pthread_mutex_unlock(&run->line);
	} else if (p->found < FINDINGS_MAX) {
		tell(p, &line);
	}
	return rc == 0 ? 0 : wb_err_set(err, WB_EINPUT, "a line that it printed is not understood: %.200s", text);
}

/* A buffer that failed below its ceiling had no memory. */
static int too_long(const struct program *p, struct wb_error *err)
{
	return p->line.n + 1 < LINE_MAX_BYTES ? wb_err_nomem(err)
					      : wb_err_set(err, WB_EINPUT, "it printed a line that is too long");
}

static int take_output(void *user, const char *text, size_t n, struct wb_error *err)
{
	struct program *p = user;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (text[i] != '\n') {
			wb_str_addc(&p->line, text[i]);
			continue;
		}
		rc = p->line.failed ? too_long(p, err) : take_line(p, err);
		wb_str_clear(&p->line);
	}
	return rc;
}

static int tick(void *user, struct wb_error *err)
{
	const struct program *p = user;
	int rc = wb_check_tick(p->k);
	if (rc < 0 && p->k->kept_rc && err)
		*err = p->k->kept;
	else if (rc == WB_ETIMEOUT)
		wb_err_set(err, rc, "it ran longer than it may");
	else if (rc < 0)
		wb_err_set(err, rc, "cancelled");
	return rc;
}

static int run_it(struct program *p, int *ret_status, struct wb_error *err)
{
	struct wb_checking *k = p->k;
	const struct wb_check_asks *a = &k->check->asks;
	const char **argv = wb_arena_array(&k->arena, a->run.n + 1, sizeof(*argv));
	const char *url = k->run->place->url;
	const char *env[2] = { url ? wb_arena_printf(&k->arena, "DATABASE_URL=%s", url) : NULL, NULL };
	struct wb_proc_run run = { .argv = argv,
				   .env = env,
				   .in = -1,
				   .out = take_output,
				   .tick = tick,
				   .user = p,
				   .ret_status = ret_status,
				   .dir = k->run->suite->folder };
	if (!argv || (url && !env[0]))
		return wb_err_nomem(err);
	for (size_t i = 0; i < a->run.n; i++)
		argv[i] = a->run.v[i];
	return wb_proc_run(&run, err);
}

int wb_check_command(struct wb_checking *k, struct wb_error *err)
{
	struct program p = { .k = k, .line = WB_STR_INIT };
	const struct wb_conn *inside = k->run->place->inside;
	int status = 0, rc;
	if (inside && inside->in_transaction) {
		wb_err_set(err, WB_EUNSUPPORTED, "a program cannot see what the migration has not committed yet");
		wb_err_hint(err, "put it into a suite of `check_after`, or into one that `migrate:require` names");
		return WB_EUNSUPPORTED;
	}
	p.line.max = LINE_MAX_BYTES;
	rc = run_it(&p, &status, err);
	if (rc == 0 && p.line.failed)
		rc = too_long(&p, err);
	else if (rc == 0 && p.line.n)
		rc = take_line(&p, err);
	if (rc == 0 && status > 1)
		rc = wb_err_set(err, WB_EIO, "%s ended with status %d", k->check->asks.run.v[0], status);
	wb_str_done(&p.line);
	if (rc < 0)
		return rc;
	wb_check_text(k, "command", k->check->asks.run.v[0]);
	wb_check_number(k, "status", status);
	if (status == 1 && !p.found)
		wb_check_fail(k);
	return k->nomem ? wb_err_nomem(err) : 0;
}
