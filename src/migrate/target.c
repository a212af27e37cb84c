/* SPDX-License-Identifier: Apache-2.0
 *
 * From what people write to the version that is meant: 2, 002, V002, a header's
 * id, a file's name. Comparing what was written instead would take V002 for
 * something newer than every number.
 */
#include "migrate.h"

static const char *without_v(const char *text)
{
	return (text[0] == 'V' || text[0] == 'v') && text[1] >= '0' && text[1] <= '9' ? text + 1 : text;
}

const struct wb_migration *wb_target_file(const struct wb_target *t, const struct wb_record *r)
{
	const struct wb_migration *m = t->source ? wb_source_find(t->source, r->version) : NULL;
	bool base = r->kind == WB_MIG_BASELINE;
	if (!m || strcmp(m->sort_key, r->key) != 0) /* an id, or the name of another */
		return NULL;
	if ((m->kind == WB_MIG_BASELINE) == base)
		return m;
	for (size_t i = 0; i < t->source->n; i++) {
		const struct wb_migration *other = t->source->v[i];
		if ((other->kind == WB_MIG_BASELINE) == base && !strcmp(other->sort_key, m->sort_key))
			return other;
	}
	return NULL;
}

int wb_target_version(const struct wb_target *t, const struct wb_journal *j, struct wb_arena *a, const char *text,
		      const char **ret_version, struct wb_error *err)
{
	const struct wb_migration *m = t->source ? wb_source_find(t->source, text) : NULL;
	if (m && m->kind != WB_MIG_REPEATABLE) {
		*ret_version = m->version;
		return 0;
	}
	char *key = wb_version_key(a, without_v(text));
	if (!key)
		return wb_err_nomem(err);
	const struct wb_record *r = wb_journal_find(j, key);
	if (!r || r->kind == WB_MIG_REPEATABLE) {
		wb_err_set(err, WB_ENOTFOUND, "there is no migration %s", text);
		wb_err_hint(err, "`whimbrel status` lists the versions");
		return WB_ENOTFOUND;
	}
	*ret_version = r->version;
	return 0;
}

const char *wb_target_plain(const char *text)
{
	const char *plain = without_v(text);
	return wb_version_orders(plain) ? plain : NULL;
}

bool wb_version_orders(const char *version)
{
	return wb_version_cmp(version, "") < 0; /* "" is no version, and what is none orders last */
}
