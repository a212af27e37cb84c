/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios written as SQL. Comment lines of the form `-- word: text` are
 * headings: of the file (suite, tags, timeout), of a scenario (scenario, tags,
 * ...), of its parts (setup, steps, assert, cleanup), of steps that are no SQL
 * (up, down, check, ...), and of the step that follows (error, equals, row).
 * Statements between them are steps; in `assert` each has to be true, or to
 * answer what stands before it. A word that means nothing is an error.
 */
#include "scenario.h"

enum part { PART_SETUP, PART_STEPS, PART_ASSERT, PART_CLEANUP, PART_COUNT };

struct file_box {
	struct wb_test_file view; /* first: wb_test_file_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_test_scenario) scenarios;
};
typedef WB_VEC(struct wb_test_step) step_list;

struct reading {
	struct file_box *b;
	const char *path;
	struct wb_sv text; /* all of it */
	const char *suite;
	struct wb_texts tags;
	int64_t timeout_ms;
	step_list parts[PART_COUNT]; /* of the scenario that is being read */
	enum part part;
	struct wb_test_step next; /* what was said of the next step: its error, its rows */
	bool said;
	WB_VEC(const char *) rows;
	struct wb_pos pos; /* of what is being read */
	struct wb_error *err;
};

/* ---- what is wrong ------------------------------------------------------------------------------- */

static int wrong(struct reading *r, const char *fmt, ...) WB_PRINTF(2, 3);
static int wrong(struct reading *r, const char *fmt, ...)
{
	wb_autostr s = WB_STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	wb_str_vaddf(&s, fmt, ap);
	va_end(ap);
	wb_err_set(r->err, WB_EINPUT, "%s", s.p);
	wb_err_place(r->err, r->path, r->pos.line, r->pos.column);
	wb_err_excerpt(r->err, r->text, (size_t)r->pos.offset);
	return WB_EINPUT;
}

static int nomem(struct reading *r)
{
	return wb_err_nomem(r->err);
}

static const char *keep(struct reading *r, struct wb_sv text)
{
	return wb_arena_sv(&r->b->arena, text);
}

/* ---- texts ------------------------------------------------------------------------------------------ */

static int take_list(struct reading *r, struct wb_sv text, struct wb_texts *ret)
{
	size_t n = 1;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == ',';
	const char **v = wb_arena_array(&r->b->arena, n, sizeof(*v));
	struct wb_sv one;
	n = 0;
	while (v && wb_sv_cut(&text, ',', &one))
		if (!(v[n++] = keep(r, wb_sv_trim(one))))
			v = NULL;
	*ret = (struct wb_texts){ v, n };
	return v ? 0 : nomem(r);
}

/* Of the folder that the scenarios are in. */
static int take_file(struct reading *r, struct wb_sv text, const char **ret)
{
	const char *slash = strrchr(r->path, '/'), *name = keep(r, text);
	const char *dir =
		slash ? wb_arena_sv(&r->b->arena, wb_sv(r->path, (size_t)(slash - r->path) + !(slash - r->path))) : ".";
	*ret = name && dir ? (slash ? wb_fs_join(&r->b->arena, dir, name) : name) : NULL;
	return *ret ? 0 : nomem(r);
}

/* "table books, column books.title" */
static int take_objects(struct reading *r, struct wb_sv text, struct wb_named_values *ret)
{
	struct wb_texts list;
	int rc = take_list(r, text, &list);
	struct wb_named_value *v = rc < 0 ? NULL : wb_arena_array(&r->b->arena, list.n + 1, sizeof(*v));
	if (rc < 0 || !v)
		return rc < 0 ? rc : nomem(r);
	for (size_t i = 0; i < list.n; i++) {
		const char *blank = strrchr(list.v[i], ' ');
		enum wb_kind kind;
		struct wb_sv word = wb_sv(list.v[i], blank ? (size_t)(blank - list.v[i]) : 0);
		if (!(v[i].name = keep(r, wb_sv_trim(word))))
			return nomem(r);
		if (!blank || !wb_kind_find(v[i].name, &kind))
			return wrong(r, "\"%s\" is no kind and name: table books, column books.title", list.v[i]);
		v[i].value = blank + 1;
	}
	*ret = (struct wb_named_values){ v, list.n };
	return list.n ? 0 : wrong(r, "no object is named");
}

