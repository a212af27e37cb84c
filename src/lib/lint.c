/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_lint: which files are meant (all, those named, those that git calls changed),
 * read in version order and shown to the rules, with what the database knows.
 */
#include "context.h"
#include "safety/lint.h"

#include <limits.h>
#include <stdlib.h>
#include <whimbrel/lint.h>

#define FILE_MAX ((size_t)256 << 20)
#define GIT_OUTPUT_MAX ((size_t)64 << 20)

/* A file that is no part of the folder: a source of its own. */
struct lone {
	const char *path;
	struct wb_source *source;
};

struct lint_box {
	struct wb_lint view; /* first: wb_lint_free gets its address */
	struct wb_lint_run run;
};

struct job {
	struct wb_context *c;
	struct wb_lint_options o;
	struct lint_box *b;
	struct wb_journal journal;
	struct wb_arena arena; /* of names, and of texts that a survey needs */
	struct wb_map meant; /* absolute paths that were chosen */
	WB_VEC(struct lone) lones;
	bool chosen; /* not all files */
	bool exact; /* there is a database, which says what is refused */
	struct wb_map pending;
	struct wb_embedded *staged; /* c->staged, while it is being made */
	struct wb_error *err;
};

/* ---- rules as data --------------------------------------------------------------------- */

WB_API size_t wb_lint_rules(void)
{
	return wb_rule_count();
}

WB_API void wb_lint_rule(size_t number, struct wb_lint_rule *ret_rule)
{
	static const char *const engines[] = {
		[WB_RULE_POSTGRES] = "postgresql", [WB_RULE_SQLITE] = "sqlite", [WB_RULE_BOTH] = "postgresql, sqlite"
	};
	const struct wb_rule *r = wb_rule_at(number);
	*ret_rule = (struct wb_lint_rule){ .id = r->id,
					   .level = r->level,
					   .engines = engines[r->flags & WB_RULE_BOTH],
					   .loses_data = r->flags & WB_RULE_LOSES,
					   .title = r->title,
					   .reason = r->reason,
					   .example = r->example,
					   .safe = r->safe };
}

WB_API bool wb_lint_rule_find(const char *id, struct wb_lint_rule *ret_rule)
{
	size_t i = wb_rule_find(id);
	if (i == wb_rule_count())
		return false;
	wb_lint_rule(i, ret_rule);
	return true;
}

/* ---- which files are meant ---------------------------------------------------------------- */

/* Where a file is, be it gone by now: then the folder that it was in. */
static bool real_path(const char *path, char real[PATH_MAX])
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	if (realpath(path, real))
		return true;
	int n = snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	if (n <= 0 || n >= PATH_MAX || !realpath(folder, real))
		return false;
	size_t at = strlen(real), rest = (size_t)PATH_MAX - at;
	n = snprintf(real + at, rest, "/%s", slash ? slash + 1 : path);
	return n > 0 && (size_t)n < rest;
}

static int mean(struct job *j, const char *path)
{
	char real[PATH_MAX];
	if (!real_path(path, real))
		return wb_err_errno(j->err, WB_EIO, "cannot read %s", path);
	const char *copy = wb_arena_str(&j->arena, real), *shown = wb_arena_str(&j->arena, path);
	if (!copy || !shown || !wb_map_put(&j->meant, wb_sv_str(copy), (void *)(uintptr_t)shown))
		return wb_err_nomem(j->err);
	return 0;
}

static int git(struct job *j, const char *const argv[], const char *what)
{
	wb_autostr names = WB_STR_INIT;
	int rc = wb_proc_output(argv, GIT_OUTPUT_MAX, &names, j->err);
	if (rc < 0 && rc != WB_ENOMEM) {
		wb_err_prefix(j->err, "git cannot tell %s", what);
		wb_err_hint(j->err, "the folder must be in a git work tree%s",
			    j->o.changed_since ? " that has the revision (in CI: fetch it with full depth)" : "");
	}
	for (size_t at = 0; rc == 0 && at < names.n; at += strlen(names.p + at) + 1) {
		char *path = wb_fs_join(&j->arena, j->c->o.dir, names.p + at);
		bool gone = path && !j->o.staged && !wb_fs_exists(path);
		rc = !path ? wb_err_nomem(j->err) : gone || strchr(names.p + at, '/') ? 0 : mean(j, path);
	}
	return rc;
}

