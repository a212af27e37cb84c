/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory runs out at every single allocation of the calls that only look: the
 * answer is "out of memory" or whole, and nothing leaks.
 */
#include "tests.h"

#include <dirent.h>
#include <unistd.h>

static void files(struct place *p)
{
	put(p, "V1__a.sql",
	    "-- migrate:up\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nINSERT INTO nowhere VALUES (1);\n");
	p->o.event = NULL; /* the listeners allocate, too */
	p->o.log = NULL;
	assert_code(p, UP(p), WB_ESQL);
	put(p, "V1__a.sql", "CREATE TABLE a (x integer);\n");
	put(p, "V3__c.sql", "CREATE TABLES c (x integer);\n");
	wb_close(p->ctx);
	p->ctx = NULL;
}

int open_it(struct place *p, struct wb_context **ret)
{
	*ret = NULL;
	return wb_open(&p->o, ret, &p->err);
}

static int status(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_status *s = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_status(c, &s, &p->err);
	if (rc == 0) {
		assert_true(s->database && s->server && s->safe_url && s->current);
		for (size_t i = 0; i < s->n_applied; i++)
			assert_true(s->applied[i].file && s->applied[i].description && s->applied[i].applied_at &&
				    s->applied[i].checksum);
		for (size_t i = 0; i < s->n_pending; i++)
			assert_true(s->pending[i].file && s->pending[i].description && s->pending[i].checksum);
		assert_int_equal(s->n_problems, 2);
		for (size_t i = 0; i < s->n_problems; i++)
			assert_true(s->problems[i].message && s->problems[i].hint && s->problems[i].version);
	}
	wb_status_free(s);
	wb_close(c);
	return rc;
}

static int history_of(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_history *h = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_history(c, "V1", 0, &h, &p->err);
	if (rc == 0) {
		assert_int_equal(h->n_entries, 1);
		assert_true(h->entries[0].version && h->entries[0].who && h->entries[0].run && h->entries[0].at);
	}
	wb_history_free(h);
	wb_close(c);
	return rc;
}

static int plan_of(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_plan *plan = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_plan(c, NULL, &plan, &p->err);
	if (rc == 0) {
		assert_true(plan->current && plan->target && plan->digest && plan->n_notes == 4);
		for (size_t i = 0; i < plan->n_steps; i++)
			assert_true(plan->steps[i].version && plan->steps[i].file && plan->steps[i].command &&
				    plan->steps[i].object);
		for (size_t i = 0; i < plan->n_migrations; i++)
			assert_true(plan->migrations[i].file && plan->migrations[i].checksum &&
				    plan->migrations[i].description);
	}
	wb_plan_free(plan);
	wb_close(c);
	return rc;
}

static int validation(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_validation *v = NULL;
	struct wb_validate_options o = { .size = sizeof(o), .reversible = true };
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_validate(c, &o, &v, &p->err);
	if (rc == 0) {
		assert_int_equal(v->n_problems, 6);
		for (size_t i = 0; i < v->n_problems; i++)
			assert_true(v->problems[i].message && v->problems[i].version);
	}
	wb_validation_free(v);
	wb_close(c);
	return rc;
}

int oom_doctor(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_doctor *d = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_doctor(c, &d, &p->err);
	if (rc == 0)
		assert_true(d->n_findings > 1);
	wb_doctor_free(d);
	wb_close(c);
	return rc;
}

static int holders(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_locks *l = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_locks(c, &l, &p->err);
	wb_locks_free(l);
	wb_close(c);
	return rc;
}

static int see(void *user, size_t n, const char *const *names, const char *const *values)
{
	(void)user, (void)n, (void)names, (void)values;
	return 0;
}

static int query(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	char *text = NULL;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_read_query(c, "SELECT 1, 2", see, NULL, &p->err);
	if (rc == 0)
		rc = wb_journal_sql(c, &text, &p->err);
	free(text);
	wb_close(c);
	return rc;
}

static int new_file(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	char *path = NULL, *down = NULL;
	struct wb_new_file f = { .size = sizeof(f), .description = "x", .style = "paired" };
	(void)unlink(path_of(p, "0001_x.up.sql")); /* of a call that failed after it had written */
	(void)unlink(path_of(p, "0001_x.down.sql"));
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_new(c, &f, &path, &down, &p->err);
	assert_int_equal(rc == 0, path && down);
	free(path);
	free(down);
	wb_close(c);
	return rc;
}

static void test_looking(void **state)
{
	struct place *p = *state;
	static int (*const calls[])(void *) = { status, history_of, plan_of, validation, oom_doctor, holders, query };
	files(p);
	for (size_t i = 0; i < WB_ARRAY_LEN(calls); i++)
		assert_true(wb_oom_run(calls[i], p) > 5);
}

static void test_new_files(void **state)
{
	struct place *p = *state;
	p->o.event = NULL;
	p->o.log = NULL;
	assert_true(wb_oom_run(new_file, p) > 5);
}

static int round_trip(void *user)
{
	struct place *p = user;
	struct wb_context *c;
	struct wb_validation *v = NULL;
	struct wb_validate_options o = { .size = sizeof(o), .round_trip = true };
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_validate(c, &o, &v, &p->err);
	if (rc == 0) {
		assert_int_equal(v->n_problems, 1);
		assert_true(v->problems[0].message && v->problems[0].file && v->problems[0].version);
	}
	wb_validation_free(v);
	wb_close(c);
	return rc;
}

/* Flat, its name up to the next blank. */
static void remove_folder(const char *text)
{
	char path[300];
	int n = snprintf(path, sizeof(path), "%.*s", (int)strcspn(text, " "), text);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		(void)snprintf(path + n, sizeof(path) - (size_t)n, "/%s", e->d_name);
		(void)unlink(path);
	}
	if (d)
		closedir(d);
	path[n] = '\0';
	(void)rmdir(path);
}

/* Where there was no memory even for removing the scratch database, it says so by name. */
void remove_scratch(void *user, enum wb_log_level level, const char *message)
{
	static const char begin[] = "the scratch database ", folder[] = "the folder ";
	char path[160];
	(void)user, (void)level;
	if (wb_sv_starts(wb_sv_str(message), folder)) {
		remove_folder(message + strlen(folder));
		return;
	}
	if (!wb_sv_starts(wb_sv_str(message), begin))
		return;
	const char *name = message + strlen(begin);
	int n = snprintf(path, sizeof(path), "/tmp/%.*s.db", (int)strcspn(name, " "), name);
	(void)unlink(path);
	snprintf(path + n, sizeof(path) - (size_t)n, ".whimbrel-lock");
	(void)unlink(path);
}

/* Only the first of its three runs: the time that all this takes grows with its square. */
static void test_round_trip(void **state)
{
	struct place *p = *state;
	p->o.event = NULL;
	p->o.log = remove_scratch;
	p->o.log_level = WB_LOG_WARN;
	put(p, "V1__a.sql", "INSERT INTO nowhere VALUES (1);\n");
	assert_true(wb_oom_run(round_trip, p) > 30);
}

int test_memory(void)
{
	static const struct CMUnitTest tests[] = { TEST(test_looking), TEST(test_new_files), TEST(test_round_trip) };
	return RUN_GROUP("memory");
}