/* ---- steps --------------------------------------------------------------------------------------------- */

static int push_step(struct reading *r, struct wb_test_step step)
{
	if (!r->b->scenarios.n)
		return wrong(r, "a step stands before the first `-- scenario: NAME`");
	step.line = r->pos.line;
	step.column = r->pos.column;
	step.fails = r->next.fails;
	step.error_code = r->next.error_code;
	step.error_message = r->next.error_message;
	r->next = (struct wb_test_step){ 0 };
	r->said = false;
	return wb_vec_push(&r->parts[r->part], step) ? 0 : nomem(r);
}

/* "latest kill_at:3" */
static int take_strikes(struct reading *r, struct wb_sv *text, struct wb_test_step *step)
{
	struct wb_sv all = *text, word, kept = { text->p, 0 };
	while (wb_sv_cut(&all, ' ', &word)) {
		bool kill = wb_sv_starts(word, "kill_at:"), fail = wb_sv_starts(word, "fail_at:");
		if (!kill && !fail) {
			kept.n = (size_t)(word.p + word.n - kept.p);
			continue;
		}
		int64_t *to = kill ? &step->kill_at : &step->fail_at;
		if (!wb_sv_i64(wb_sv(word.p + 8, word.n - 8), to) || *to < 1)
			return wrong(r, "%.*s has to be a number from 1 on", 7, word.p);
	}
	if (step->kill_at && step->fail_at)
		return wrong(r, "kill_at and fail_at exclude each other");
	*text = wb_sv_trim(kept);
	return 0;
}

static int act_step(struct reading *r, enum wb_test_act act, struct wb_sv text)
{
	struct wb_test_step step = { .act = act };
	int rc = 0;
	if (act <= WB_TEST_RESUME || act == WB_TEST_TRANSFORM)
		rc = take_strikes(r, &text, &step);
	if (rc < 0)
		return rc;
	if (act == WB_TEST_FILL && (!wb_sv_i64(text, &step.number) || step.number < 1))
		return wrong(r, "fill needs a number of rows");
	if (!text.n && act > WB_TEST_RESUME)
		return wrong(r, "%s needs something after the colon", wb_test_act_name(act));
	if (act == WB_TEST_EXISTS || act == WB_TEST_MISSING)
		rc = take_objects(r, text, &step.objects);
	else if (act == WB_TEST_TRANSFORM || act == WB_TEST_CHECK)
		rc = take_file(r, text, &step.text);
	else if (act == WB_TEST_SCHEMA && !wb_sv_eq(text, WB_SV("setup")) && !memchr(text.p, ':', text.n))
		rc = take_file(r, text, &step.text);
	else if (!(step.text = keep(r, text)))
		rc = nomem(r);
	return rc < 0 ? rc : push_step(r, step);
}

static int sql_step(struct reading *r, struct wb_sv sql)
{
	struct wb_test_step step = { .act = r->part == PART_ASSERT ? WB_TEST_TRUE : WB_TEST_SQL, .text = keep(r, sql) };
	const char **rows = wb_arena_array(&r->b->arena, r->rows.n + 1, sizeof(*rows));
	if (!step.text || !rows)
		return nomem(r);
	if (r->part == PART_ASSERT && r->next.fails)
		step.act = WB_TEST_SQL;
	if (r->next.value) {
		step.act = WB_TEST_EQUALS;
		step.value = r->next.value;
	}
	for (size_t i = 0; i < r->rows.n; i++)
		rows[i] = r->rows.v[i];
	if (r->rows.n) {
		step.act = WB_TEST_ROWS;
		step.rows = (struct wb_texts){ rows, r->rows.n };
	}
	r->rows.n = 0;
	return push_step(r, step);
}