/* What a branch has added since it left the other line; what is not committed yet counts, too. */
static int mean_changed(struct job *j)
{
	const char *dir = j->c->o.dir, *rev = j->o.changed_since;
	const char *diff[] = { "git",
			       "-C",
			       dir,
			       "diff",
			       "--merge-base",
			       "--no-renames",
			       "--relative",
			       "--name-only",
			       "-z",
			       "--diff-filter=AM",
			       rev,
			       "--",
			       ".",
			       NULL };
	const char *others[] = { "git", "-C", dir, "ls-files", "--others", "--exclude-standard", "-z", ".", NULL };
	if (!*rev || *rev == '-')
		return wb_err_set(j->err, WB_EUSAGE, "--changed-since needs the name of a revision");
	int rc = git(j, diff, "what has changed");
	return rc < 0 ? rc : git(j, others, "what is new");
}

static int mean_staged(struct job *j)
{
	const char *staged[] = { "git",          "-C",         j->c->o.dir,   "diff", "--cached",
				 "--no-renames", "--relative", "--name-only", "-z",   "--diff-filter=AM",
				 "--",           ".",          NULL };
	return git(j, staged, "what is staged");
}

/* ---- the folder as the next commit has it ------------------------------------------------- */

/* Names in what git has answered, each ended by a NUL. */
static size_t count_names(const struct wb_str *names)
{
	size_t n = 0;
	for (size_t i = 0; i < names->n; i++)
		n += !names->p[i];
	return n;
}

static int take_staged(struct job *j, const char *name, const char **ret_text)
{
	const char *object = wb_arena_printf(&j->arena, ":./%s", name);
	const char *show[] = { "git", "-C", j->c->o.dir, "cat-file", "blob", object, NULL };
	wb_autostr text = WB_STR_INIT;
	int rc = object ? wb_proc_output(show, FILE_MAX, &text, j->err) : wb_err_nomem(j->err);
	if (rc < 0)
		return rc;
	*ret_text = wb_arena_sv(&j->c->arena, wb_str_sv(&text));
	return *ret_text ? 0 : wb_err_nomem(j->err);
}

/* All files that the index has, so far without a text: what is not changed is read from the folder. */
static int list_staged(struct job *j)
{
	const char *all[] = { "git", "-C", j->c->o.dir, "ls-files", "--cached", "-z", ".", NULL };
	wb_autostr names = WB_STR_INIT;
	int rc = wb_proc_output(all, GIT_OUTPUT_MAX, &names, j->err);
	j->staged = rc == 0 ? wb_arena_array(&j->c->arena, count_names(&names) + 1, sizeof(*j->staged)) : NULL;
	if (!j->staged)
		return rc < 0 ? rc : wb_err_nomem(j->err);
	for (size_t at = 0; rc == 0 && at < names.n; at += strlen(names.p + at) + 1) {
		struct wb_embedded *last = j->c->n_staged ? &j->staged[j->c->n_staged - 1] : NULL;
		const char *name = names.p + at;
		if (strchr(name, '/') || (last && !strcmp(last->name, name)))
			continue;
		name = wb_arena_str(&j->c->arena, name);
		j->staged[j->c->n_staged++] = (struct wb_embedded){ name, NULL };
		rc = name ? 0 : wb_err_nomem(j->err);
	}
	j->c->staged = j->staged;
	return rc;
}

/* A file that differs from the index, and how. */
static int take_difference(struct job *j, char how, const char *name)
{
	for (size_t i = 0; i < j->c->n_staged; i++) {
		struct wb_embedded *e = &j->staged[i];
		if (strcmp(e->name, name) != 0)
			continue;
		if (how != 'A')
			return how == 'U' || e->text ? 0 : take_staged(j, name, &e->text);
		/* It was only announced (git add -N). */
		memmove(e, e + 1, (--j->c->n_staged - i) * sizeof(*e));
		return 0;
	}
	return 0;
}

static int read_staged(struct job *j)
{
	const char *changed[] = { "git", "-C", j->c->o.dir, "diff", "--no-renames", "--relative", "--name-status",
				  "-z",  "--", ".",         NULL };
	wb_autostr names = WB_STR_INIT;
	int rc = list_staged(j);
	if (rc == 0)
		rc = wb_proc_output(changed, GIT_OUTPUT_MAX, &names, j->err);
	for (size_t at = 0; rc == 0 && at < names.n;) {
		const char *how = names.p + at, *name = how + strlen(how) + 1;
		if (name >= names.p + names.n)
			break;
		rc = strchr(name, '/') ? 0 : take_difference(j, *how, name);
		at = (size_t)(name - names.p) + strlen(name) + 1;
	}
	return rc;
}

