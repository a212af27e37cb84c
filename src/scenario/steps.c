/* SPDX-License-Identifier: Apache-2.0
 *
 * A scenario that somebody wrote, step by step: setup, steps, assertions, and
 * cleanup in any case. A step that is to be killed runs in a process of its own,
 * which strikes itself; one that is to fail gets an error in place of the call.
 */
#include "scenario.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* ---- striking --------------------------------------------------------------------------------- */

struct strike {
	const struct wb_test_step *step;
	struct wb_context *c;
	int64_t seen;
};

/* What came before has reached the database: each statement is sent by itself. */
static void each(void *user, struct wb_context *c)
{
	struct strike *s = user;
	s->seen++;
	if (s->seen == s->step->kill_at)
		(void)kill(getpid(), SIGKILL);
	if (s->seen == s->step->fail_at && c->conn)
		c->conn->fault = (struct wb_fault){ .action = WB_FAULT_FAIL,
						    .point = WB_FAULT_BEFORE,
						    .n = c->conn->fault.calls + 1,
						    .calls = c->conn->fault.calls };
}

static void each_batch(void *user, const struct wb_event *event)
{
	struct strike *s = user;
	if (event->type == WB_EVENT_BATCH_STARTED)
		each(s, s->c);
}

static int never_struck(const struct wb_test_step *s, int64_t seen, struct wb_error *err)
{
	bool batches = s->act == WB_TEST_TRANSFORM;
	wb_err_set(err, WB_ENO, "it ended before %s %lld, where it was to be struck", batches ? "batch" : "statement",
		   (long long)(s->kill_at ? s->kill_at : s->fail_at));
	if (seen)
		wb_err_hint(err, "there are %lld", (long long)seen);
	return WB_ENO;
}

/* ---- acts --------------------------------------------------------------------------------------- */

typedef int (*act_fn)(struct bed *b, const struct wb_test_step *s, struct wb_error *err);

static const char *version_of(const struct wb_test_step *s)
{
	bool all = !s->text || !*s->text || strcmp(s->text, "latest") == 0 || strcmp(s->text, "last") == 0;
	return all ? NULL : s->text;
}

static int act_up(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	return bed_up(b, version_of(s), NULL, err);
}

static int run_as(struct bed *b, const struct wb_test_step *s, struct wb_error *err,
		  int (*run)(struct wb_context *, const struct wb_run_options *, struct wb_run_result **,
			     struct wb_error *))
{
	struct wb_run_options o = { .size = sizeof(o), .plan = { .size = sizeof(o.plan), .to = version_of(s) } };
	int rc = bed_ready(b, err);
	return rc < 0 ? rc : run(b->c, &o, NULL, err);
}

static int act_down(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	return run_as(b, s, err, wb_down);
}

static int act_redo(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	return run_as(b, s, err, wb_redo);
}

static int act_resume(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	return run_as(b, s, err, wb_resume);
}

/* A transaction that the text has begun ends with the error. */
static int run_statement(struct bed *b, const struct wb_test_step *s, const struct wb_item *item, struct wb_error *err)
{
	struct wb_query q = { .sql = item->text };
	struct wb_error ignored;
	size_t done, offset = SIZE_MAX;
	int rc = wb_run(b->c->conn, &q, 1, &done, &offset, err);
	if (rc < 0 && err && s->line)
		err->line = s->line + item->pos.line - 1;
	bool open = rc < 0 && !b->c->conn->lost && b->c->conn->in_transaction;
	if (open && wb_conn_rollback(b->c->conn, &ignored) < 0)
		bed_leave(b);
	return rc;
}

static int act_sql(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	struct wb_mem_reader text = { wb_sv_str(s->text) };
	struct wb_splitter *splitter = NULL;
	struct wb_item item = { .kind = WB_ITEM_STATEMENT };
	int rc = bed_ready(b, err);
	if (rc < 0)
		return rc;
	struct wb_split_options o = { .dialect = b->c->dialect, .read = wb_mem_read, .read_user = &text };
	rc = wb_split_new(&o, &splitter, err);
	while (rc == 0 && item.kind != WB_ITEM_END) {
		rc = wb_split_next(splitter, &item, err);
		if (rc == 0 && item.kind == WB_ITEM_STATEMENT)
			rc = run_statement(b, s, &item, err);
	}
	wb_split_free(splitter);
	return rc;
}

static int act_fill(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	struct trip_rows rows = { .arena = WB_ARENA_INIT, .wanted = s->number };
	struct wb_model *m = NULL;
	int rc = bed_model(b, &m, err);
	if (rc == 0)
		rc = wb_trip_fill(b->c, m, &rows, err);
	wb_model_free(m);
	wb_trip_rows_done(&rows);
	return rc;
}