/* ---- scenarios -------------------------------------------------------------------------------------------- */

static struct wb_test_scenario *current(struct reading *r)
{
	return r->b->scenarios.n ? &r->b->scenarios.v[r->b->scenarios.n - 1] : NULL;
}

static int nothing_open(struct reading *r)
{
	return r->said || r->rows.n ? wrong(r, "no statement comes after `error`, `equals` or `row`") : 0;
}

static bool give(struct reading *r, enum part part, struct wb_test_steps *to)
{
	size_t n = r->parts[part].n;
	struct wb_test_step *v = wb_arena_array(&r->b->arena, n + 1, sizeof(*v));
	if (v && n)
		memcpy(v, r->parts[part].v, n * sizeof(*v));
	*to = (struct wb_test_steps){ v, n };
	r->parts[part].n = 0;
	return v != NULL;
}

static int finish(struct reading *r)
{
	struct wb_test_scenario *s = current(r);
	int rc = nothing_open(r);
	if (rc < 0 || !s)
		return rc;
	if (!r->parts[PART_STEPS].n && !r->parts[PART_ASSERT].n && !s->skip)
		return wrong(r, "the scenario \"%s\" does nothing", s->name);
	return give(r, PART_SETUP, &s->setup) && give(r, PART_STEPS, &s->steps) &&
			       give(r, PART_ASSERT, &s->assertions) && give(r, PART_CLEANUP, &s->cleanup)
		       ? 0
		       : nomem(r);
}

static int begin_scenario(struct reading *r, struct wb_sv name)
{
	struct wb_test_scenario s = {
		.suite = r->suite, .tags = r->tags, .timeout_ms = r->timeout_ms, .file = r->path
	};
	int rc = finish(r);
	if (rc == 0 && !name.n)
		return wrong(r, "a scenario needs a name");
	s.name = keep(r, name);
	s.line = r->pos.line;
	r->part = PART_STEPS;
	return rc < 0 ? rc : s.name && wb_vec_push(&r->b->scenarios, s) ? 0 : nomem(r);
}

/* ---- headings ------------------------------------------------------------------------------------------------ */

enum word {
	WORD_SUITE,
	WORD_SCENARIO,
	WORD_DESCRIPTION,
	WORD_TAGS,
	WORD_TIMEOUT,
	WORD_EXPECT,
	WORD_SKIP,
	WORD_SETUP,
	WORD_STEPS,
	WORD_ASSERT,
	WORD_CLEANUP,
	WORD_ERROR,
	WORD_EQUALS,
	WORD_ROW,
	WORD_ACT
};
static const struct {
	const char *text;
	enum word word;
	bool alone; /* means something without a colon, too */
} words[] = {
	{ "suite", WORD_SUITE, false },     { "scenario", WORD_SCENARIO, false },
	{ "tags", WORD_TAGS, false },       { "description", WORD_DESCRIPTION, false },
	{ "timeout", WORD_TIMEOUT, false }, { "expect", WORD_EXPECT, false },
	{ "skip", WORD_SKIP, false },       { "setup", WORD_SETUP, true },
	{ "steps", WORD_STEPS, true },      { "assert", WORD_ASSERT, true },
	{ "cleanup", WORD_CLEANUP, true },  { "error", WORD_ERROR, true },
	{ "equals", WORD_EQUALS, false },   { "row", WORD_ROW, false },
};
/* Acts that stand in a comment; the others are statements. */
static const enum wb_test_act heading_acts[] = { WB_TEST_UP,        WB_TEST_DOWN,   WB_TEST_REDO,   WB_TEST_RESUME,
						 WB_TEST_FILL,      WB_TEST_CHECK,  WB_TEST_EXISTS, WB_TEST_MISSING,
						 WB_TEST_TRANSFORM, WB_TEST_SCHEMA, WB_TEST_VERSION };

