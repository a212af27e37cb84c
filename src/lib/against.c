/* SPDX-License-Identifier: Apache-2.0
 *
 * validate --against REV: files that a branch or release already has may not be
 * edited or removed, for some database has run them. git is asked which files
 * differ; whether the part that counts (all but the down part) differs is then
 * decided by checksum.
 */
#include "context.h"

#define GIT_OUTPUT_MAX (64u << 20)

static int git(const char *const argv[], struct wb_str *out, const char *revision, struct wb_error *err)
{
	int rc = wb_proc_output(argv, GIT_OUTPUT_MAX, out, err);
	if (rc < 0 && rc != WB_ENOMEM) {
		wb_err_prefix(err, "git cannot show %s", revision);
		wb_err_hint(err, "the folder must be in a git work tree that has %s (in CI: fetch it with full depth)",
			    revision);
	}
	return rc;
}

/* The migration as that revision has it: the same scanner over its text. */
static int old_checksum(struct wb_context *c, const char *name, const char *text, unsigned char ret_digest[32],
			bool *ret_known, struct wb_error *err)
{
	struct wb_embedded e = { name, text };
	struct wb_source_options so = { .embedded = &e, .n_embedded = 1, .dialect = c->dialect, .engine = c->engine };
	struct wb_source *s = NULL;
	int rc = wb_source_open(&so, &s, err);
	if (rc < 0)
		return rc;
	*ret_known = s->n == 1;
	if (s->n == 1)
		memcpy(ret_digest, s->v[0]->checksum, 32);
	wb_source_free(s);
	return 0;
}

static int report(struct wb_problem_list *p, const char *path, const char *version, bool gone, const char *revision,
		  struct wb_error *err)
{
	struct wb_error e;
	wb_err_set(&e, WB_ECHECKSUM, gone ? "%s is in %s and was removed here" : "%s is in %s and was edited here",
		   path, revision);
	wb_err_hint(&e, "databases that ran it would differ: put it back and write a new migration");
	wb_err_place(&e, path, 0, 0);
	if (version)
		(void)wb_sv_copy(wb_sv_str(version), e.version, sizeof(e.version));
	return wb_problems_add_error(p, gone ? "missing" : "modified", &e, err);
}

static const struct wb_migration *find_named(const struct wb_source *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->v[i]->name, name))
			return s->v[i];
	}
	return NULL;
}

static int compare_file(struct wb_context *c, const char *revision, const char *path, struct wb_problem_list *p,
			struct wb_error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const struct wb_migration *m = find_named(c->source, name);
	wb_autostr text = WB_STR_INIT;
	char object[1400];
	unsigned char digest[32];
	bool known = false;
	snprintf(object, sizeof(object), "%s:./%s", revision, path);
	const char *show[] = { "git", "-C", c->o.dir, "show", object, NULL };
	int rc = git(show, &text, revision, err);
	if (rc == 0)
		rc = old_checksum(c, name, text.p, digest, &known, err);
	if (rc < 0 || !known)
		return rc;
	if (!m)
		return report(p, path, NULL, true, revision, err);
	return memcmp(digest, m->checksum, 32) ? report(p, path, m->version, false, revision, err) : 0;
}

int wb_validate_against(struct wb_context *c, const char *revision, struct wb_problem_list *p, struct wb_error *err)
{
	wb_autostr names = WB_STR_INIT;
	if (!c->o.dir || !*revision || *revision == '-')
		return wb_err_set(err, WB_EUSAGE, "--against needs a folder of migrations and the name of a revision");
	/* M and D only: what is new here is what a branch is for. */
	const char *diff[] = { "git",         "-C",           c->o.dir,
			       "diff",        "--no-renames", "--relative",
			       "--name-only", "-z",           "--diff-filter=MDT",
			       revision,      "--",           ".",
			       NULL };
	int rc = git(diff, &names, revision, err);
	for (size_t at = 0; rc == 0 && at < names.n; at += strlen(names.p + at) + 1) {
		if (!strchr(names.p + at, '/')) /* folders below are no migrations */
			rc = compare_file(c, revision, names.p + at, p, err);
	}
	return rc;
}
