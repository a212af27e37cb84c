/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign keys that hold, and do what they should; sequences that are ahead of
 * the values that are there.
 */
#include "check/check.h"

#include "base/banned.h"

/* ---- foreign keys of the catalog ---------------------------------------------------------------- */

struct key {
	const char *schema, *table, *constraint, *number, *other_schema, *other, *on_delete;
	const char **columns, **others;
	size_t n, cap;
};
struct keys {
	struct wb_checking *k;
	WB_VEC(struct key) v;
};

static const char *keep(struct keys *ks, struct wb_sv text)
{
	const char *copy = text.p ? wb_arena_sv(&ks->k->arena, text) : NULL;
	ks->k->nomem |= text.p && !copy;
	return copy;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool add_column(struct keys *ks, struct key *key, struct wb_sv column, struct wb_sv other)
{
	if (key->n == key->cap) {
		size_t cap = key->cap ? key->cap * 2 : 4;
		const char **c = wb_arena_array(&ks->k->arena, cap, sizeof(*c));
		const char **o = wb_arena_array(&ks->k->arena, cap, sizeof(*o));
		if (!c || !o)
			return false;
		for (size_t i = 0; i < key->n; i++) {
			c[i] = key->columns[i];
			o[i] = key->others[i];
		}
		key->columns = c;
		key->others = o;
		key->cap = cap;
	}
	key->columns[key->n] = keep(ks, column);
	key->others[key->n++] = keep(ks, other);
	return !ks->k->nomem;
}

/* schema, table, constraint, number, column, other schema, other table, its column, on delete */
static int take_key(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct keys *ks = user;
	struct key new = { .schema = keep(ks, row->v[0]),
			   .table = keep(ks, row->v[1]),
			   .constraint = keep(ks, row->v[2]),
			   .number = keep(ks, row->v[3]),
			   .other_schema = keep(ks, row->v[5]),
			   .other = keep(ks, row->v[6]),
			   .on_delete = keep(ks, row->v[8]) };
	struct key *last = ks->v.n ? &ks->v.v[ks->v.n - 1] : NULL;
	if (!last || !same(last->schema, new.schema) || !same(last->table, new.table) ||
	    !same(last->number, new.number)) {
		if (!wb_vec_push(&ks->v, new))
			return wb_err_nomem(err);
		last = &ks->v.v[ks->v.n - 1];
	}
	return add_column(ks, last, row->v[4], row->v[7]) ? 0 : wb_err_nomem(err);
}

static bool is_table(const char *schema, const char *table, const char *wanted)
{
	size_t n = schema ? strlen(schema) : 0;
	if (!strcmp(table, wanted))
		return true;
	return n && !strncmp(wanted, schema, n) && wanted[n] == '.' && !strcmp(wanted + n + 1, table);
}

static bool is_of(const struct key *key, const struct wb_check_asks *a)
{
	bool is = is_table(key->schema, key->table, a->table) && key->n == a->columns.n &&
		  (!a->references || is_table(key->other_schema, key->other, a->references));
	for (size_t i = 0; is && i < key->n; i++)
		is = !strcmp(key->columns[i], a->columns.v[i]);
	return is;
}

/* ---- foreign_keys ---------------------------------------------------------------------------------- */

struct reference {
	const char *table, *other, *constraint;
	struct wb_texts columns, key, id;
};

static void add_broken(struct wb_str *sql, const struct reference *r)
{
	wb_str_add(sql, "SELECT ");
	wb_check_add_columns(sql, "a", r->id.n ? &r->id : &r->columns);
	wb_str_add(sql, " FROM ");
	wb_check_add_table(sql, r->table);
	wb_str_add(sql, " a WHERE ");
	for (size_t i = 0; i < r->columns.n; i++) {
		wb_check_add_column(sql, "a", r->columns.v[i]);
		wb_str_add(sql, " IS NOT NULL AND ");
	}
	wb_str_add(sql, "NOT EXISTS (SELECT 1 FROM ");
	wb_check_add_table(sql, r->other);
	wb_str_add(sql, " b WHERE ");
	for (size_t i = 0; i < r->columns.n; i++) {
		wb_str_add(sql, i ? " AND " : "");
		wb_check_add_column(sql, "b", r->key.v[i]);
		wb_str_add(sql, " = ");
		wb_check_add_column(sql, "a", r->columns.v[i]);
	}
	wb_str_addc(sql, ')');
}

static int holds(struct wb_checking *k, const struct reference *r, struct wb_error *err)
{
	struct wb_check_sample s = { 0 };
	wb_autostr sql = WB_STR_INIT;
	add_broken(&sql, r);
	int rc = sql.failed ? wb_err_nomem(err) : wb_check_sample(k, wb_str_sv(&sql), false, &s, err);
	if (rc < 0 || !s.count)
		return rc;
	wb_check_text(k, "table", r->table);
	wb_check_list(k, "columns", r->columns.v, r->columns.n);
	wb_check_text(k, "references", r->other);
	wb_check_text(k, "constraint", r->constraint);
	wb_check_number(k, "count", s.count);
	wb_check_list(k, "sample_ids", s.rows, s.n);
	wb_check_fail(k);
	return 0;
}

struct key_names {
	struct wb_checking *k;
	WB_VEC(const char *) v;
};

static int take_key_name(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct key_names *n = user;
	const char *name = wb_arena_sv(&n->k->arena, row->v[0]);
	return name && wb_vec_push(&n->v, name) ? 0 : wb_err_nomem(err);
}

/* The primary key of a table, in the arena; none: n == 0. */
static int primary_key(struct wb_checking *k, const char *table, struct wb_texts *ret, struct wb_error *err)
{
	wb_autostr written = WB_STR_INIT;
	struct key_names n = { .k = k };
	const char **copy = NULL;
	wb_check_add_table(&written, table);
	const struct wb_value params[] = { wb_v_sv(wb_str_sv(&written)), wb_v_text(wb_check_bare_table(table)) };
	int rc = written.failed ? wb_err_nomem(err)
				: wb_check_named(k, WB_SQL_TABLE_KEY, params, 2, take_key_name, &n, err);
	if (rc == 0)
		copy = wb_arena_array(&k->arena, n.v.n + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < n.v.n; i++)
		copy[i] = n.v.v[i];
	*ret = (struct wb_texts){ copy, copy ? n.v.n : 0 };
	wb_vec_done(&n.v);
	return rc == 0 && !copy ? wb_err_nomem(err) : rc;
}

static const char *path(struct wb_checking *k, const char *schema, const char *table)
{
	wb_autostr s = WB_STR_INIT;
	if (!schema)
		return table;
	wb_str_addf(&s, "%s.%s", schema, table);
	return wb_check_keep(k, &s);
}

static int all_hold(struct wb_checking *k, struct wb_error *err)
{
	struct keys ks = { .k = k };
	int rc = wb_check_named(k, WB_SQL_FOREIGN_KEYS, NULL, 0, take_key, &ks, err);
	for (size_t i = 0; rc == 0 && i < ks.v.n; i++) {
		const struct key *key = &ks.v.v[i];
		struct reference r = { .table = path(k, key->schema, key->table),
				       .other = path(k, key->other_schema, key->other),
				       .constraint = key->constraint,
				       .columns = { key->columns, key->n },
				       .key = { key->others, key->n } };
		rc = k->nomem ? wb_err_nomem(err) : primary_key(k, r.table, &r.id, err);
		if (rc == 0)
			rc = holds(k, &r, err);
	}
	wb_vec_done(&ks.v);
	return rc;
}

int wb_check_foreign_keys(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	struct reference r = {
		.table = a->table, .other = a->references, .columns = a->columns, .key = a->key, .id = a->id
	};
	int rc = 0;
	if (a->all == WB_CHECK_YES)
		return all_hold(k, err);
	if (!r.key.n)
		rc = primary_key(k, a->references, &r.key, err);
	if (rc == 0 && r.key.n != r.columns.n) {
		wb_err_set(err, WB_EINPUT, "%s has %zu columns that refer to %zu of %s", a->table, r.columns.n, r.key.n,
			   a->references);
		wb_err_hint(err, "say with `key:` which columns of %s are meant", a->references);
		return WB_EINPUT;
	}
	if (rc == 0 && !r.id.n)
		rc = primary_key(k, a->table, &r.id, err);
	return rc < 0 ? rc : holds(k, &r, err);
}

/* ---- cascade ------------------------------------------------------------------------------------------- */

int wb_check_cascade(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	const char *expected = a->on_delete ? a->on_delete : "CASCADE";
	struct keys ks = { .k = k };
	const struct key *key = NULL;
	int rc = wb_check_named(k, WB_SQL_FOREIGN_KEYS, NULL, 0, take_key, &ks, err);
	for (size_t i = 0; rc == 0 && i < ks.v.n && !key; i++)
		key = is_of(&ks.v.v[i], a) ? &ks.v.v[i] : NULL;
	if (rc == 0 && (!key || !wb_sv_ieq(wb_sv_str(key->on_delete), expected))) {
		wb_check_text(k, "table", a->table);
		wb_check_list(k, "columns", a->columns.v, a->columns.n);
		wb_check_text(k, "references", key ? key->other : a->references);
		wb_check_text(k, "on_delete", key ? key->on_delete : NULL);
		wb_check_text(k, "expected", expected);
		if (!key && !k->check->message)
			k->message = wb_arena_printf(&k->arena, "%s (%s) has no foreign key%s%s", a->table,
						     wb_check_join(k, &a->columns), a->references ? " to " : "",
						     a->references ? a->references : "");
		wb_check_fail(k);
	}
	wb_vec_done(&ks.v);
	return rc;
}

/* ---- sequence -------------------------------------------------------------------------------------------- */

struct sequence {
	const char *schema, *table, *column, *name, *next;
};
struct sequences {
	struct wb_checking *k;
	WB_VEC(struct sequence) v;
};

static int take_sequence(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct sequences *all = user;
	const struct wb_check_asks *a = &all->k->check->asks;
	const char *texts[5];
	for (int i = 0; i < 5; i++) {
		texts[i] = row->v[i].p ? wb_arena_sv(&all->k->arena, row->v[i]) : NULL;
		if (row->v[i].p && !texts[i])
			return wb_err_nomem(err);
	}
	struct sequence s = { texts[0], texts[1], texts[2], texts[3], texts[4] };
	if (a->all != WB_CHECK_YES &&
	    (!is_table(s.schema, s.table, a->table) || (a->columns.n && strcmp(s.column, a->columns.v[0]) != 0)))
		return 0;
	return wb_vec_push(&all->v, s) ? 0 : wb_err_nomem(err);
}

static int is_ahead(struct wb_checking *k, const struct sequence *s, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	const char *table = path(k, s->schema, s->table), *max = NULL;
	int64_t next = 0, highest = 0;
	if (!table)
		return wb_err_nomem(err);
	wb_str_add(&sql, "SELECT max(");
	wb_check_add_column(&sql, table, s->column);
	wb_str_add(&sql, ") FROM ");
	wb_check_add_table(&sql, table);
	int rc = wb_check_count(k, wb_sv_str(s->next), &next, err);
	if (rc == 0)
		rc = sql.failed ? wb_err_nomem(err) : wb_check_value_of(k, wb_str_sv(&sql), &max, err);
	if (rc < 0 || !max)
		return rc;
	if (!wb_sv_i64(wb_sv_str(max), &highest))
		return wb_err_set(err, WB_EINPUT, "%s.%s holds %s, which is no whole number", table, s->column, max);
	if (next > highest)
		return 0;
	wb_check_text(k, "table", k->check->asks.table ? k->check->asks.table : table);
	wb_check_text(k, "column", s->column);
	wb_check_text(k, "sequence", s->name);
	wb_check_number(k, "next_value", next);
	wb_check_number(k, "max_value", highest);
	wb_check_fail(k);
	return 0;
}

int wb_check_sequence(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	struct sequences all = { .k = k };
	int rc = wb_check_named(k, WB_SQL_SEQUENCES, NULL, 0, take_sequence, &all, err);
	if (rc == 0 && a->all != WB_CHECK_YES && !all.v.n)
		rc = wb_err_set(err, WB_EINPUT, "%s has no column%s%s that a sequence fills", a->table,
				a->columns.n ? " " : "", a->columns.n ? a->columns.v[0] : "");
	for (size_t i = 0; rc == 0 && i < all.v.n; i++)
		rc = is_ahead(k, &all.v.v[i], err);
	wb_vec_done(&all.v);
	return rc;
}
