/* SPDX-License-Identifier: Apache-2.0
 *
 * Did a step outside transactions happen? The kind of the statement decides
 * whom to ask; the memo is a line of numbers taken before the step ran. What
 * the catalog cannot tell stays unknown.
 */
#include "driver/postgres/pg.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

int wb_pg_say(struct wb_pg_step *s, struct wb_error *err, enum wb_probe probe, const char *fmt, ...)
{
	wb_autostr text = WB_STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	wb_str_vaddf(&text, fmt, ap);
	va_end(ap);
	char *why = text.failed ? NULL : wb_arena_sv(s->arena, wb_str_sv(&text));
	if (!why)
		return wb_err_nomem(err);
	s->probe = probe;
	s->why = why;
	return 0;
}

bool wb_pg_memo_number(const char *memo, int i, int64_t *ret_value)
{
	struct wb_sv rest = wb_sv_str(memo ? memo : ""), word;
	while (wb_sv_cut(&rest, ' ', &word)) {
		if (i-- == 0)
			return wb_sv_i64(word, ret_value);
	}
	return false;
}

bool wb_pg_memo_has(const char *memo, int from, int64_t value)
{
	int64_t v;
	for (int i = from; wb_pg_memo_number(memo, i, &v); i++) {
		if (v == value)
			return true;
	}
	return false;
}

int wb_pg_relation(struct wb_pg *c, const char *schema, const char *name, int64_t *ret_oid, struct wb_error *err)
{
	wb_autostr quoted = WB_STR_INIT;
	struct wb_pg_first first = { .arena = &c->arena };
	size_t done, offset;
	wb_pg_name_sql(schema, name, &quoted);
	if (quoted.failed)
		return wb_err_nomem(err);
	struct wb_value p = wb_v_sv(wb_str_sv(&quoted));
	struct wb_query q = { .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_RELATION)),
			      .params = &p,
			      .n_params = 1,
			      .row = wb_pg_take_first,
			      .row_user = &first };
	*ret_oid = 0;
	int rc = wb_pg_run(&c->base, &q, 1, &done, &offset, err);
	if (rc == 0 && first.found && first.v[0] && !wb_sv_i64(wb_sv_str(first.v[0]), ret_oid))
		*ret_oid = 0;
	return rc;
}

int wb_pg_check_builder(struct wb_pg *c, int64_t table, struct wb_error *err)
{
	struct wb_value p = wb_v_int(table);
	int64_t pid = 0;
	int rc = wb_pg_number(c, WB_PG_SQL_PROBE_BUILDER, &p, 1, 0, &pid, err);
	if (rc < 0 || !pid)
		return rc;
	wb_err_set(err, WB_EBUSY, "server process %lld is still building an index", (long long)pid);
	wb_err_detail(err, "a killed client does not stop its server process: the index may yet become valid");
	wb_err_hint(err, "wait for it, or end it with `whimbrel locks --terminate %lld`, then run again",
		    (long long)pid);
	return WB_EBUSY;
}

/* ---- what the catalog knows by name ------------------------------------------- */

static int note_number(struct wb_pg_step *s, int64_t n, struct wb_error *err)
{
	s->note = wb_arena_printf(s->arena, "%lld", (long long)n);
	return s->note ? 0 : wb_err_nomem(err);
}

static enum wb_pg_sql existence_query(enum wb_pg_kind kind)
{
	if (kind == WB_PG_DATABASE)
		return WB_PG_SQL_PROBE_DATABASE;
	return kind == WB_PG_TABLESPACE ? WB_PG_SQL_PROBE_TABLESPACE : WB_PG_SQL_PROBE_SUBSCRIPTION;
}

/* -1: not there; 0: there, but unusable; 1: there. */
static int existence(struct wb_pg_step *s, int64_t *ret_state, struct wb_error *err)
{
	struct wb_value name = wb_v_text(s->info.name);
	return wb_pg_number(s->c, existence_query(s->info.kind), &name, 1, -1, ret_state, err);
}

static int prepare_object(struct wb_pg_step *s, struct wb_error *err)
{
	int64_t state;
	int rc = existence(s, &state, err);
	return rc < 0 ? rc : note_number(s, state, err);
}

static int probe_created(struct wb_pg_step *s, int64_t state, struct wb_error *err)
{
	int64_t before = -1;
	const char *name = s->info.name;
	bool was_there = wb_pg_memo_number(s->memo, 0, &before) && before >= 0;
	if (state < 0)
		return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "\"%s\" does not exist", name);
	if (was_there)
		return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "\"%s\" existed before the step began", name);
	return wb_pg_say(s, err, WB_PROBE_DONE, "\"%s\" exists", name);
}

static int probe_object(struct wb_pg_step *s, struct wb_error *err)
{
	int64_t state;
	int rc = existence(s, &state, err);
	if (rc < 0)
		return rc;
	if (!strncmp(s->info.command, "ALTER", 5))
		return wb_pg_say(s, err, WB_PROBE_REPEAT, "running it twice does no harm");
	if (s->info.create)
		return probe_created(s, state, err);
	if (state < 0)
		return wb_pg_say(s, err, WB_PROBE_DONE, "\"%s\" is gone", s->info.name);
	return wb_pg_say(s, err, WB_PROBE_NOT_DONE,
			 state ? "\"%s\" still exists" : "\"%s\" was left half dropped: dropping it again finishes it",
			 s->info.name);
}

/* ---- DETACH PARTITION CONCURRENTLY: memo = partition, parent --------------------- */

