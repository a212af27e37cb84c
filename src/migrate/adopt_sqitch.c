/* SPDX-License-Identifier: Apache-2.0
 *
 * Sqitch's two hashes: a change's id is the SHA-1 of all that its plan says of
 * it and of the id before it, so the registry can be checked by itself; a
 * script's hash is the SHA-1 of its deploy script, where that is at hand.
 */
#include "adopt.h"

#define SCRIPT_MAX ((size_t)64 << 20)

/* What stands in tables beside the changes. */
struct facts {
	struct wb_adopt *a;
	struct wb_map uris; /* project -> URI */
	struct wb_map requires; /* change id -> struct needs */
};

/* More than one of a kind: the order, which the id depends on, is not in the registry. */
struct needs {
	const char *requires, *conflicts;
	bool many;
};

static void facts_done(struct facts *f)
{
	wb_map_done(&f->uris);
	wb_map_done(&f->requires);
}

static int take_project(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct facts *f = user;
	if (!row->v[0].p || !row->v[1].p)
		return 0;
	const char *project = wb_adopt_keep(f->a, row->v[0].p), *uri = wb_adopt_keep(f->a, row->v[1].p);
	return project && uri && wb_map_put(&f->uris, wb_sv_str(project), (void *)(uintptr_t)uri) ? 0
												  : wb_err_nomem(err);
}

static int take_dependency(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct facts *f = user;
	if (!row->v[0].p || !row->v[2].p)
		return 0;
	const char *id = wb_adopt_keep(f->a, row->v[0].p), *name = wb_adopt_keep(f->a, row->v[2].p);
	if (!id || !name)
		return wb_err_nomem(err);
	struct needs *n = wb_map_get(&f->requires, wb_sv_str(id));
	if (!n) {
		n = wb_arena_alloc(&f->a->arena, sizeof(*n));
		if (!n || !wb_map_put(&f->requires, wb_sv_str(id), n))
			return wb_err_nomem(err);
	}
	const char **slot = wb_sv_eq(row->v[1], WB_SV("conflict")) ? &n->conflicts : &n->requires;
	n->many |= *slot != NULL;
	*slot = name;
	return 0;
}

/* ---- the id --------------------------------------------------------------------------- */

/* "2024-01-02T03:04:05Z" */
static void add_date(struct wb_adopt *a, struct wb_str *out, const char *planned)
{
	const char *at = wb_adopt_time(a, wb_sv_str(planned));
	wb_str_addf(out, "date %.19sZ", at ? at : "");
}

static void describe(struct facts *f, const struct wb_old *old, const struct wb_old *parent, const struct needs *n,
		     struct wb_str *out)
{
	const char *const *c = old->cell;
	const char *uri = wb_map_get(&f->uris, wb_sv_str(c[WB_OLD_TYPE]));
	wb_str_addf(out, "project %s\n", c[WB_OLD_TYPE]);
	if (uri)
		wb_str_addf(out, "uri %s\n", uri);
	wb_str_addf(out, "change %s\n", c[WB_OLD_DESCRIPTION]);
	if (parent)
		wb_str_addf(out, "parent %s\n", parent->cell[WB_OLD_VERSION]);
	wb_str_addf(out, "planner %s <%s>\n", c[WB_OLD_PLANNER], c[WB_OLD_PLANNER_EMAIL]);
	add_date(f->a, out, c[WB_OLD_PLANNED]);
	if (n && n->requires)
		wb_str_addf(out, "\nrequires\n  + %s", n->requires);
	if (n && n->conflicts)
		wb_str_addf(out, "\nconflicts\n  - %s", n->conflicts);
	if (c[WB_OLD_NOTE] && *c[WB_OLD_NOTE])
		wb_str_addf(out, "\n\n%s", c[WB_OLD_NOTE]);
}