static int act_transform(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	struct wb_transform_rules rules = { 0 };
	int rc = bed_ready(b, err);
	if (rc == 0 && !b->c->load_rules)
		return wb_err_set(err, WB_EUSAGE, "nobody reads rules here");
	if (rc == 0)
		rc = b->c->load_rules(b->c->rules_user, s->text, &rules, err);
	struct wb_transform_options o = { .size = sizeof(o), .no_checks = rules.no_checks };
	return rc < 0 ? rc : wb_transform(b->c, rules.v, rules.n, &o, NULL, err);
}

static int act_check(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	const struct wb_check_suite *suite = NULL;
	int rc = bed_ready(b, err);
	if (rc == 0 && !b->c->load_suite)
		return wb_err_set(err, WB_EUSAGE, "nobody reads suites here");
	if (rc == 0)
		rc = b->c->load_suite(b->c->load_user, s->text, &suite, err);
	return rc < 0 ? rc : wb_check_gate(b->c, &suite, 1, WB_ENO, err);
}

/* ---- assertions ------------------------------------------------------------------------------------ */

static int answer_is(const struct wb_test_step *s, const char *wanted, const char *is, struct wb_error *err)
{
	wb_err_set(err, WB_ENO, "the answer is %s, and should be %s", is ? is : "null", wanted);
	wb_err_detail(err, "%.300s", s->text);
	return WB_ENO;
}

