/* SPDX-License-Identifier: Apache-2.0
 *
 * The next file of a folder. The folder is locked while its names are read and
 * the file is written, so that two people who share it get two versions; a file
 * that another program puts there meanwhile is never overwritten.
 */
#include "source/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define SLUG_MAX 180 /* NAME_MAX is 255 */
#define TRIES 100
#define DEFAULT_WIDTH 3 /* 001, as design.md writes versions */
#define PAIRED_WIDTH 4 /* 0001_x.up.sql */

static const char *const template_names[] = { "basic", "table", "alter", "data", "phases" };
static const char *const types[] = WB_TYPES;

/* ---- what is there --------------------------------------------------------------- */

struct folder {
	struct wb_arena *a;
	enum wb_family family; /* of the files found */
	const char *first; /* a file of it */
	const char *highest; /* version, as written; NULL in an empty folder */
	const char *stranger; /* a file of another family */
};

static int look(void *user, int dirfd, const char *name, struct wb_error *err)
{
	struct folder *f = user;
	struct wb_name n;
	char *version;

	(void)dirfd;
	if (wb_name_parse(name, &n) != WB_NAME_OK || n.cypher)
		return 0;
	bool base = n.kind == WB_MIG_BASELINE; /* named alike in every family */
	if (!base && f->family != WB_FAMILY_NONE && n.family != f->family) {
		f->stranger = f->stranger ? f->stranger : wb_arena_str(f->a, name);
		return f->stranger ? 0 : wb_err_nomem(err);
	}
	if (!base && !f->first) {
		f->family = n.family;
		f->first = wb_arena_str(f->a, name);
		if (!f->first)
			return wb_err_nomem(err);
	}
	if (n.kind == WB_MIG_REPEATABLE)
		return 0;
	version = wb_arena_sv(f->a, n.version);
	if (!version)
		return wb_err_nomem(err);
	if (!f->highest || wb_version_cmp(f->highest, version) < 0)
		f->highest = version;
	return 0;
}

static int look_at(const struct wb_new_options *o, struct folder *f, struct wb_error *err)
{
	int rc = wb_fs_list(o->dir, look, f, err);

	if (rc)
		return rc;
	if (f->stranger) {
		wb_err_set(err, WB_EINPUT, "%s holds two families of migrations: %s and %s", o->dir, f->first,
			   f->stranger);
		wb_err_hint(err, "keep one family in a folder");
		return WB_EINPUT;
	}
	if (o->family != WB_FAMILY_NONE && f->first && f->family != o->family) {
		wb_err_set(err, WB_EREFUSED, "%s holds %s migrations such as %s, not %s ones", o->dir,
			   wb_family_name(f->family), f->first, wb_family_name(o->family));
		wb_err_hint(err, "leave the style out to get the folder's own, or use another folder");
		return WB_EREFUSED;
	}
	return 0;
}

/* ---- the next version -------------------------------------------------------------- */

/* Adds one to the last number of version, which keeps its width. */
static char *increment(struct wb_arena *a, const char *version)
{
	size_t n = strlen(version), i = n, start = n;
	char *next = wb_arena_alloc(a, n + 2);

	if (!next)
		return NULL;
	memcpy(next, version, n);
	while (start > 0 && next[start - 1] >= '0' && next[start - 1] <= '9')
		start--;
	while (i > start && next[i - 1] == '9')
		next[--i] = '0';
	if (i > start) {
		next[i - 1]++;
		return next;
	}
	memmove(next + start + 1, next + start, n - start);
	next[start] = '1';
	return next;
}

/* YYYYMMDD and HHMMSS, with join between them. */
static char *stamp(struct wb_arena *a, int64_t now_us, const char *join)
{
	char date[9], time[7];

	wb_time_compact(now_us, date, time);
	return wb_arena_printf(a, "%s%s%s", date, join, time);
}

static bool is_stamp(const char *version)
{
	return strlen(version) == 14 && (strncmp(version, "19", 2) == 0 || strncmp(version, "20", 2) == 0);
}

/* The time that a stamp tells; false when it is none. */
static bool stamp_time(const char *version, int64_t *ret_us)
{
	static const int widths[] = { 4, 2, 2, 2, 2, 2 };
	int64_t v[6];
	struct tm tm = { 0 };

	for (size_t i = 0; i < WB_ARRAY_LEN(widths); i++) {
		if (*version == '_')
			version++;
		if (strlen(version) < (size_t)widths[i] || !wb_sv_i64(wb_sv(version, (size_t)widths[i]), &v[i]))
			return false;
		version += widths[i];
	}
	tm.tm_year = (int)v[0] - 1900;
	tm.tm_mon = (int)v[1] - 1;
	tm.tm_mday = (int)v[2];
	tm.tm_hour = (int)v[3];
	tm.tm_min = (int)v[4];
	tm.tm_sec = (int)v[5];
	*ret_us = (int64_t)timegm(&tm) * 1000000;
	return true;
}

