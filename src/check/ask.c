/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries of checks. All go through wb_check_ask(), which watches the time that
 * the check may take.
 */
#include "check/check.h"

#include "base/banned.h"

int wb_check_tick(void *checking)
{
	struct wb_checking *k = checking;
	const struct wb_check_place *place = k->run->place;
	if (*place->stop)
		return WB_ECANCELLED;
	if (place->keep && !k->kept_rc)
		k->kept_rc = place->keep(place->user, &k->kept);
	if (k->kept_rc)
		return k->kept_rc;
	return k->deadline_ms && wb_now_ms() >= k->deadline_ms ? WB_ETIMEOUT : 0;
}

int wb_check_ask(struct wb_checking *k, struct wb_sv sql, const struct wb_value *params, int n_params, wb_row_fn row,
		 void *user, struct wb_error *err)
{
	struct wb_query q = { .sql = sql, .params = params, .n_params = n_params, .row = row, .row_user = user };
	size_t done, offset = SIZE_MAX;
	wb_tick_fn tick = k->conn->tick;
	void *tick_user = k->conn->tick_user;
	k->conn->tick = wb_check_tick;
	k->conn->tick_user = k;
	int rc = k->nomem ? wb_err_nomem(err) : wb_run(k->conn, &q, 1, &done, &offset, err);
	k->conn->tick = tick;
	k->conn->tick_user = tick_user;
	if (rc < 0 && k->kept_rc && err)
		*err = k->kept;
	if (rc == WB_ETIMEOUT) {
		char text[40];
		wb_err_set(err, rc, "it ran longer than %s",
			   wb_duration_text(k->check->timeout_ms ? k->check->timeout_ms : k->run->o->timeout_ms, text,
					    sizeof(text)));
		wb_err_hint(err, "give it a longer timeout, or an index");
	}
	return rc;
}

int wb_check_named(struct wb_checking *k, enum wb_sql_id id, const struct wb_value *params, int n_params, wb_row_fn row,
		   void *user, struct wb_error *err)
{
	const char *sql = wb_conn_sql(k->conn, id);
	return sql ? wb_check_ask(k, wb_sv_str(sql), params, n_params, row, user, err) : wb_err_nomem(err);
}

struct first {
	struct wb_checking *k;
	bool seen;
	const char *text;
};

static int take_first(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct first *f = user;
	if (f->seen || row->n == 0)
		return 0;
	f->seen = true;
	f->text = row->v[0].p ? wb_arena_sv(&f->k->arena, row->v[0]) : NULL;
	return row->v[0].p && !f->text ? wb_err_nomem(err) : 0;
}

int wb_check_value_of(struct wb_checking *k, struct wb_sv sql, const char **ret_text, struct wb_error *err)
{
	struct first f = { .k = k };
	int rc = wb_check_ask(k, sql, NULL, 0, take_first, &f, err);
	if (rc == 0 && !f.seen)
		rc = wb_err_set(err, WB_EINPUT, "the query gave no row");
	if (rc == 0)
		*ret_text = f.text;
	return rc;
}

int wb_check_count(struct wb_checking *k, struct wb_sv sql, int64_t *ret_n, struct wb_error *err)
{
	const char *text = NULL;
	int rc = wb_check_value_of(k, sql, &text, err);
	if (rc == 0 && (!text || !wb_sv_i64(wb_sv_str(text), ret_n)))
		rc = wb_err_set(err, WB_EINPUT, "the query gave %s where a whole number was wanted",
				text ? text : "NULL");
	return rc;
}

struct sampling {
	struct wb_checking *k;
	struct wb_check_sample *out;
	int64_t seen;
	bool row; /* the first one's values are facts */
};

static void tell_row(struct wb_checking *k, const struct wb_row *row)
{
	for (int i = 0; row->names && i < row->n; i++) {
		if (!row->names[i])
			continue;
		wb_check_decimal(k, row->names[i], row->v[i]);
		wb_check_quiet(k);
	}
}

static int take_sample(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct sampling *s = user;
	wb_autostr text = WB_STR_INIT;
	if (s->row && s->seen == 0)
		tell_row(s->k, row);
	if (s->seen++ >= WB_CHECK_SAMPLES)
		return 0;
	for (int i = 0; i < row->n; i++) {
		wb_str_add(&text, i ? ", " : "");
		wb_str_addsv(&text, row->v[i].p ? wb_sv_head(row->v[i], 200) : WB_SV("NULL"));
	}
	s->out->rows[s->out->n++] = wb_check_keep(s->k, &text);
	return s->k->nomem ? wb_err_nomem(err) : 0;
}

/* Most checks find nothing: then one query, which stops early, is all there is. */
int wb_check_sample(struct wb_checking *k, struct wb_sv query, bool row, struct wb_check_sample *ret,
		    struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	struct wb_check_sample sample = { 0 };
	struct sampling s = { k, &sample, 0, row };
	wb_str_addf(&sql, "SELECT * FROM (");
	wb_str_addsv(&sql, query);
	wb_str_addf(&sql, "\n) whimbrel_rows LIMIT %d", WB_CHECK_SAMPLES + 1);
	int rc = sql.failed ? wb_err_nomem(err) : wb_check_ask(k, wb_str_sv(&sql), NULL, 0, take_sample, &s, err);
	sample.count = s.seen;
	if (rc == 0 && s.seen > WB_CHECK_SAMPLES) {
		wb_str_clear(&sql);
		wb_str_add(&sql, "SELECT count(*) FROM (");
		wb_str_addsv(&sql, query);
		wb_str_add(&sql, "\n) whimbrel_rows");
		rc = sql.failed ? wb_err_nomem(err) : wb_check_count(k, wb_str_sv(&sql), &sample.count, err);
	}
	if (rc == 0)
		*ret = sample;
	return rc;
}
