/* SPDX-License-Identifier: Apache-2.0
 *
 * What a migration changed in its session. After each step everything is put
 * back before the journal is written, and a resumed run has a new session
 * anyway: so SET, PRAGMA, ATTACH of the statements before are made again.
 */
#include "steps.h"

int steps_session_before(struct steps *st, struct wb_conn *c, int64_t ordinal, bool all, struct wb_error *err)
{
	const struct wb_script *s = st->item->script;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < s->n_session && s->session[i].ordinal < ordinal; i++) {
		struct wb_query q = { .sql = s->session[i].text };
		size_t done, offset;
		if (all || s->session[i].outside)
			rc = wb_run(c, &q, 1, &done, &offset, err);
	}
	return rc;
}

void steps_session_in(const struct steps *st, struct wb_batch *b, int64_t ordinal)
{
	const struct wb_script *s = st->item->script;
	for (size_t i = 0; i < s->n_session && s->session[i].ordinal < ordinal; i++) {
		if (!s->session[i].outside)
			wb_batch_sql(b, s->session[i].text);
	}
}