struct heading {
	enum word word;
	enum wb_test_act act;
	struct wb_sv name, text;
	bool colon, known;
};

/* "-- word: text", "-- word" */
static bool parse(struct wb_sv comment, struct heading *h)
{
	struct wb_sv rest = wb_sv_trim(wb_sv(comment.p + 2, comment.n - 2));
	size_t n = 0;
	while (n < rest.n && ((rest.p[n] >= 'a' && rest.p[n] <= 'z') || rest.p[n] == '_'))
		n++;
	*h = (struct heading){ .name = { rest.p, n }, .colon = n < rest.n && rest.p[n] == ':' };
	if (!n || (n < rest.n && !h->colon))
		return false;
	h->text = h->colon ? wb_sv_trim(wb_sv(rest.p + n + 1, rest.n - n - 1)) : wb_sv("", 0);
	for (size_t i = 0; i < WB_ARRAY_LEN(words) && !h->known; i++) {
		h->known = wb_sv_eq(h->name, wb_sv_str(words[i].text)) && (h->colon || words[i].alone);
		h->word = words[i].word;
	}
	for (size_t i = 0; i < WB_ARRAY_LEN(heading_acts) && !h->known; i++) {
		enum wb_test_act act = heading_acts[i];
		h->known = wb_sv_eq(h->name, wb_sv_str(wb_test_act_name(act))) && (h->colon || act <= WB_TEST_RESUME);
		h->word = WORD_ACT;
		h->act = act;
	}
	return h->known || h->colon;
}

static bool is_heading(void *user, struct wb_sv comment)
{
	struct heading h;
	(void)user;
	return parse(comment, &h);
}

