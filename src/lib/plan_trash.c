/* SPDX-License-Identifier: Apache-2.0
 *
 * What a step of a plan will set aside, and at which cost: asked of the engine
 * as it will be when the step runs. Of a table that an earlier step makes
 * nothing is known yet.
 */
#include "plan.h"

#include "migrate/trash.h"
#include "safety/undo.h"

static int add_note(struct planning *p, struct wb_plan_step *s, const char *text)
{
	const char **v = text ? wb_arena_alloc(&p->b->arena, sizeof(*v) * (s->n_notes + 1)) : NULL;
	if (!v)
		return wb_err_nomem(p->err);
	if (s->n_notes)
		memcpy(v, s->notes, sizeof(*v) * s->n_notes);
	v[s->n_notes++] = text;
	s->notes = v;
	return 0;
}

static const struct wb_relation *relation_of(const struct wb_effect *e, const char *name)
{
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		if (t->relation && t->name.name && strcmp(t->name.name, name) == 0)
			return t->relation;
	}
	return NULL;
}

/* ", about 7 rows, 120 kB": as far as it is known. */
static void add_size(struct wb_str *out, const struct wb_relation *r)
{
	if (r && r->rows >= 0)
		wb_str_addf(out, ", about %lld row%s", (long long)r->rows, r->rows == 1 ? "" : "s");
	if (r && r->bytes >= 0)
		wb_str_addf(out, " of a table of %lld kB", (long long)((r->bytes + 1023) / 1024));
}

static int note_thing(struct planning *p, struct wb_plan_step *s, const struct wb_effect *e,
		      const struct wb_taken *thing)
{
	wb_autostr text = WB_STR_INIT;
	if (thing->refused) {
		p->b->view.refused = true;
		wb_str_addf(&text, "%s cannot be set aside: %s; `%s` will refuse", thing->table.name, thing->refused,
			    p->down ? "down" : "up");
	} else {
		bool rename = strcmp(thing->method, "rename") == 0, copy = strcmp(thing->method, "copy") == 0;
		wb_str_addf(&text, "%s is set aside: %s", thing->was,
			    rename ? "renamed, nothing is copied"
			    : copy ? "copied"
				   : "renamed, and rewritten with text for values of types of the database's own");
		if (!rename)
			add_size(&text, relation_of(e, thing->table.name));
	}
	return text.failed ? wb_err_nomem(p->err) : add_note(p, s, wb_arena_sv(&p->b->arena, wb_str_sv(&text)));
}

static int look(struct planning *p, struct wb_plan_step *s, struct wb_effect *e, struct wb_taking *k)
{
	int rc = wb_taking_find(k, p->err);
	for (size_t i = 0; rc == 0 && i < k->things.n; i++) {
		struct wb_taken *thing = &k->things.v[i];
		rc = wb_taking_look(k, thing, "0", p->err);
		if (rc == 0 && (thing->method || thing->refused))
			rc = note_thing(p, s, e, thing);
	}
	return rc;
}

/* An undo that nobody has written takes columns that have had values since; what was written is meant. */
static bool is_inferred(const struct planning *p, const struct wb_plan_step *s)
{
	for (size_t i = 0; i < p->b->migrations.n; i++) {
		const struct wb_plan_migration *m = &p->b->migrations.v[i];
		if (m->version && s->version && !strcmp(m->version, s->version))
			return m->down_source && !strcmp(m->down_source, "inferred");
	}
	return false;
}

int wb_plan_trash(struct planning *p, size_t i, struct wb_effect *e)
{
	struct wb_plan_step *s = &p->b->steps.v[i];
	const struct wb_operations *ops = &p->b->operations.v[i];
	struct wb_taking k = { .t = &p->c->target, .text = wb_sv_str(s->sql), .arena = WB_ARENA_INIT };
	bool sets_aside = false, down = s->phase && strcmp(s->phase, "down") == 0;
	if (!p->c->o.trash || s->sql_cut || !s->phase || (down && !is_inferred(p, s)))
		return 0;
	for (size_t n = 0; n < ops->n; n++)
		sets_aside |= (!down || ops->v[n].code == WB_OP_COLUMN_DROP) &&
			      wb_undo_sets_aside(p->c->driver->dialect, k.text, &ops->v[n]);
	if (!sets_aside)
		return 0;
	e->flags |= WB_EFFECT_KEPT;
	int rc = p->c->conn && !p->c->conn_is_standin ? look(p, s, e, &k) : 0;
	wb_taking_done(&k);
	return rc;
}