static int prepare_detach(struct wb_pg_step *s, struct wb_error *err)
{
	int64_t partition = 0, parent = 0;
	int rc = wb_pg_relation(s->c, s->info.schema, s->info.name, &partition, err);
	if (rc == 0)
		rc = wb_pg_relation(s->c, s->info.rel_schema, s->info.rel_name, &parent, err);
	if (rc < 0)
		return rc;
	s->note = wb_arena_printf(s->arena, "%lld %lld", (long long)partition, (long long)parent);
	return s->note ? 0 : wb_err_nomem(err);
}

static int find_partition(struct wb_pg_step *s, struct wb_pg_first *f, struct wb_error *err)
{
	int64_t partition, parent;
	if (!wb_pg_memo_number(s->memo, 0, &partition) || !wb_pg_memo_number(s->memo, 1, &parent)) {
		int rc = prepare_detach(s, err);
		if (rc < 0)
			return rc;
		s->memo = s->note;
	}
	if (!wb_pg_memo_number(s->memo, 0, &partition) || !wb_pg_memo_number(s->memo, 1, &parent))
		return wb_err_set(err, WB_EBUG, "a memo of two numbers has fewer");
	struct wb_value p[] = { wb_v_int(partition), wb_v_int(parent) };
	return wb_pg_ask(s->c, WB_PG_SQL_PROBE_PARTITION, p, 2, wb_pg_take_first, f, err);
}

static bool is_pending(const struct wb_pg_first *f)
{
	return f->found && f->v[0] && !strcmp(f->v[0], "1");
}

static int probe_detach(struct wb_pg_step *s, struct wb_error *err)
{
	struct wb_pg_first f = { .arena = s->arena };
	int rc = find_partition(s, &f, err);
	if (rc < 0)
		return rc;
	if (!f.found)
		return wb_pg_say(s, err, WB_PROBE_DONE, "\"%s\" is no partition of \"%s\" any more", s->info.name,
				 s->info.rel_name);
	if (!is_pending(&f))
		return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "\"%s\" is still a partition of \"%s\"", s->info.name,
				 s->info.rel_name);
	return wb_pg_say(s, err, WB_PROBE_HALF, "detaching \"%s\" was begun and not finished; FINALIZE finishes it",
			 s->info.name);
}

static int undo_detach(struct wb_pg_step *s, struct wb_error *err)
{
	struct wb_pg_first f = { .arena = s->arena };
	int rc = find_partition(s, &f, err);
	if (rc < 0 || !is_pending(&f) || f.n < 3 || !f.v[1] || !f.v[2])
		return rc;
	char *sql = wb_arena_printf(s->arena, "ALTER TABLE %s DETACH PARTITION %s FINALIZE", f.v[1], f.v[2]);
	return sql ? wb_pg_do(s->c, sql, err) : wb_err_nomem(err);
}

static int probe_repeat(struct wb_pg_step *s, struct wb_error *err)
{
	return wb_pg_say(s, err, WB_PROBE_REPEAT, "running it twice does no harm");
}

/* ---- the methods --------------------------------------------------------------------- */

static const struct wb_pg_prober by_name = { prepare_object, probe_object, NULL };
static const struct wb_pg_prober detach = { prepare_detach, probe_detach, undo_detach };
static const struct wb_pg_prober repeat = { NULL, probe_repeat, NULL };

static const struct wb_pg_prober *const probers[] = {
	[WB_PG_INDEX_CREATE] = &wb_pg_probe_index_create,
	[WB_PG_INDEX_DROP] = &wb_pg_probe_index_drop,
	[WB_PG_REINDEX] = &wb_pg_probe_reindex,
	[WB_PG_DETACH] = &detach,
	[WB_PG_VACUUM] = &repeat,
	[WB_PG_CLUSTER_ALL] = &repeat,
	[WB_PG_SYSTEM] = &repeat,
	[WB_PG_DATABASE] = &by_name,
	[WB_PG_TABLESPACE] = &by_name,
	[WB_PG_SUBSCRIPTION] = &by_name,
};

static const struct wb_pg_prober *prober(struct wb_pg_step *s)
{
	wb_pg_classify(s->statement, &s->info);
	return (size_t)s->info.kind < WB_ARRAY_LEN(probers) ? probers[s->info.kind] : NULL;
}

int wb_pg_probe_prepare(struct wb_conn *conn, struct wb_arena *a, struct wb_sv statement, const char **ret_memo,
			struct wb_error *err)
{
	struct wb_pg_step s = { .c = wb_pg(conn), .arena = a, .statement = statement };
	const struct wb_pg_prober *p = prober(&s);
	int rc = p && p->prepare ? p->prepare(&s, err) : 0;
	if (rc == 0)
		*ret_memo = s.note;
	return rc;
}

int wb_pg_probe(struct wb_conn *conn, struct wb_arena *a, struct wb_sv statement, const char *memo,
		enum wb_probe *ret_probe, const char **ret_why, struct wb_error *err)
{
	struct wb_pg_step s = {
		.c = wb_pg(conn), .arena = a, .statement = statement, .memo = memo, .probe = WB_PROBE_UNKNOWN
	};
	const struct wb_pg_prober *p = prober(&s);
	int rc = p ? p->probe(&s, err)
		   : wb_pg_say(&s, err, WB_PROBE_UNKNOWN, "the database cannot tell whether %s took effect",
			       *s.info.command ? s.info.command : "the statement");
	if (rc == 0) {
		*ret_probe = s.probe;
		*ret_why = s.why;
	}
	return rc;
}

int wb_pg_undo_half(struct wb_conn *conn, struct wb_sv statement, const char *memo, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_pg_step s = { .c = wb_pg(conn), .arena = &a, .statement = statement, .memo = memo };
	const struct wb_pg_prober *p = prober(&s);
	return p && p->undo ? p->undo(&s, err) : 0;
}