/* Now, or a second after the highest where that is later: clocks and time zones differ. */
static char *next_stamp(struct wb_arena *a, const struct wb_new_options *o, const char *highest, const char *join)
{
	char *version = stamp(a, o->now_us, join);
	int64_t us;

	if (!version || !highest || wb_version_cmp(version, highest) > 0)
		return version;
	return stamp_time(highest, &us) ? stamp(a, us + 1000000, join) : increment(a, highest);
}

static char *next_version(struct wb_arena *a, const struct wb_new_options *o, enum wb_family family,
			  const char *highest)
{
	int width = family == WB_FAMILY_PAIRED && o->numbering == WB_NUMBERING_FREE ? PAIRED_WIDTH : DEFAULT_WIDTH;

	if (family == WB_FAMILY_TIMESTAMPED)
		return next_stamp(a, o, highest, "_");
	if (!highest)
		return wb_arena_printf(a, "%0*d", width, 1);
	return is_stamp(highest) ? next_stamp(a, o, highest, "") : increment(a, highest);
}

/* ---- one file ------------------------------------------------------------------------- */

static char *stem_of(struct wb_arena *a, enum wb_family family, const char *version, const char *type, const char *slug)
{
	switch (family) {
	case WB_FAMILY_TIMESTAMPED:
		return wb_arena_printf(a, "%s_%s_%s", version, type, slug);
	case WB_FAMILY_VERSIONED:
		return wb_arena_printf(a, "V%s__%s", version, slug);
	default:
		return wb_arena_printf(a, "%s_%s", version, slug);
	}
}

struct paths {
	char *up, *down; /* down only of a pair that goes back */
};

static int make_paths(const struct wb_new_options *o, struct wb_arena *a, const struct wb_template *t,
		      enum wb_family family, struct paths *p, struct wb_error *err)
{
	bool paired = family == WB_FAMILY_PAIRED, two = paired && (!o->up || o->down);
	char *up = wb_arena_printf(a, "%s%s.sql", t->stem, paired ? ".up" : "");
	char *down = two ? wb_arena_printf(a, "%s.down.sql", t->stem) : NULL;

	if (!up || (two && !down))
		return wb_err_nomem(err);
	p->up = wb_fs_join(a, o->dir, up);
	p->down = down ? wb_fs_join(a, o->dir, down) : NULL;
	return p->up && (!two || p->down) ? 0 : wb_err_nomem(err);
}

static int write_files(const struct wb_template *t, const struct paths *p, struct wb_error *err)
{
	wb_autostr up = WB_STR_INIT, down = WB_STR_INIT;
	int rc;

	if (p->down)
		wb_template_pair(t, &up, &down);
	else
		wb_template_whole(t, &up);
	if (up.failed || down.failed)
		return wb_err_nomem(err);
	rc = wb_fs_create(p->up, wb_str_sv(&up), 0644, err);
	if (rc || !p->down)
		return rc;
	rc = wb_fs_create(p->down, wb_str_sv(&down), 0644, err);
	if (rc)
		(void)unlink(p->up);
	return rc;
}

static int check_strict(const struct wb_new_options *o, enum wb_family family, const char *version,
			struct wb_error *err)
{
	if (o->numbering != WB_NUMBERING_STRICT || family == WB_FAMILY_TIMESTAMPED || strlen(version) <= 3)
		return 0;
	wb_err_set(err, WB_EREFUSED, "strict numbering has no version after 999");
	wb_err_hint(err, "squash older migrations into a baseline, or use numbering: free");
	return WB_EREFUSED;
}

/* Writes the file of the version after f->highest; WB_EREFUSED when that name is taken. */
static int write_next(const struct wb_new_options *o, struct wb_arena *a, struct folder *f, struct wb_template *t,
		      struct paths *p, struct wb_error *err)
{
	char *version = next_version(a, o, f->family, f->highest);
	int rc;

	if (!version)
		return wb_err_nomem(err);
	rc = check_strict(o, f->family, version, err);
	if (rc)
		return rc;
	t->label = f->family == WB_FAMILY_VERSIONED ? wb_arena_printf(a, "V%s", version) : version;
	t->stem = stem_of(a, f->family, version, t->type, t->slug.p);
	if (!t->label || !t->stem)
		return wb_err_nomem(err);
	rc = make_paths(o, a, t, f->family, p, err);
	if (rc == 0)
		rc = write_files(t, p, err);
	if (rc == WB_EREFUSED)
		f->highest = version;
	return rc;
}

/* What was squashed into a baseline alone tells its family by its version at most. */
static enum wb_family family_of_version(const char *version)
{
	bool stamped = version && strlen(version) == 15 && version[8] == '_';

	return stamped ? WB_FAMILY_TIMESTAMPED : WB_FAMILY_NONE;
}

