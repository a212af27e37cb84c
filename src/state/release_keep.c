/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions of three numbers, and recording a release: it, its snapshot and its
 * line in the history are one transaction.
 */
#include "state/store.h"

#include "base/banned.h"

/* ---- versions ----------------------------------------------------------------------- */

#define PART_MAX 999999999

/* Digits alone: no sign, no blank. */
static bool parse_part(struct wb_sv text, int64_t *ret_part)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return wb_sv_i64(text, ret_part) && *ret_part <= PART_MAX;
}

bool wb_semver_parse(const char *text, struct wb_semver *ret_v)
{
	struct wb_sv rest = wb_sv_str(text), piece;
	struct wb_semver v;

	for (size_t i = 0; i < 3; i++)
		if (!wb_sv_cut(&rest, '.', &piece) || !parse_part(piece, &v.part[i]))
			return false;
	if (rest.n || !text[0] || text[strlen(text) - 1] == '.')
		return false;
	*ret_v = v;
	return true;
}

int wb_semver_cmp(const struct wb_semver *a, const struct wb_semver *b)
{
	for (size_t i = 0; i < 3; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

void wb_semver_bump(struct wb_semver *v, enum wb_impact impact)
{
	size_t i = (size_t)(WB_IMPACT_MAJOR - impact);

	if (impact == WB_IMPACT_NONE)
		return;
	v->part[i++]++;
	for (; i < 3; i++)
		v->part[i] = 0;
}

void wb_semver_text(const struct wb_semver *v, char out[WB_SEMVER_MAX])
{
	snprintf(out, WB_SEMVER_MAX, "%lld.%lld.%lld", (long long)v->part[0], (long long)v->part[1],
		 (long long)v->part[2]);
}

/* ---- keeping ---------------------------------------------------------------------------- */

static bool add_release(const struct wb_target *t, const struct wb_kept_release *r, struct wb_batch *batch)
{
	struct wb_semver v = { { 0 } };
	bool ok = wb_semver_parse(r->version, &v);
	const struct wb_value p[] = {
		wb_v_text(t->project),         wb_v_text(r->version),        wb_v_int(v.part[0]),
		wb_v_int(v.part[1]),           wb_v_int(v.part[2]),          wb_v_text(r->impact),
		wb_v_text(r->first_migration), wb_v_text(r->last_migration), wb_v_int(r->migrations),
		wb_v_int(r->last_rank),        wb_v_text(r->hash),           wb_v_text(r->breaking),
		wb_v_text(r->notes),           wb_v_text(wb_applied_by(t)),  wb_v_text(t->host),
		wb_v_text(t->tool_version)
	};

	return ok && wb_journal_named(t, &batch->arena, WB_SQL_RELEASE_ADD, p, WB_ARRAY_LEN(p), wb_batch_add(batch));
}

static bool add_history(const struct wb_target *t, const struct wb_kept_release *r, struct wb_batch *batch)
{
	char run[37];
	struct wb_history_row h = { .version = r->last_migration,
				    .action = "release",
				    .result = "ok",
				    .statements = -1,
				    .rows_affected = -1,
				    .execution_ms = -1,
				    .retries = -1,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };

	wb_uuid(run);
	h.run = wb_arena_str(&batch->arena, run);
	h.description = wb_arena_printf(&batch->arena, "release %s%s%s", r->version, r->notes ? ": " : "",
					r->notes ? r->notes : "");
	return h.run && h.description && wb_journal_history(t, &batch->arena, &h, wb_batch_add(batch));
}

int wb_release_keep(const struct wb_target *t, const struct wb_model *m, const struct wb_kept_release *r,
		    struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch batch = { .arena = WB_ARENA_INIT };
	wb_autostr text = WB_STR_INIT;
	int rc = wb_snapshot_write(m, &text, err);
	const struct wb_kept_snapshot s = { .version = r->last_migration, .hash = r->hash, .text = text.p };

	if (rc == 0)
		rc = wb_state_ensure(t, err);
	if (rc)
		return rc;
	if (!wb_snapshot_add(t, m, &s, r->version, &batch) || !add_release(t, r, &batch) || !add_history(t, r, &batch))
		return wb_err_nomem(err);
	return wb_batch_run_alone(&batch, t->conn, err);
}