static int check_id(struct facts *f, const struct wb_old *old, const struct wb_old *parent, enum wb_old_check *ret,
		    struct wb_error *err)
{
	const struct needs *n = wb_map_get(&f->requires, wb_sv_str(old->cell[WB_OLD_VERSION]));
	wb_autostr info = WB_STR_INIT, all = WB_STR_INIT;
	const char *hex = NULL;
	*ret = WB_CHECK_UNKNOWN;
	if (n && n->many)
		return 0;
	describe(f, old, parent, n, &info);
	wb_str_addf(&all, "change %zu", info.n);
	wb_str_addc(&all, '\0');
	wb_str_addsv(&all, wb_str_sv(&info));
	if (info.failed || all.failed)
		return wb_err_nomem(err);
	int rc = wb_adopt_digest(f->a, "SHA1", wb_str_sv(&all), &hex, err);
	if (rc == 0)
		*ret = strcmp(hex, old->cell[WB_OLD_VERSION]) ? WB_CHECK_CHANGED : WB_CHECK_VERIFIED;
	return rc;
}

/* ---- the script ------------------------------------------------------------------------ */

static int check_script(struct wb_adopt *a, const struct wb_old *old, enum wb_old_check *ret, const char **ret_path,
			struct wb_error *err)
{
	static const char *const places[] = { ".", "..", NULL };
	const char *want = old->cell[WB_OLD_CHECKSUM], *hex = NULL;
	char *name = wb_arena_printf(&a->arena, "deploy/%s.sql", old->cell[WB_OLD_DESCRIPTION]);
	wb_autostr text = WB_STR_INIT;
	*ret = WB_CHECK_UNKNOWN;
	a->failed |= !name;
	*ret_path = name ? wb_adopt_path(a, places, name) : NULL;
	if (!want || !*ret_path)
		return 0;
	int rc = wb_fs_read(*ret_path, SCRIPT_MAX, &text, err);
	if (rc == 0)
		rc = wb_adopt_digest(a, "SHA1", wb_str_sv(&text), &hex, err);
	if (rc == 0)
		*ret = strcmp(hex, want) ? WB_CHECK_CHANGED : WB_CHECK_VERIFIED;
	return rc;
}

static int check_change(struct facts *f, const struct wb_old *old, const struct wb_old *parent, struct wb_error *err)
{
	struct wb_adopt *a = f->a;
	enum wb_old_check id = WB_CHECK_UNKNOWN, script = WB_CHECK_UNKNOWN;
	const char *path = NULL;
	int rc = check_id(f, old, parent, &id, err);
	if (rc == 0)
		rc = check_script(a, old, &script, &path, err);
	if (rc < 0)
		return rc;
	if (script == WB_CHECK_CHANGED)
		wb_adopt_mark(a, old, script, wb_arena_printf(&a->arena, "%s is not what was deployed", path));
	else if (id == WB_CHECK_CHANGED)
		wb_adopt_mark(a, old, id, "the registry's row does not fit its change id");
	else
		wb_adopt_mark(a, old, script == WB_CHECK_VERIFIED ? script : id, NULL);
	return 0;
}

/* The change before it in the plan of the same project, which is the order of deployment. */
static const struct wb_old *parent_of(const struct wb_adopt *a, size_t i)
{
	const char *project = a->rows.v[i].cell[WB_OLD_TYPE];
	while (i-- > 0) {
		if (!strcmp(a->rows.v[i].cell[WB_OLD_TYPE], project))
			return &a->rows.v[i];
	}
	return NULL;
}

int wb_check_sqitch(struct wb_adopt *a, struct wb_error *err)
{
	WB_CLEANUP(facts_done) struct facts f = { .a = a };
	int rc = wb_adopt_select(a, "projects", "project uri", NULL, take_project, &f, err);
	if (rc == 0)
		rc = wb_adopt_select(a, "dependencies", "change_id type dependency", NULL, take_dependency, &f, err);
	for (size_t i = 0; rc == 0 && i < a->rows.n; i++)
		rc = check_change(&f, &a->rows.v[i], parent_of(a, i), err);
	return rc;
}