static int write_locked(const struct wb_new_options *o, struct wb_arena *a, struct wb_template *t, struct paths *p,
			struct wb_error *err)
{
	struct folder f = { .a = a };
	int rc = look_at(o, &f, err);

	if (rc)
		return rc;
	if (f.family == WB_FAMILY_NONE)
		f.family = o->family;
	if (f.family == WB_FAMILY_NONE)
		f.family = family_of_version(f.highest);
	if (f.family == WB_FAMILY_NONE)
		f.family = strcmp(t->template_name, "phases") == 0 ? WB_FAMILY_TIMESTAMPED : WB_FAMILY_VERSIONED;
	rc = WB_EREFUSED;
	for (int i = 0; i < TRIES && rc == WB_EREFUSED; i++) {
		const char *before = f.highest;
		rc = write_next(o, a, &f, t, p, err);
		if (f.highest == before)
			break;
	}
	return rc;
}

/* ---- options ------------------------------------------------------------------------------ */

static int check_word(const char *what, const char *word, const char *const names[], size_t n, const char **ret_word,
		      struct wb_error *err)
{
	const char *near;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, names[i]) != 0)
			continue;
		*ret_word = names[i];
		return 0;
	}
	near = wb_near(wb_sv_str(word), names, n);
	wb_err_set(err, WB_EUSAGE, "unknown %s '%s'", what, word);
	if (near)
		wb_err_hint(err, "did you mean %s?", near);
	else if (n == WB_ARRAY_LEN(types))
		wb_err_hint(err, "types are schema, data, security and perf");
	else
		wb_err_hint(err, "templates are basic, table, alter, data and phases");
	return WB_EUSAGE;
}

static int check_options(const struct wb_new_options *o, struct wb_template *t, struct wb_error *err)
{
	int rc = check_word("type", o->type ? o->type : "schema", types, WB_ARRAY_LEN(types), &t->type, err);

	if (rc == 0)
		rc = check_word("template", o->template_name ? o->template_name : "basic", template_names,
				WB_ARRAY_LEN(template_names), &t->template_name, err);
	if (rc)
		return rc;
	t->engine = o->dialect == WB_DIALECT_SQLITE ? "sqlite" : "postgresql";
	if (o->engine && strcmp(o->engine, "neo4j") == 0)
		return wb_err_set(err, WB_EUNSUPPORTED, "there are no templates for neo4j");
	if (t->slug.n == 0) {
		wb_err_set(err, WB_EUSAGE, "the description has no letters or digits");
		wb_err_hint(err, "say what the migration does, for example 'add users table'");
		return WB_EUSAGE;
	}
	if (t->slug.n > SLUG_MAX) {
		wb_err_set(err, WB_EUSAGE, "the description is too long for a file name");
		wb_err_hint(err, "use at most %d letters", SLUG_MAX);
		return WB_EUSAGE;
	}
	return 0;
}

/* A new file must not be born with a dependency that nothing answers to. */
static int check_depends(const struct wb_new_options *o, struct wb_error *err)
{
	struct wb_source_options so = { .dir = o->dir, .dialect = o->dialect, .engine = o->engine };
	struct wb_source *s = NULL;
	int rc = o->n_depends ? wb_source_open(&so, &s, err) : 0;

	for (size_t i = 0; i < o->n_depends && rc == 0; i++) {
		if (wb_source_find(s, o->depends[i]))
			continue;
		rc = wb_err_set(err, WB_ENOTFOUND, "there is no migration %s in %s", o->depends[i], o->dir);
		wb_err_hint(err, "name a dependency by its version, its ID or its file");
	}
	wb_source_free(s);
	return rc;
}

static int create(const struct wb_new_options *o, struct wb_arena *a, struct wb_template *t, struct paths *p,
		  struct wb_error *err)
{
	int rc = check_options(o, t, err), fd;

	if (rc == 0)
		rc = wb_fs_mkdir_p(o->dir, 0755, err);
	if (rc == 0)
		rc = check_depends(o, err);
	if (rc)
		return rc;
	fd = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return wb_err_errno(err, WB_EIO, "cannot open the folder %s", o->dir);
	/* Where the file system has no locks, taken names still are never overwritten. */
	while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
		continue;
	rc = write_locked(o, a, t, p, err);
	(void)close(fd);
	return rc;
}

int wb_source_new(const struct wb_new_options *o, struct wb_arena *a, const char **ret_path, const char **ret_down_path,
		  struct wb_error *err)
{
	struct wb_template t;
	struct paths p = { NULL, NULL };
	int rc = wb_template_init(&t, o) ? create(o, a, &t, &p, err) : wb_err_nomem(err);

	wb_template_done(&t);
	if (rc)
		return rc;
	*ret_path = p.up;
	if (ret_down_path)
		*ret_down_path = p.down;
	return 0;
}