static int choose(struct job *j)
{
	int rc = 0;
	j->chosen = j->o.n_files || j->o.changed_since || j->o.staged;
	if ((j->o.changed_since || j->o.staged) && (j->o.n_files || (j->o.changed_since && j->o.staged)))
		return wb_err_set(j->err, WB_EUSAGE,
				  "files, --changed-since and --staged each choose what is looked at: one of them");
	if ((j->o.changed_since || j->o.staged) && !j->c->o.dir)
		return wb_err_set(j->err, WB_EUSAGE, "a folder of migrations is needed to ask git about");
	for (size_t i = 0; rc == 0 && i < j->o.n_files; i++)
		rc = wb_fs_exists(j->o.files[i]) ? mean(j, j->o.files[i])
						 : wb_err_errno(j->err, WB_EIO, "cannot read %s", j->o.files[i]);
	if (rc == 0 && j->o.changed_since)
		rc = mean_changed(j);
	if (rc == 0 && j->o.staged)
		rc = mean_staged(j);
	return rc == 0 && j->o.staged ? read_staged(j) : rc;
}

/* The path as the user wrote it, and true, when the file was chosen; it is then taken out of what is left to find. */
static const char *chosen_path(struct job *j, const char *file, bool *ret_is)
{
	char real[PATH_MAX];
	const char *shown = NULL;
	if (file && j->meant.n && real_path(file, real)) {
		for (size_t i = 0; i < j->meant.n; i++) {
			if (!wb_sv_eq(j->meant.entries[i].key, wb_sv_str(real)))
				continue;
			shown = j->meant.entries[i].value ? j->meant.entries[i].value : file;
			j->meant.entries[i].value = NULL;
			*ret_is = true;
		}
	}
	return shown ? shown : file;
}

/* ---- files that are no part of the folder ------------------------------------------------------ */

static bool is_down_name(const char *name)
{
	return strstr(name, ".down.") || (name[0] == 'U' && name[1] >= '0' && name[1] <= '9');
}

static int open_lone(struct job *j, const char *path)
{
	wb_autostr text = WB_STR_INIT;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct wb_source_options so = { .dialect = j->c->dialect,
					.engine = j->c->engine,
					.variables_default = j->c->o.variables_on };
	struct lone lone = { .path = path };
	int rc = wb_fs_read(path, FILE_MAX, &text, j->err);
	char *copy = rc == 0 ? wb_arena_sv(&j->arena, wb_str_sv(&text)) : NULL;
	if (!copy)
		return rc < 0 ? rc : wb_err_nomem(j->err);
	struct wb_embedded e[2] = { { name, copy }, { "1_file.down.sql", copy } };
	so.embedded = e;
	so.n_embedded = 1;
	rc = is_down_name(name) ? 0 : wb_source_open(&so, &lone.source, j->err);
	if (rc == 0 && (!lone.source || lone.source->n == 0)) {
		/* A name of no family: what it holds counts. */
		wb_source_free(lone.source);
		lone.source = NULL;
		e[0] = (struct wb_embedded){ "V1__file.sql", copy };
		if (is_down_name(name)) {
			e[0] = (struct wb_embedded){ "1_file.up.sql", "" };
			so.n_embedded = 2;
		}
		rc = wb_source_open(&so, &lone.source, j->err);
	}
	if (rc == 0 && !wb_vec_push(&j->lones, lone)) {
		wb_source_free(lone.source);
		rc = wb_err_nomem(j->err);
	}
	return rc;
}

