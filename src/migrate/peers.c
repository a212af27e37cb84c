/* SPDX-License-Identifier: Apache-2.0
 *
 * Tools whose histories were taken over may still be started by somebody. A run
 * holds their locks beside ours, gives them back around steps outside
 * transactions (a peer that waits inside the server would deadlock with a
 * concurrent index build), and refuses when one of them has gone on by itself.
 */
#include "adopt.h"

void wb_peers_done(struct wb_peers *p)
{
	wb_vec_done(&p->v);
	wb_arena_done(&p->arena);
}

/* "tool\tschema\ttable" */
static int take_peer(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_peers *p = user;
	struct wb_sv rest = row->v[0], tool, schema, table;
	if (!rest.p || !wb_sv_cut(&rest, '\t', &tool) || !wb_sv_cut(&rest, '\t', &schema) ||
	    !wb_sv_cut(&rest, '\t', &table))
		return 0;
	struct wb_peer peer = { wb_arena_sv(&p->arena, tool), schema.n ? wb_arena_sv(&p->arena, schema) : NULL,
				wb_arena_sv(&p->arena, table) };
	bool ok = peer.tool && peer.table && (peer.schema || !schema.n) && wb_vec_push(&p->v, peer);
	return ok ? 0 : wb_err_nomem(err);
}

/* ---- locks ---------------------------------------------------------------------- */

static int lock_one(const struct wb_target *t, const struct wb_peer *peer, int64_t wait_ms, struct wb_error *err)
{
	struct wb_retry retry;
	wb_retry_init(&retry, 20, 500, wait_ms < 0 ? 0 : wait_ms, 0);
	for (;;) {
		int rc = wb_conn_peer_try(t->conn, peer, err);
		int64_t next = rc == WB_EBUSY && wait_ms >= 0 ? wb_retry_next(&retry) : -1;
		if (next < 0)
			return rc;
		wb_sleep_ms(next);
		if (*t->cancel)
			return wb_err_set(err, WB_ECANCELLED, "cancelled while waiting for the lock of %s", peer->tool);
	}
}

int wb_peers_lock(const struct wb_target *t, int64_t wait_ms, struct wb_peers *p, struct wb_error *err)
{
	int rc = 0;
	while (rc == 0 && p->held < p->v.n) {
		rc = lock_one(t, &p->v.v[p->held], wait_ms, err);
		p->held += rc == 0;
	}
	return rc;
}

void wb_peers_unlock(const struct wb_target *t, struct wb_peers *p)
{
	struct wb_error ignored;
	while (p->held > 0) {
		const struct wb_peer *peer = &p->v.v[--p->held];
		if (!t->conn->lost && wb_conn_peer_release(t->conn, peer, &ignored) < 0)
			wb_log(&t->sink, WB_LOG_WARN, "the lock of %s could not be given back: %s", peer->tool,
			       ignored.message);
	}
}

/* ---- has it gone on by itself? ------------------------------------------------------ */

static int gone_on(const struct wb_adopt *a, const struct wb_adopt_item *item, struct wb_error *err)
{
	wb_err_set(err, WB_EREFUSED, "%s has applied %s since its history was taken over", a->table.tool->title,
		   item->version);
	wb_err_hint(err, "run `whimbrel adopt` again, which takes that over, too; and see that only one of the two "
			 "tools migrates this database");
	if (err)
		(void)wb_sv_copy(wb_sv_str(item->version), err->version, sizeof(err->version));
	return WB_EREFUSED;
}

/* The columns that every version of the tool has. */
static unsigned all_columns(const struct wb_old_tool *tool)
{
	unsigned bits = 0;
	for (size_t k = 0; tool->columns[k].name; k++)
		bits |= tool->columns[k].optional ? 0 : 1u << k;
	return bits;
}

static int compare(struct wb_adopt *a, struct wb_error *err)
{
	struct wb_error reading = { 0 };
	int rc = wb_adopt_read(a, &reading);
	if (rc == WB_ESQL || rc == WB_EPRIVILEGE) { /* somebody has dropped the old table, as they may */
		wb_log(&a->t->sink, WB_LOG_INFO, "%s", reading.message);
		return 0;
	}
	if (rc < 0 && err)
		*err = reading;
	if (rc == 0)
		rc = wb_adopt_match(a, err);
	for (size_t i = 0; rc == 0 && i < a->items.n; i++) {
		const struct wb_adopt_item *item = &a->items.v[i];
		/* Of what a single version implies, only that version is the tool's own word. */
		if (item->old && !item->known && !item->history_only)
			rc = gone_on(a, item, err);
	}
	return rc;
}

/* Which records there are is all that is asked: the journal of the run is lent. */
static int check_one(struct wb_target *t, const struct wb_journal *j, const struct wb_peer *peer, struct wb_error *err)
{
	static const struct wb_adopt_options none = { .size = sizeof(none) };
	const struct wb_old_tool *tool = wb_old_tool_find(peer->tool);
	struct wb_adopt a = { .t = t, .o = &none, .conn = t->conn, .journal = *j };
	int rc = 0;
	if (!tool)
		return 0;
	a.table = (struct wb_old_table){ tool, peer->schema, peer->table, all_columns(tool), false };
	if (tool->beside && !(t->driver->caps & WB_CAP_SCHEMAS) && t->connect_file)
		rc = t->connect_file(t->connect_user, tool->beside, &a.beside, err);
	if (rc == WB_ENOTFOUND)
		return 0;
	if (a.beside)
		a.conn = a.beside;
	if (rc == 0)
		rc = compare(&a, err);
	a.journal = (struct wb_journal){ 0 };
	wb_adopt_done(&a);
	return rc;
}

int wb_peers_begin(struct wb_target *t, const struct wb_journal *j, int64_t wait_ms, struct wb_peers *p,
		   struct wb_error *err)
{
	struct wb_value project = wb_v_text(t->project);
	int rc = j->exists ? wb_query_named(t->conn, WB_SQL_ADOPTED, &project, 1, take_peer, p, NULL, err) : 0;
	if (rc == 0)
		rc = wb_peers_lock(t, wait_ms, p, err);
	for (size_t i = 0; rc == 0 && i < p->v.n; i++)
		rc = check_one(t, j, &p->v.v[i], err);
	return rc;
}
