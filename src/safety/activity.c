/* SPDX-License-Identifier: Apache-2.0
 *
 * Who uses what a statement works on, as the catalog tells: how often it is read
 * and written, which open transaction the statement would wait for, where its
 * log goes, who publishes it. Each is a note; waiting for somebody raises the
 * risk. What the role may not see is said to be unknown.
 */
#include "safety/risk.h"

#include <stdio.h>

/* An open transaction of this age does not end in a moment. */
#define LONG_OPEN_S 60
#define MUCH_LOG (1 << 20)

/* ---- locks --------------------------------------------------------------------------------- */

/* For each lock those that it has to wait for, a bit each: lock.c, LockConflicts. */
#define B(lock) (1u << WB_LOCK_##lock)
static const unsigned conflicts[WB_LOCK_COUNT] = {
	[WB_LOCK_ACCESS_SHARE] = B(ACCESS_EXCLUSIVE),
	[WB_LOCK_ROW_SHARE] = B(EXCLUSIVE) | B(ACCESS_EXCLUSIVE),
	[WB_LOCK_ROW_EXCLUSIVE] = B(SHARE) | B(SHARE_ROW_EXCLUSIVE) | B(EXCLUSIVE) | B(ACCESS_EXCLUSIVE),
	[WB_LOCK_SHARE_UPDATE_EXCLUSIVE] =
		B(SHARE_UPDATE_EXCLUSIVE) | B(SHARE) | B(SHARE_ROW_EXCLUSIVE) | B(EXCLUSIVE) | B(ACCESS_EXCLUSIVE),
	[WB_LOCK_SHARE] = B(ROW_EXCLUSIVE) | B(SHARE_UPDATE_EXCLUSIVE) | B(SHARE_ROW_EXCLUSIVE) | B(EXCLUSIVE) |
			  B(ACCESS_EXCLUSIVE),
	[WB_LOCK_SHARE_ROW_EXCLUSIVE] = B(ROW_EXCLUSIVE) | B(SHARE_UPDATE_EXCLUSIVE) | B(SHARE) |
					B(SHARE_ROW_EXCLUSIVE) | B(EXCLUSIVE) | B(ACCESS_EXCLUSIVE),
	[WB_LOCK_EXCLUSIVE] = B(ROW_SHARE) | B(ROW_EXCLUSIVE) | B(SHARE_UPDATE_EXCLUSIVE) | B(SHARE) |
			      B(SHARE_ROW_EXCLUSIVE) | B(EXCLUSIVE) | B(ACCESS_EXCLUSIVE),
	[WB_LOCK_ACCESS_EXCLUSIVE] = (1u << WB_LOCK_COUNT) - 2,
};

bool wb_lock_conflicts(enum wb_lock a, enum wb_lock b)
{
	return conflicts[a] & 1u << b;
}

/* "AccessShareLock", as pg_locks has it. */
static enum wb_lock lock_of(const char *mode)
{
	for (unsigned lock = WB_LOCK_ACCESS_SHARE; mode && lock < WB_LOCK_COUNT; lock++) {
		const char *name = wb_lock_name((enum wb_lock)lock), *m = mode;
		while (*name && (*name == ' ' || (*m && (*name | 0x20) == (*m | 0x20)))) {
			m += *name != ' ';
			name++;
		}
		if (!*name && !strcmp(m, "Lock"))
			return (enum wb_lock)lock;
	}
	return WB_LOCK_NONE;
}

/* ---- notes ---------------------------------------------------------------------------------- */

struct looking {
	struct wb_world *w;
	const struct wb_effect *e;
	struct wb_arena *a;
	struct wb_assessment *out;
	bool failed;
};

static void note(struct looking *l, const char *text)
{
	l->failed |= !text;
	for (size_t i = 0; text && i < l->out->n_notes; i++)
		if (!strcmp(l->out->notes[i], text))
			return;
	if (text && l->out->n_notes < WB_NOTES_MAX)
		l->out->notes[l->out->n_notes++] = text;
}

static const char *shown(const struct looking *l, const struct wb_relation *r)
{
	const char *text = r->name.schema ? wb_arena_printf(l->a, "%s.%s", r->name.schema, r->name.name) : r->name.name;
	return text ? text : "?";
}

static const char *for_how_long(const struct wb_world_hold *h, char *buf, size_t size)
{
	return h->seconds < 0 ? "nobody may tell how long" : wb_duration_text(h->seconds * 1000, buf, size);
}

static void would_wait(struct looking *l, const struct wb_touch *t, const struct wb_world_hold *h)
{
	char took[40];
	if (h->pid < 0)
		note(l, wb_arena_printf(l->a, "a prepared transaction holds %s on %s: it would wait for that",
					wb_lock_name(lock_of(h->mode)), shown(l, t->relation)));
	else if (h->seconds < 0)
		note(l, wb_arena_printf(
				l->a,
				"session %lld holds %s on %s, since when the role may not see: it would wait for that",
				(long long)h->pid, wb_lock_name(lock_of(h->mode)), shown(l, t->relation)));
	else
		note(l, wb_arena_printf(l->a,
					"session %lld (%s) holds %s on %s, its transaction open for %s: it would "
					"wait for that",
					(long long)h->pid, h->state ? h->state : "?", wb_lock_name(lock_of(h->mode)),
					shown(l, t->relation), for_how_long(h, took, sizeof(took))));
	if ((h->pid < 0 || h->seconds >= LONG_OPEN_S) && l->out->risk < WB_RISK_MEDIUM)
		l->out->risk = WB_RISK_MEDIUM;
}