static bool is_true(const char *text)
{
	static const char *const words[] = { "t", "true", "TRUE", "1" };
	for (size_t i = 0; text && i < WB_ARRAY_LEN(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

static int act_value(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct answer answer = { .a = &a };
	int rc = bed_ask(b, s->text, &answer, err);
	const char *wanted = s->act == WB_TEST_TRUE ? "true" : s->value;
	bool holds = s->act == WB_TEST_TRUE ? is_true(answer.first)
					    : strcmp(wanted, answer.first ? answer.first : "null") == 0;
	if (rc == 0 && !answer.lines.n)
		holds = false;
	if (rc == 0 && !holds)
		rc = answer_is(s, wanted, answer.lines.n ? answer.first : "no row", err);
	wb_vec_done(&answer.lines);
	return rc;
}

static int act_rows(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct answer answer = { .a = &a };
	int rc = bed_ask(b, s->text, &answer, err);
	if (rc == 0 && answer.lines.n != s->rows.n) {
		wb_err_set(err, WB_ENO, "the answer has %zu rows, and should have %zu", answer.lines.n, s->rows.n);
		wb_err_detail(err, "%.300s", s->text);
		rc = WB_ENO;
	}
	for (size_t i = 0; rc == 0 && i < s->rows.n; i++) {
		if (strcmp(answer.lines.v[i], s->rows.v[i]) == 0)
			continue;
		wb_err_set(err, WB_ENO, "row %zu is (%s), and should be (%s)", i + 1, answer.lines.v[i], s->rows.v[i]);
		wb_err_detail(err, "%.300s", s->text);
		rc = WB_ENO;
	}
	wb_vec_done(&answer.lines);
	return rc;
}

/* "name", "table.name", "schema.name", "schema.table.name"; of a function also without its arguments. */
static bool is_called(const struct wb_object *o, const char *text)
{
	const char *parts[] = { o->schema ? o->schema : "", o->parent ? o->parent : "", o->name };
	size_t bare = strcspn(o->name, "(");
	for (int with = 0; with < 4; with++) {
		wb_autostr s = WB_STR_INIT;
		if (((with & 1) && !o->parent) || ((with & 2) && !o->schema))
			continue;
		if (with & 2)
			wb_str_addf(&s, "%s.", parts[0]);
		if (with & 1)
			wb_str_addf(&s, "%s.", parts[1]);
		if (strncmp(s.p, text, s.n) != 0)
			continue;
		const char *rest = text + s.n;
		if (strcmp(rest, o->name) == 0 ||
		    (o->name[bare] && strlen(rest) == bare && strncmp(rest, o->name, bare) == 0))
			return true;
	}
	return false;
}

static bool has(const struct wb_model *m, enum wb_kind kind, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i]->kind == kind && is_called(m->v[i], name))
			return true;
	return false;
}

static int act_objects(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	wb_autostr wrong = WB_STR_INIT;
	struct wb_model *m = NULL;
	int rc = bed_model(b, &m, err);
	for (size_t i = 0; rc == 0 && i < s->objects.n; i++) {
		enum wb_kind kind;
		if (!wb_kind_find(s->objects.v[i].name, &kind))
			rc = wb_err_set(err, WB_EINPUT, "there is no kind \"%s\"", s->objects.v[i].name);
		else if (has(m, kind, s->objects.v[i].value) != (s->act == WB_TEST_EXISTS))
			wb_str_addf(&wrong, "%s%s %s", wrong.n ? ", " : "", s->objects.v[i].name,
				    s->objects.v[i].value);
	}
	wb_model_free(m);
	if (rc == 0 && wrong.failed)
		return wb_err_nomem(err);
	if (rc == 0 && wrong.n)
		rc = wb_err_set(err, WB_ENO, "%s: %s", s->act == WB_TEST_EXISTS ? "missing" : "there is still",
				wrong.p);
	return rc;
}

static int act_version(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	const char *is = NULL;
	int rc = bed_ready(b, err);
	if (rc == 0)
		rc = wb_newest_applied(b->c, &a, &is, err);
	if (rc == 0 && wb_version_cmp(is ? is : "0", s->text) != 0)
		rc = wb_err_set(err, WB_ENO, "the database stands at %s, and should at %s", is ? is : "nothing",
				s->text);
	return rc;
}

static int act_schema(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	struct wb_schema *other = NULL;
	struct wb_model *m = NULL;
	bool of_setup = strcmp(s->text, "setup") == 0;
	int rc = bed_model(b, &m, err);
	if (rc == 0 && !of_setup)
		rc = wb_schema_read(b->c, s->text, b->o->schema, &other, err);
	const struct wb_model *was = of_setup ? b->start
				     : other  ? ((const struct schema_box *)(const void *)other)->model
					      : NULL;
	if (rc == 0 && was)
		rc = same_schema(was, m,
				 of_setup ? "the schema is not what it was after the setup" : "the schema is another",
				 err);
	wb_model_free(m);
	wb_schema_free(other);
	return rc;
}

static const struct {
	const char *name;
	act_fn act;
} acts[WB_TEST_ACT_COUNT] = {
	[WB_TEST_UP] = { "up", act_up },
	[WB_TEST_DOWN] = { "down", act_down },
	[WB_TEST_REDO] = { "redo", act_redo },
	[WB_TEST_RESUME] = { "resume", act_resume },
	[WB_TEST_SQL] = { "sql", act_sql },
	[WB_TEST_FILL] = { "fill", act_fill },
	[WB_TEST_TRANSFORM] = { "transform", act_transform },
	[WB_TEST_CHECK] = { "check", act_check },
	[WB_TEST_TRUE] = { "holds", act_value },
	[WB_TEST_EQUALS] = { "query", act_value },
	[WB_TEST_ROWS] = { "rows", act_rows },
	[WB_TEST_EXISTS] = { "exists", act_objects },
	[WB_TEST_MISSING] = { "missing", act_objects },
	[WB_TEST_VERSION] = { "version", act_version },
	[WB_TEST_SCHEMA] = { "schema", act_schema },
};

WB_API const char *wb_test_act_name(enum wb_test_act act)
{
	return (unsigned)act < WB_TEST_ACT_COUNT && acts[act].name ? acts[act].name : "";
}

/* ---- one step ---------------------------------------------------------------------------------------- */

static void watch(struct bed *b, struct strike *s)
{
	s->c = b->c;
	b->c->each = each;
	b->c->each_user = s;
	b->c->sink.event = s->step->act == WB_TEST_TRANSFORM ? each_batch : NULL;
	b->c->sink.event_user = s;
}

static int act_struck(struct bed *b, void *user, struct wb_error *err)
{
	struct strike *s = user;
	watch(b, s);
	int rc = acts[s->step->act].act(b, s->step, err);
	return rc < 0 ? rc : never_struck(s->step, s->seen, err);
}

static int fail_at(struct bed *b, struct strike *s, struct wb_error *err)
{
	struct wb_error why = { 0 };
	int rc = bed_ready(b, err);
	if (rc < 0)
		return rc;
	watch(b, s);
	rc = acts[s->step->act].act(b, s->step, &why);
	if (rc == 0 || s->seen < s->step->fail_at)
		rc = rc < 0 ? rc : never_struck(s->step, s->seen, &why);
	else if (!s->step->fails)
		rc = 0; /* it failed, as it was to */
	if (rc < 0 && err)
		*err = why;
	bed_leave(b);
	return rc;
}

static int act(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	struct strike strike = { .step = s };
	bool killed = false;
	if (s->kill_at)
		return bed_beside(b, act_struck, &strike, &killed, err);
	return s->fail_at ? fail_at(b, &strike, err) : acts[s->act].act(b, s, err);
}

static int expect_error(const struct wb_test_step *s, int rc, const struct wb_error *why, struct wb_error *err)
{
	const char *text = s->error_message;
	if (rc == 0) {
		wb_err_set(err, WB_ENO, "it has succeeded, and should have failed");
		return WB_ENO;
	}
	bool code = !s->error_code || strcmp(s->error_code, wb_code_name(rc)) == 0 ||
		    strcmp(s->error_code, why->sqlstate) == 0;
	bool message =
		!text || strcasestr(why->message, text) || strcasestr(why->detail, text) || strcasestr(why->hint, text);
	if (code && message)
		return 0;
	wb_err_set(err, WB_ENO, "it has failed in another way: %s%s%s", wb_code_name(rc), *why->sqlstate ? " " : "",
		   why->sqlstate);
	wb_err_detail(err, "%s%s%s", why->message, *why->detail ? ": " : "", why->detail);
	return WB_ENO;
}

static int measured(struct bed *b, const struct wb_test_step *s, struct wb_error *err)
{
	const struct wb_test_limits *l = &s->limits;
	struct verdict v = { .rows_per_s = -1 };
	struct counts counts = { .arena = WB_ARENA_INIT };
	struct wb_model *m = NULL;
	int64_t before = 0, after = 0, began;
	int rc = l->rows_per_s ? bed_model(b, &m, err) : 0;
	if (rc == 0 && l->rows_per_s)
		rc = counts_take(b, m, false, &counts, err);
	if (rc == 0 && l->growth_kb)
		rc = bed_size(b, &before, err);
	began = wb_now_us();
	if (rc == 0)
		rc = act(b, s, err);
	v.migration_ms = (wb_now_us() - began) / 1000;
	if (rc == 0 && l->growth_kb)
		rc = bed_size(b, &after, err);
	v.growth_kb = (after - before) / 1024;
	v.rows_per_s = l->rows_per_s ? counts.rows * 1000 / (v.migration_ms ? v.migration_ms : 1) : -1;
	v.peak_rss_kb = wb_proc_peak_rss_kb();
	wb_model_free(m);
	counts_done(&counts);
	return rc < 0 ? rc : within(l, &v, err);
}

/* What a step means to do is said before what went wrong with it. */
static int step(struct bed *b, const struct wb_test_step *s, const char *file, struct wb_error *err)
{
	struct wb_error why = { 0 };
	int rc = measured(b, s, &why);
	if (s->fails && !(rc < 0 && could_not_look(rc))) {
		struct wb_error otherwise = { 0 };
		rc = expect_error(s, rc, &why, &otherwise);
		why = otherwise;
	}
	if (rc == 0)
		return 0;
	if (!*why.file && file) {
		(void)wb_sv_copy(wb_sv_str(file), why.file, sizeof(why.file));
		why.line = why.line ? why.line : s->line;
	}
	wb_err_prefix(&why, "%s%s%s", acts[s->act].name, version_of(s) && s->act <= WB_TEST_RESUME ? " " : "",
		      version_of(s) && s->act <= WB_TEST_RESUME ? s->text : "");
	if (err)
		*err = why;
	return rc;
}

static int steps(struct bed *b, const struct wb_test_steps *list, const struct job *j, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		rc = step(b, &list->v[i], j->scenario->file, err);
	return rc;
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static bool asks_for_start(const struct wb_test_steps *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].act == WB_TEST_SCHEMA && strcmp(list->v[i].text, "setup") == 0)
			return true;
	return false;
}

