/* SPDX-License-Identifier: Apache-2.0
 *
 * The other tool's migrations as files of ours: one for each, numbered in the
 * order in which they were applied, what the tool calls it in its ID. Alembic
 * prints its SQL itself; Sqitch and graphile-migrate keep SQL in files that only
 * have another form. Statements about the tool's own table, and those that
 * begin and end transactions, are left out.
 */
#include "adopt.h"

#include <ctype.h>

#define RENDER_MAX ((size_t)64 << 20)

struct step {
	const char *id, *title;
	struct wb_sv up, down; /* p == NULL: no way back */
};

/* ---- statements ------------------------------------------------------------------ */

static bool is_left_out(const struct wb_adopt *a, struct wb_sv statement)
{
	static const char *const words[] = { "BEGIN", "COMMIT", "END", "START TRANSACTION", "ROLLBACK" };
	const char *table = a->table.name;
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);
		if (wb_sv_istarts(statement, words[i]) &&
		    (statement.n == n || !isalnum((unsigned char)statement.p[n])) && statement.n < n + 16)
			return true;
	}
	return !a->table.tool->needs_schemas && !a->table.tool->beside &&
	       memmem(statement.p, statement.n, table, strlen(table));
}

static int add_statements(const struct wb_adopt *a, struct wb_sv text, struct wb_str *out, struct wb_error *err)
{
	struct wb_mem_reader reader = { text };
	struct wb_split_options o = { .dialect = a->t->driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *s = NULL;
	struct wb_item item = { .kind = WB_ITEM_STATEMENT };
	int rc = wb_split_new(&o, &s, err);
	while (rc == 0) {
		rc = wb_split_next(s, &item, err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		if (item.kind == WB_ITEM_STATEMENT && is_left_out(a, item.text))
			continue;
		wb_str_addsv(out, item.kind == WB_ITEM_COPY_END ? WB_SV("\\.\n") : item.text);
		wb_str_add(out, item.kind == WB_ITEM_STATEMENT ? ";\n" : "");
	}
	wb_split_free(s);
	return rc == 0 && out->failed ? wb_err_nomem(err) : rc;
}

/* ---- one file --------------------------------------------------------------------- */

/* "Create account table" to create_account_table. */
static void add_slug(struct wb_str *out, const char *title)
{
	bool gap = false;
	size_t from = out->n;
	for (; *title && out->n - from < 60; title++) {
		unsigned char c = (unsigned char)*title;
		if (!isalnum(c)) {
			gap = out->n > from;
			continue;
		}
		if (gap)
			wb_str_addc(out, '_');
		gap = false;
		wb_str_addc(out, (char)tolower(c));
	}
	if (out->n == from)
		wb_str_add(out, "migration");
}

/* A title is one line of a comment. */
static void add_line(struct wb_str *out, const char *text)
{
	for (; *text; text++)
		wb_str_addc(out, *text == '\n' || *text == '\r' ? ' ' : *text);
}

static int text_of(const struct wb_adopt *a, const struct step *s, struct wb_str *out, struct wb_error *err)
{
	wb_str_add(out, "-- Migration: ");
	add_line(out, s->title);
	wb_str_add(out, "\n-- ID: ");
	add_line(out, s->id);
	wb_str_add(out, "\n\n-- migrate:up\n");
	int rc = add_statements(a, s->up, out, err);
	if (rc == 0 && s->down.p) {
		wb_str_add(out, "\n-- migrate:down\n");
		rc = add_statements(a, s->down, out, err);
	}
	return rc;
}

static int64_t next_number(const struct wb_adopt *a)
{
	int64_t highest = 0, n;
	for (size_t i = 0; a->t->source && i < a->t->source->n; i++) {
		if (wb_sv_i64(wb_sv_str(a->t->source->v[i]->version), &n) && n > highest)
			highest = n;
	}
	return highest + 1 + (int64_t)a->written.n;
}

static int write_step(struct wb_adopt *a, const struct step *s, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	wb_autostr name = WB_STR_INIT;
	const struct wb_migration *there = a->t->source ? wb_source_find(a->t->source, s->id) : NULL;
	if (there && there->header.id && !strcmp(there->header.id, s->id))
		return 0; /* written by an earlier call */
	wb_str_addf(&name, "%04lld_", (long long)next_number(a));
	add_slug(&name, s->title);
	wb_str_add(&name, ".sql");
	int rc = text_of(a, s, &text, err);
	char *path = rc == 0 ? wb_fs_join(&a->arena, a->render_dir, name.p) : NULL;
	if (rc == 0 && (!path || text.failed || name.failed || a->failed))
		rc = wb_err_nomem(err);
	if (rc == 0)
		rc = wb_fs_create(path, wb_str_sv(&text), 0644, err);
	if (rc == 0 && !wb_vec_push(&a->written, path))
		rc = wb_err_nomem(err);
	return rc;
}

static int check_folder(const struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_source *s = a->t->source;
	if (s && s->n && s->family != WB_FAMILY_NUMBERED) {
		wb_err_set(err, WB_EREFUSED, "%s holds %s migrations, and what --write-sql writes is numbered",
			   s->dir ? s->dir : "the folder", wb_family_name(s->family));
		wb_err_hint(err, "name an empty folder with --dir");
		return WB_EREFUSED;
	}
	return wb_fs_mkdir_p(a->render_dir, 0755, err);
}

/* ---- Alembic -------------------------------------------------------------------------- */

struct revision {
	const char *id, *parent, *title;
};

static int run_alembic(struct wb_adopt *a, const char *const *words, struct wb_str *out, struct wb_error *err)
{
	static const char *const places[] = { ".", NULL };
	const char *config = wb_adopt_path(a, places, "alembic.ini");
	const char *argv[8] = { "alembic", "-c", config };
	int n = 3;
	if (a->failed)
		return wb_err_nomem(err);
	if (!config) {
		wb_err_set(err, WB_ENOTFOUND, "there is no alembic.ini here");
		wb_err_hint(err, "name its folder with --files DIR");
		return WB_ENOTFOUND;
	}
	while (*words && n < 7)
		argv[n++] = *words++;
	int rc = wb_proc_output(argv, RENDER_MAX, out, err);
	if (rc < 0)
		wb_err_hint(err, "Alembic itself renders its migrations: `alembic` must be in PATH, and its env.py "
				 "must know the offline mode");
	return rc;
}

/* "1975ea83b712 -> ae1027a6acf (head), Add a column" */
static bool parse_revision(struct wb_adopt *a, struct wb_sv line, struct revision *ret)
{
	const char *arrow = memmem(line.p, line.n, " -> ", 4), *end = line.p + line.n;
	if (!arrow)
		return false;
	struct wb_sv parent = wb_sv(line.p, (size_t)(arrow - line.p));
	struct wb_sv rest = wb_sv(arrow + 4, (size_t)(end - arrow - 4));
	const char *comma = memmem(rest.p, rest.n, ", ", 2);
	struct wb_sv id = wb_sv(rest.p, strcspn(rest.p, " ,\n"));
	bool one_way = !memchr(parent.p, ',', parent.n) && comma && id.n < rest.n;
	struct wb_sv title = one_way ? wb_sv(comma + 2, (size_t)(end - comma - 2)) : id;
	ret->id = wb_arena_sv(&a->arena, id);
	ret->parent = wb_arena_sv(&a->arena, wb_sv_eq(parent, WB_SV("<base>")) ? WB_SV("base") : parent);
	ret->title = wb_arena_sv(&a->arena, wb_sv_trim(title));
	a->failed |= !ret->id || !ret->parent || !ret->title;
	return one_way && !a->failed;
}

static int branched(struct wb_error *err)
{
	wb_err_set(err, WB_EUNSUPPORTED, "Alembic's history has branches: they cannot be written as one row of files");
	wb_err_hint(err, "adopt without --write-sql: one baseline then stands for all of it");
	return WB_EUNSUPPORTED;
}

static int pass_on(const struct wb_error *why, struct wb_error *err)
{
	if (err)
		*err = *why;
	return why->code;
}

static int render_revision(struct wb_adopt *a, const struct revision *r, struct wb_error *err)
{
	wb_autostr up = WB_STR_INIT, down = WB_STR_INIT;
	struct wb_error why = { 0 };
	bool first = !strcmp(r->parent, "base");
	char *range = wb_arena_printf(&a->arena, "%s%s%s", first ? "" : r->parent, first ? "" : ":", r->id);
	char *back = wb_arena_printf(&a->arena, "%s:%s", r->id, r->parent);
	const char *const upgrade[] = { "upgrade", range, "--sql", NULL };
	const char *const downgrade[] = { "downgrade", back, "--sql", NULL };
	if (!range || !back)
		return wb_err_nomem(err);
	int rc = run_alembic(a, upgrade, &up, err);
	if (rc < 0)
		return rc;
	rc = run_alembic(a, downgrade, &down, &why);
	if (rc < 0 && rc != WB_EIO) /* with that it tells that there is no way back */
		return pass_on(&why, err);
	struct step s = { r->id, r->title, wb_str_sv(&up), rc == 0 ? wb_str_sv(&down) : wb_sv(NULL, 0) };
	return write_step(a, &s, err);
}

/* Newest first, as Alembic prints them; what is above the recorded version is not applied and rendered all the same:
 * it is what comes next. */
static int render_history(struct wb_adopt *a, struct wb_sv text, struct wb_error *err)
{
	WB_VEC(struct revision) list = { 0 };
	struct wb_sv line;
	int rc = 0;
	while (rc == 0 && wb_sv_cut(&text, '\n', &line)) {
		struct revision r;
		if (!wb_sv_trim(line).n)
			continue;
		if (!parse_revision(a, line, &r) || (list.n && strcmp(list.v[list.n - 1].parent, r.id) != 0))
			rc = a->failed ? wb_err_nomem(err) : branched(err);
		else if (!wb_vec_push(&list, r))
			rc = wb_err_nomem(err);
	}
	for (size_t i = list.n; rc == 0 && i-- > 0;)
		rc = render_revision(a, &list.v[i], err);
	wb_vec_done(&list);
	return rc;
}

int wb_render_alembic(struct wb_adopt *a, struct wb_error *err)
{
	static const char *const history[] = { "history", NULL };
	wb_autostr out = WB_STR_INIT;
	int rc = check_folder(a, err);
	if (rc == 0 && a->rows.n > 1)
		rc = branched(err);
	if (rc == 0)
		rc = run_alembic(a, history, &out, err);
	return rc < 0 ? rc : render_history(a, wb_str_sv(&out), err);
}

/* ---- Sqitch, graphile-migrate ------------------------------------------------------------- */

static int need_file(struct wb_adopt *a, const char *const *places, const char *name, struct wb_str *ret_text,
		     struct wb_error *err)
{
	const char *path = wb_adopt_path(a, places, name);
	if (path || a->failed)
		return path ? wb_fs_read(path, RENDER_MAX, ret_text, err) : wb_err_nomem(err);
	wb_err_set(err, WB_ENOTFOUND, "there is no %s here", name);
	wb_err_hint(err, "name the folder of %s's files with --files DIR", a->table.tool->title);
	return WB_ENOTFOUND;
}

static int render_change(struct wb_adopt *a, const struct wb_old *old, struct wb_error *err)
{
	static const char *const places[] = { ".", "..", NULL };
	const char *title = old->cell[WB_OLD_DESCRIPTION];
	wb_autostr up = WB_STR_INIT, down = WB_STR_INIT;
	struct wb_error why = { 0 };
	char *deploy = wb_arena_printf(&a->arena, "deploy/%s.sql", title);
	char *revert = wb_arena_printf(&a->arena, "revert/%s.sql", title);
	if (!deploy || !revert)
		return wb_err_nomem(err);
	int rc = need_file(a, places, deploy, &up, err);
	if (rc < 0)
		return rc;
	rc = need_file(a, places, revert, &down, &why);
	if (rc < 0 && rc != WB_ENOTFOUND)
		return pass_on(&why, err);
	struct step s = { wb_old_label(a, old), title, wb_str_sv(&up), rc == 0 ? wb_str_sv(&down) : wb_sv(NULL, 0) };
	return write_step(a, &s, err);
}

/* "…/000002-add-towns.sql" to "add-towns". */
static const char *committed_title(struct wb_adopt *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	name += strspn(name, "0123456789-");
	size_t n = strlen(name);
	const char *title = n > 4 ? wb_arena_printf(&a->arena, "%.*s", (int)n - 4, name) : NULL;
	a->failed |= n > 4 && !title;
	return title ? title : "migration";
}

static int render_committed(struct wb_adopt *a, const struct wb_old *old, struct wb_error *err)
{
	wb_autostr up = WB_STR_INIT;
	const char *path = NULL;
	int rc = wb_adopt_committed(a, old, &path, err);
	if (rc == 0 && !path) {
		wb_err_set(err, WB_ENOTFOUND, "there is no committed migration %s here", old->cell[WB_OLD_VERSION]);
		wb_err_hint(err, "name the folder that holds migrations/committed with --files DIR");
		rc = WB_ENOTFOUND;
	}
	if (rc == 0)
		rc = wb_fs_read(path, RENDER_MAX, &up, err);
	if (rc < 0)
		return rc;
	struct step s = { wb_old_label(a, old), committed_title(a, path), wb_str_sv(&up), { NULL, 0 } };
	return write_step(a, &s, err);
}

static int render_rows(struct wb_adopt *a, int (*one)(struct wb_adopt *, const struct wb_old *, struct wb_error *),
		       struct wb_error *err)
{
	int rc = check_folder(a, err);
	for (size_t i = 0; rc == 0 && i < a->rows.n; i++)
		rc = one(a, &a->rows.v[i], err);
	return rc;
}

int wb_render_sqitch(struct wb_adopt *a, struct wb_error *err)
{
	return render_rows(a, render_change, err);
}

int wb_render_graphile(struct wb_adopt *a, struct wb_error *err)
{
	return render_rows(a, render_committed, err);
}