/* Of those in the way the one that has been there longest; they come in that order. Said once: whoever has waited for
 * it need not do so again. */
static void held(struct looking *l, const struct wb_touch *t)
{
	for (size_t i = 0; i < l->w->holds.n; i++) {
		struct wb_world_hold *h = &l->w->holds.v[i];
		if (!h->told && h->relation == t->relation && wb_lock_conflicts(t->lock, lock_of(h->mode))) {
			would_wait(l, t, h);
			h->told = true;
			return;
		}
	}
}

static void waits_for_all(struct looking *l)
{
	char took[40];
	if (!(l->e->flags & WB_EFFECT_WAITS) || !l->w->surveyed)
		return;
	for (size_t i = 0; i < l->w->holds.n; i++) {
		const struct wb_world_hold *h = &l->w->holds.v[i];
		if (h->relation || h->seconds < LONG_OPEN_S)
			continue;
		note(l, wb_arena_printf(l->a,
					"the oldest transaction, of session %lld, is open for %s: it would wait "
					"for that",
					(long long)h->pid, for_how_long(h, took, sizeof(took))));
		return;
	}
	if (l->w->sees == WB_NO)
		note(l, "whether one is open for long the role may not see (pg_read_all_stats)");
}

/* Only what is more than once a second is worth a word. */
static void used(struct looking *l, const struct wb_touch *t)
{
	struct wb_relation *r = (struct wb_relation *)(uintptr_t)t->relation;
	enum wb_blocks blocks = wb_lock_blocks(t->lock);
	int64_t s = l->w->counted_s > 0 ? l->w->counted_s : 1;
	int64_t writes = r->writes / s, reads = blocks == WB_BLOCKS_READS ? r->reads / s : 0;
	const char *about = l->w->counted_exactly ? "about" : "at most";
	char read[60] = "", written[60] = "", over[40];
	if (l->w->counted_s < 0 || blocks == WB_BLOCKS_NONE || r->told || (reads <= 0 && writes <= 0))
		return;
	r->told = true;
	if (reads > 0)
		(void)snprintf(read, sizeof(read), " read %s %lld", about, (long long)reads);
	if (writes > 0)
		(void)snprintf(written, sizeof(written), " written %s %lld", about, (long long)writes);
	note(l,
	     wb_arena_printf(l->a, "%s is%s%s%s times a second, on average over %s", shown(l, r), read,
			     *read && *written ? " and" : "", written, wb_duration_text(s * 1000, over, sizeof(over))));
}

/* ---- what leaves the server ------------------------------------------------------------------ */

static const char *size_text(struct looking *l, int64_t bytes)
{
	return wb_arena_printf(l->a, "%.1f MB", (double)bytes / 1e6);
}

static void replicated(struct looking *l)
{
	struct wb_world *w = l->w;
	bool writes = l->e->rewrites == WB_YES || l->e->indexes == WB_YES;
	if (!writes || l->e->bytes_written < MUCH_LOG)
		return;
	if (w->replicas > 0)
		note(l, wb_arena_printf(l->a, "about %s of log go to %lld replica%s, which follow%s later%s",
					size_text(l, l->e->bytes_written), (long long)w->replicas,
					w->replicas == 1 ? "" : "s", w->replicas == 1 ? "s" : "",
					l->e->blocks_reads == WB_YES ? "; readers there wait, too" : ""));
	if (w->idle_slots > 0)
		note(l,
		     wb_arena_printf(l->a, "about %s of log stay on disk for %lld replication slot%s that nobody reads",
				     size_text(l, l->e->bytes_written), (long long)w->idle_slots,
				     w->idle_slots == 1 ? "" : "s"));
}

/* Changes of these do not reach subscribers by themselves. */
static bool is_of_columns(const struct wb_operation *op)
{
	return op->code == WB_OP_COLUMN_ADD || op->code == WB_OP_COLUMN_DROP || op->code == WB_OP_COLUMN_TYPE ||
	       (op->code == WB_OP_RENAME && (op->kind == WB_KIND_COLUMN || op->kind == WB_KIND_TABLE)) ||
	       (op->code == WB_OP_DROP && op->kind == WB_KIND_TABLE);
}

static void published(struct looking *l, const struct wb_operations *ops)
{
	bool columns = false;
	for (size_t i = 0; i < ops->n; i++)
		columns |= is_of_columns(&ops->v[i]) && !(ops->v[i].flags & WB_WITH_INLINE);
	for (size_t i = 0; columns && i < l->e->touches.n; i++) {
		const struct wb_relation *r = l->e->touches.v[i].relation;
		if (r && r->publications && !l->e->touches.v[i].made)
			note(l, wb_arena_printf(l->a,
						"%s is published (%s): subscribers do not get this change, and "
						"need it as well",
						shown(l, r), r->publications));
	}
}

int wb_activity(struct wb_world *w, const struct wb_effect *e, const struct wb_operations *ops, struct wb_arena *a,
		struct wb_assessment *out, struct wb_error *err)
{
	struct looking l = { w, e, a, out, false };
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		if (!t->relation || t->made)
			continue;
		held(&l, t);
		used(&l, t);
	}
	waits_for_all(&l);
	replicated(&l);
	published(&l, ops);
	return l.failed ? wb_err_nomem(err) : 0;
}