static int expected_outcome(struct bed *b, const struct job *j, struct wb_error *err)
{
	struct wb_error why = { 0 };
	int rc = steps(b, &j->scenario->steps, j, &why);
	if (rc < 0 && j->scenario->fails && !could_not_look(rc))
		return 0;
	if (rc == 0 && j->scenario->fails) {
		wb_err_set(err, WB_ENO, "all steps have succeeded, and one should have failed");
		if (j->scenario->file)
			wb_err_place(err, j->scenario->file, j->scenario->line, 0);
		return WB_ENO;
	}
	if (rc < 0 && err)
		*err = why;
	return rc;
}

int scenario_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	const struct wb_test_scenario *s = j->scenario;
	struct wb_error last;
	int rc = steps(b, &s->setup, j, err);
	(void)v;
	if (rc < 0)
		wb_err_prefix(err, "setup");
	if (rc == 0 && (asks_for_start(&s->steps) || asks_for_start(&s->assertions)))
		rc = bed_model(b, &b->start, err);
	if (rc == 0)
		rc = expected_outcome(b, j, err);
	if (rc == 0)
		rc = steps(b, &s->assertions, j, err);
	if (could_not_look(rc))
		return rc;
	int clean = steps(b, &s->cleanup, j, &last);
	if (rc == 0 && clean < 0) {
		wb_err_prefix(&last, "cleanup");
		*err = last;
	}
	return rc < 0 ? rc : clean;
}