static int look_at_lones(struct job *j)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < j->meant.n; i++) {
		const char *path = j->meant.entries[i].value;
		if (path && j->o.n_files)
			rc = open_lone(j, path);
	}
	for (size_t i = 0; rc == 0 && i < j->lones.n; i++) {
		const struct lone *l = &j->lones.v[i];
		const char *path = wb_arena_str(&j->b->run.arena, l->path);
		for (size_t k = 0; rc == 0 && k < l->source->n; k++) {
			const struct wb_lint_input in = { l->source->v[k], path, path, true, true, false, true, false };
			rc = wb_lint_migrations(&j->b->run, &in, 1, j->err);
		}
		for (size_t k = 0; rc == 0 && k < l->source->n_problems; k++) {
			const struct wb_source_problem *p = &l->source->problems[k];
			bool own =
				!strcmp(p->kind, "section") || !strcmp(p->kind, "syntax") || !strcmp(p->kind, "header");
			rc = own ? wb_lint_problem(&j->b->run, p, path, j->err) : 0;
		}
	}
	return rc;
}

/* ---- the folder -------------------------------------------------------------------------------------- */

static bool is_applied(const struct job *j, const struct wb_migration *m)
{
	const struct wb_record *r = j->c->conn && !j->o.offline ? wb_journal_find(&j->journal, m->sort_key) : NULL;
	return r && wb_record_is_done(r);
}

static bool is_judged(struct job *j, const struct wb_migration *m, const char **ret_path, const char **ret_down)
{
	bool is = false;
	*ret_path = chosen_path(j, m->file, &is);
	*ret_down = m->down_file ? chosen_path(j, m->down_file, &is) : NULL;
	return j->chosen ? is : j->o.applied || !is_applied(j, m);
}

/* All that is judged, and what stands before it, is named to the database at once. */
static int survey(struct job *j)
{
	struct wb_lint_gathered g = { 0 };
	struct wb_world *w = wb_world_new();
	int rc = w ? 0 : wb_err_nomem(j->err);
	for (size_t i = 0; rc == 0 && i < j->c->source->n; i++) {
		const struct wb_migration *m = j->c->source->v[i];
		if (!is_applied(j, m))
			rc = wb_lint_gather(&j->b->run, m, &j->arena, &g, j->err);
	}
	if (rc == 0)
		rc = wb_conn_survey(j->c->conn, g.statements.v, g.statements.n, w, j->err);
	wb_vec_done(&g.statements);
	if (rc < 0)
		wb_world_free(w);
	else
		j->b->run.world = w;
	return rc;
}

static int look_at_files(struct job *j, const struct wb_source *s)
{
	struct wb_lint_input *in = wb_arena_array(&j->arena, s->n + 1, sizeof(*in));
	if (!in)
		return wb_err_nomem(j->err);
	for (size_t i = 0; i < s->n; i++) {
		struct wb_lint_input *one = &in[i];
		one->m = s->v[i];
		one->judged = is_judged(j, one->m, &one->path, &one->down_path);
		one->in_world = is_applied(j, one->m);
		one->runs = !j->exact || wb_pending_of(&j->pending, one->m) == WB_PENDING_WHOLE;
		one->resumes = j->exact && wb_pending_of(&j->pending, one->m) == WB_PENDING_REST;
		one->path = one->judged ? wb_arena_str(&j->b->run.arena, one->path) : one->path;
		one->down_path = one->judged ? wb_arena_str(&j->b->run.arena, one->down_path) : one->down_path;
		if (!one->path || (one->m->down_file && !one->down_path))
			return wb_err_nomem(j->err);
	}
	return wb_lint_migrations(&j->b->run, in, s->n, j->err);
}

/* What reading the folder has found, of the files that are looked at. */
static int tell_problems(struct job *j, const struct wb_source *s)
{
	struct wb_lint_run *run = &j->b->run;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < s->n_problems; i++) {
		const struct wb_source_problem *p = &s->problems[i];
		bool is = false;
		const char *path = chosen_path(j, p->file, &is);
		path = path ? wb_arena_str(&run->arena, path) : NULL;
		for (size_t k = 0; path && !is && k < run->paths.n; k++)
			is = run->paths.v[k] && !strcmp(run->paths.v[k], path);
		if (!j->chosen || is)
			rc = wb_lint_problem(run, p, path, j->err);
	}
	return rc;
}

/* ---- the result ------------------------------------------------------------------------------------------ */