/* "23505 duplicate key", "WB_ESQL", "duplicate key" */
static int take_error(struct reading *r, struct wb_sv text)
{
	struct wb_sv rest = text, code;
	r->next.fails = r->said = true;
	if (wb_sv_cut(&rest, ' ', &code)) {
		bool state = code.n == 5 && strspn(code.p, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= 5;
		if (state || wb_sv_starts(code, "WB_E")) {
			r->next.error_code = keep(r, code);
			text = wb_sv_trim(rest);
			if (!r->next.error_code)
				return nomem(r);
		}
	}
	if (text.n && !(r->next.error_message = keep(r, text)))
		return nomem(r);
	return 0;
}

static int take_expect(struct reading *r, struct wb_test_scenario *s, struct wb_sv text)
{
	s->fails = wb_sv_eq(text, WB_SV("failure"));
	return s->fails || wb_sv_eq(text, WB_SV("success")) ? 0 : wrong(r, "expect has to be success or failure");
}

/* Of the file before the first scenario, else of that scenario. */
static int take_about(struct reading *r, const struct heading *h)
{
	struct wb_test_scenario *s = current(r);
	const char *text = keep(r, h->text);
	if (!text)
		return nomem(r);
	switch (h->word) {
	case WORD_SUITE:
		*(s ? &s->suite : &r->suite) = text;
		return 0;
	case WORD_TAGS:
		return take_list(r, h->text, s ? &s->tags : &r->tags);
	case WORD_TIMEOUT:
		return wb_sv_duration_ms(h->text, s ? &s->timeout_ms : &r->timeout_ms)
			       ? 0
			       : wrong(r, "timeout has to be a duration: 500ms, 30s, 2m");
	default:
		break;
	}
	if (!s)
		return h->word == WORD_DESCRIPTION ? 0 : wrong(r, "it stands before the first `-- scenario: NAME`");
	if (h->word == WORD_DESCRIPTION)
		s->description = text;
	else if (h->word == WORD_SKIP)
		s->skip = text;
	return h->word == WORD_EXPECT ? take_expect(r, s, h->text) : 0;
}

static int take_answer(struct reading *r, const struct heading *h)
{
	const char *text = keep(r, h->text);
	if (!text)
		return nomem(r);
	if (r->part != PART_ASSERT)
		return wrong(r, "`equals` and `row` stand in `assert`");
	if (h->word == WORD_ROW)
		return wb_vec_push(&r->rows, text) ? 0 : nomem(r);
	r->next.value = text;
	r->said = true;
	return 0;
}

static int take_heading(struct reading *r, struct wb_sv comment)
{
	struct heading h;
	if (!parse(comment, &h) || !h.known) {
		int rc = wrong(r, "there is no heading \"%.*s\"", WB_SV_ARG(h.name));
		wb_err_hint(r->err,
			    "headings are scenario, setup, steps, assert, cleanup, up, down, error, ... "
			    "(docs/scenarios.md); an ordinary comment does not begin with a word and a colon, or "
			    "is written as /* ... */");
		return rc;
	}
	if (h.word == WORD_SCENARIO)
		return begin_scenario(r, h.text);
	if (h.word <= WORD_SKIP)
		return take_about(r, &h);
	if (h.word == WORD_ERROR)
		return take_error(r, h.text);
	if (h.word == WORD_EQUALS || h.word == WORD_ROW)
		return take_answer(r, &h);
	if (h.word == WORD_ACT)
		return act_step(r, h.act, h.text);
	int rc = nothing_open(r);
	r->part = (enum part)(h.word - WORD_SETUP);
	return rc < 0 ? rc : current(r) ? 0 : wrong(r, "it stands before the first `-- scenario: NAME`");
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static int read_all(struct reading *r, enum wb_dialect dialect)
{
	struct wb_mem_reader text = { r->text };
	const struct wb_split_options o = {
		.dialect = dialect, .read = wb_mem_read, .read_user = &text, .heading = is_heading, .file = r->path
	};
	struct wb_splitter *splitter = NULL;
	struct wb_item item = { .kind = WB_ITEM_HEADING };
	int rc = wb_split_new(&o, &splitter, r->err);
	while (rc == 0 && item.kind != WB_ITEM_END) {
		rc = wb_split_next(splitter, &item, r->err);
		r->pos = item.pos;
		if (rc == 0 && item.kind == WB_ITEM_HEADING)
			rc = take_heading(r, item.text);
		else if (rc == 0 && item.kind == WB_ITEM_STATEMENT)
			rc = sql_step(r, item.text);
		else if (rc == 0 && item.kind != WB_ITEM_END)
			rc = wrong(r, "rows of COPY cannot stand in a scenario");
	}
	wb_split_free(splitter);
	return rc < 0 ? rc : finish(r);
}

WB_API int wb_test_parse_sql(struct wb_context *context, const char *path, const char *text, size_t size,
			     struct wb_test_file **ret_file, struct wb_error *err)
{
	struct file_box *b = calloc(1, sizeof(*b));
	struct reading r = { .b = b, .text = { text, size }, .part = PART_STEPS, .err = err };
	int rc = b ? 0 : wb_err_nomem(err);
	if (rc == 0 && !(r.path = wb_arena_str(&b->arena, path)))
		rc = wb_err_nomem(err);
	if (rc == 0)
		rc = read_all(&r, context->dialect);
	if (rc == 0 && !b->scenarios.n)
		rc = wrong(&r, "there is no `-- scenario: NAME` in it");
	for (size_t i = 0; i < PART_COUNT; i++)
		wb_vec_done(&r.parts[i]);
	wb_vec_done(&r.rows);
	if (rc < 0) {
		wb_test_file_free(b ? &b->view : NULL);
		return rc;
	}
	b->view.scenarios = b->scenarios.v;
	b->view.n_scenarios = b->scenarios.n;
	*ret_file = &b->view;
	return 0;
}

WB_API void wb_test_file_free(struct wb_test_file *file)
{
	struct file_box *b = (struct file_box *)(void *)file;
	if (!b)
		return;
	wb_vec_done(&b->scenarios);
	wb_arena_done(&b->arena);
	free(b);
}
