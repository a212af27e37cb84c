/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of migrations, what breaks it (duplicates, gaps), and finding one
 * in it.
 */
#include "source/internal.h"

/* What is sorted: comparing plain numbers is all that most folders need, and a hundred thousand versions are not read
 * character by character then. */
struct sortable {
	uint64_t number; /* the version when it is one number; NO_NUMBER otherwise, and for repeatables */
	struct wb_migration *m;
};
#define NO_NUMBER UINT64_MAX

static uint64_t number_of(const struct wb_migration *m)
{
	int64_t n;

	if (m->kind == WB_MIG_REPEATABLE || !wb_sv_i64(wb_sv_str(m->sort_key), &n) || n < 0)
		return NO_NUMBER;
	return (uint64_t)n;
}

/* Repeatables last, by description; the rest by version. The name decides ties, so that a folder is
 * always listed alike. */
static int migration_cmp(const void *pa, const void *pb)
{
	const struct sortable *sa = pa, *sb = pb;
	const struct wb_migration *a = sa->m, *b = sb->m;
	bool ra = a->kind == WB_MIG_REPEATABLE, rb = b->kind == WB_MIG_REPEATABLE;
	int c;

	if (sa->number != sb->number && sa->number != NO_NUMBER && sb->number != NO_NUMBER)
		return sa->number < sb->number ? -1 : 1;
	if (ra != rb)
		return ra - rb;
	c = ra ? strcmp(a->description, b->description) : wb_version_cmp(a->sort_key, b->sort_key);
	if (c == 0)
		c = (int)a->kind - (int)b->kind;
	return c ? c : strcmp(a->name, b->name);
}

bool wb_order_sort(struct wb_load *l)
{
	struct sortable *v = malloc((l->migs.n + 1) * sizeof(*v));

	if (!v)
		return false;
	for (size_t i = 0; i < l->migs.n; i++)
		v[i] = (struct sortable){ number_of(l->migs.v[i]), l->migs.v[i] };
	qsort(v, l->migs.n, sizeof(*v), migration_cmp);
	for (size_t i = 0; i < l->migs.n; i++)
		l->migs.v[i] = v[i].m;
	free(v);
	return true;
}

static struct wb_source_problem problem_of(const struct wb_migration *m, const char *kind, int code)
{
	return (struct wb_source_problem){ .kind = kind, .version = m->version, .file = m->file, .code = code };
}

/* ---- duplicates ---------------------------------------------------------------- */

static int check_duplicate(struct wb_load *l, const struct wb_migration *a, const struct wb_migration *b)
{
	if (a->kind != b->kind || strcmp(a->sort_key, b->sort_key) != 0)
		return 0;
	return wb_problem_add(l, problem_of(b, "duplicate", WB_EORDER),
			      "rename the newer one to the next free version; 'whimbrel new' picks it",
			      "version %s stands twice: %s and %s", b->version, a->name, b->name);
}

/* ---- strict numbering: 001, 002, 003 … ----------------------------------------- */

static int check_three_digits(struct wb_load *l, const struct wb_migration *m)
{
	if (strlen(m->version) == 3 && strspn(m->version, "0123456789") == 3)
		return 0;
	return wb_problem_add(l, problem_of(m, "name", WB_EINPUT), "number the files 001, 002, 003 and so on",
			      "version %s is not exactly three digits, as strict numbering wants", m->version);
}

/* Versions between before (0 = the start) and m are missing. */
static int gap(struct wb_load *l, const struct wb_migration *m, int64_t before, int64_t now)
{
	char range[96];
	long first = (long)(before + 1), last = (long)(now - 1);

	if (first == last)
		snprintf(range, sizeof(range), "version %03ld is", first);
	else
		snprintf(range, sizeof(range), "versions %03ld %s %03ld are", first, last - first == 1 ? "and" : "to",
			 last);
	return wb_problem_add(l, problem_of(m, "gap", WB_EORDER),
			      "add what is missing, or renumber the files that follow", "%s missing before %s", range,
			      m->name);
}

static int check_strict(struct wb_load *l)
{
	int64_t before = 0, now;
	int rc = 0;

	for (size_t i = 0; i < l->migs.n && rc == 0; i++) {
		const struct wb_migration *m = l->migs.v[i];
		if (m->kind == WB_MIG_REPEATABLE)
			break;
		rc = check_three_digits(l, m);
		if (rc || !wb_sv_i64(wb_sv_str(m->sort_key), &now))
			continue;
		/* A baseline stands for all before it. */
		if (now > before + 1 && !(i == 0 && m->kind == WB_MIG_BASELINE))
			rc = gap(l, m, before, now);
		before = now;
	}
	return rc;
}

int wb_order_check(struct wb_load *l)
{
	int rc = 0;

	for (size_t i = 1; i < l->migs.n && rc == 0; i++)
		rc = check_duplicate(l, l->migs.v[i - 1], l->migs.v[i]);
	/* A version that is a time has no next one. */
	if (rc == 0 && l->o->numbering == WB_NUMBERING_STRICT && l->s->family != WB_FAMILY_TIMESTAMPED)
		rc = check_strict(l);
	return rc;
}

/* ---- finding --------------------------------------------------------------------- */

static struct wb_migration *find_version(const struct wb_source *s, const char *version)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (s->v[mid]->kind != WB_MIG_REPEATABLE && wb_version_cmp(s->v[mid]->sort_key, version) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n && wb_version_cmp(s->v[lo]->sort_key, version) == 0 ? s->v[lo] : NULL;
}

/* A version never looks like a file's name, so that looking versions up stays quick. */
static struct wb_migration *find_stem(const struct wb_source *s, const char *name)
{
	struct wb_sv stem = wb_name_stem(name);

	for (size_t i = 0; i < s->n; i++)
		if (wb_sv_eq(wb_name_stem(s->v[i]->name), stem))
			return s->v[i];
	return NULL;
}

struct wb_migration *wb_source_find(const struct wb_source *s, const char *version)
{
	/* V001 is what people see in the file's name. */
	bool prefixed = (version[0] == 'V' || version[0] == 'v') && wb_version_valid(wb_sv_str(version + 1));
	bool plain = wb_version_valid(wb_sv_str(version));
	struct wb_migration *m = NULL;

	if (prefixed || plain)
		m = find_version(s, version + prefixed);
	if (!m)
		m = wb_map_get(&s->ids, wb_sv_str(version));
	return m || plain ? m : find_stem(s, version);
}