static int fill(struct job *j)
{
	struct wb_lint_run *run = &j->b->run;
	struct wb_lint *v = &j->b->view;
	struct wb_lint_finding *all = wb_arena_array(&run->arena, run->findings.n + 1, sizeof(*all));
	struct wb_lint_unknown *unknown = wb_arena_array(&run->arena, run->unknown.n + 1, sizeof(*unknown));
	if (!all || !unknown)
		return wb_err_nomem(j->err);
	for (size_t i = 0; i < run->findings.n; i++) {
		all[i] = run->findings.v[i]->f;
		v->count[all[i].level]++;
		v->critical |= all[i].level == WB_LINT_ERROR && all[i].loses_data;
	}
	if (run->unknown.n)
		memcpy(unknown, run->unknown.v, run->unknown.n * sizeof(*unknown));
	v->findings = all;
	v->n_findings = run->findings.n;
	v->unknown = unknown;
	v->n_unknown = run->unknown.n;
	v->files = run->files;
	v->statements = run->statements;
	v->ignored = run->ignored;
	v->server = j->c->conn && !j->o.offline ? wb_arena_str(&run->arena, j->c->conn->server) : NULL;
	return 0;
}

static int look(struct job *j)
{
	struct wb_lint_run *run = &j->b->run;
	bool online = j->c->has_url && !j->o.offline, folder = j->c->o.dir || j->c->o.n_embedded;
	int rc = 0;
	if (folder || !j->o.n_files || online)
		rc = wb_prepare(j->c,
				(folder || !j->o.n_files ? (unsigned)WB_NEED_SOURCE : 0) |
					(online ? (unsigned)WB_NEED_READ : 0),
				j->err);
	if (rc == 0)
		rc = wb_need_driver(j->c, j->err);
	if (rc == 0 && online)
		rc = wb_journal_load(&j->c->target, false, &j->journal, j->err);
	if (rc < 0)
		return rc;
	run->driver = j->c->driver;
	run->variables = j->c->target.variables;
	run->n_variables = j->c->target.n_variables;
	run->variables_on = j->c->o.variables_on;
	run->settings = j->o.settings;
	run->n_settings = j->o.n_settings;
	run->undo_off = j->c->o.undo_off;
	run->all_new = j->o.changed_since || j->o.staged || (online && !j->chosen && !j->o.applied);
	rc = wb_trash_place(j->c, &run->arena, &run->trash, j->err);
	if (rc == 0)
		rc = wb_lint_begin(run, j->err);
	if (rc == 0)
		rc = wb_mock_open(j->c->driver, online ? j->c->conn : NULL, &run->mock, j->err);
	j->exact = online && run->mock;
	if (rc == 0 && j->exact && j->c->source)
		rc = wb_pending_find(j->c, &j->journal, &j->pending, j->err);
	if (rc == 0 && online && j->c->source && j->c->driver->survey)
		rc = survey(j);
	if (rc == 0 && j->c->source)
		rc = look_at_files(j, j->c->source);
	if (rc == 0 && j->c->source)
		rc = tell_problems(j, j->c->source);
	if (rc == 0)
		rc = look_at_lones(j);
	if (rc == 0)
		rc = wb_lint_end(run, j->err);
	return rc < 0 ? rc : fill(j);
}

static void job_done(struct job *j)
{
	for (size_t i = 0; i < j->lones.n; i++)
		wb_source_free(j->lones.v[i].source);
	wb_vec_done(&j->lones);
	wb_world_free(j->b->run.world);
	j->b->run.world = NULL;
	wb_map_done(&j->meant);
	wb_map_done(&j->pending);
	j->c->staged = NULL;
	j->c->n_staged = 0;
	wb_journal_done(&j->journal);
	wb_arena_done(&j->arena);
}

WB_API int wb_lint(struct wb_context *context, const struct wb_lint_options *options, struct wb_lint **ret_lint,
		   struct wb_error *err)
{
	struct job j = { .c = context, .err = err };
	int rc = wb_take_options(&j.o, sizeof(j.o), options, "wb_lint_options", err);
	if (rc < 0)
		return rc;
	j.b = calloc(1, sizeof(*j.b));
	if (!j.b)
		return wb_err_nomem(err);
	rc = choose(&j);
	if (rc == 0)
		rc = look(&j);
	job_done(&j);
	if (rc < 0) {
		wb_lint_free(&j.b->view);
		return rc;
	}
	*ret_lint = &j.b->view;
	return 0;
}

WB_API void wb_lint_free(struct wb_lint *lint)
{
	struct lint_box *b = (struct lint_box *)lint;
	if (!b)
		return;
	wb_lint_done(&b->run);
	free(b);
}
