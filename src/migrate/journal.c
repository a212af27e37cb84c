/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the journal: who has been applied, in which state. One round trip
 * asks whether it exists, its format, and its rows; a database without one is
 * not an error, and reading never creates it.
 */
#include "migrate.h"

static const char *const state_names[] = {
#define X(name, text) [WB_STATE_##name] = text,
	WB_STATE_MAP(X)
#undef X
};

const char *wb_state_name(enum wb_state s)
{
	return (unsigned)s < WB_STATE_COUNT ? state_names[s] : "unknown";
}

static int state_parse(struct wb_sv text, enum wb_state *ret_state)
{
	for (int i = 0; i < WB_STATE_COUNT; i++) {
		if (wb_sv_eq(text, wb_sv_str(state_names[i]))) {
			*ret_state = (enum wb_state)i;
			return 0;
		}
	}
	return -1;
}

bool wb_record_is_done(const struct wb_record *r)
{
	switch (r->state) {
	case WB_STATE_APPLIED:
	case WB_STATE_SKIPPED:
	case WB_STATE_BASELINE:
	case WB_STATE_MISSING:
	case WB_STATE_EXPANDED:
		return true;
	case WB_STATE_RUNNING:
	case WB_STATE_FAILED:
		/* A revert that stopped half way left its migration applied in part. */
		return r->down;
	default:
		return false;
	}
}

bool wb_record_is_half(const struct wb_record *r)
{
	return r->state == WB_STATE_RUNNING || (r->state == WB_STATE_FAILED && r->statements_done > 0);
}

/* Columns of migration_list, see driver/queries.h. */
enum {
	COL_VERSION,
	COL_KIND,
	COL_CHECKSUM,
	COL_DOWN_CHECKSUM,
	COL_STATE,
	COL_RANK,
	COL_HAS_DOWN,
	COL_LEAN_COUNT,
	COL_PHASE = COL_LEAN_COUNT,
	COL_TOTAL,
	COL_DONE,
	COL_DESCRIPTION,
	COL_FAMILY,
	COL_TYPE,
	COL_FILE,
	COL_APPLIED_AT,
	COL_EXECUTION_MS,
	COL_ORIGIN,
	COL_REASON,
	COL_ERROR,
	COL_COUNT
};

struct loader {
	struct wb_journal *j;
	WB_VEC(struct wb_record) records;
	bool lean, exists;
	bool more; /* lean, and there are rows of which more has to be known */
	int64_t format;
};

/* What each byte is worth as a digit, and one more, so that 0 is none. */
static const unsigned char hex_digits[256] = {
	['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static bool checksum_parse(struct wb_sv text, unsigned char digest[32])
{
	if (text.n != 7 + 64 || memcmp(text.p, "sha256:", 7) != 0)
		return false;
	for (size_t i = 0; i < 32; i++) {
		unsigned hi = hex_digits[(unsigned char)text.p[7 + 2 * i]];
		unsigned lo = hex_digits[(unsigned char)text.p[8 + 2 * i]];
		if (!hi || !lo)
			return false;
		digest[i] = (unsigned char)((hi - 1) << 4 | (lo - 1));
	}
	return true;
}

static int64_t number(struct wb_sv text)
{
	int64_t v;
	return text.p && wb_sv_i64(text, &v) ? v : 0;
}

static int unknown_word(struct wb_sv version, const char *what, struct wb_sv word, struct wb_error *err)
{
	wb_err_set(err, WB_ENEWER, "the journal's row for %.*s has an unknown %s \"%.*s\"", WB_SV_ARG(version), what,
		   WB_SV_ARG(word));
	wb_err_hint(err, "a newer Whimbrel wrote it; run that version, or a newer one");
	return WB_ENEWER;
}

static enum wb_mig_kind kind_parse(struct wb_sv text)
{
	if (wb_sv_eq(text, WB_SV("repeatable")))
		return WB_MIG_REPEATABLE;
	return wb_sv_eq(text, WB_SV("baseline")) ? WB_MIG_BASELINE : WB_MIG_VERSIONED;
}

static bool load_texts(struct loader *l, struct wb_record *r, const struct wb_sv *v)
{
	struct wb_arena *a = &l->j->arena;
	const struct {
		const char **field;
		int column;
	} texts[] = { { &r->description, COL_DESCRIPTION },
		      { &r->family, COL_FAMILY },
		      { &r->type, COL_TYPE },
		      { &r->file, COL_FILE },
		      { &r->applied_at, COL_APPLIED_AT },
		      { &r->origin, COL_ORIGIN },
		      { &r->reason, COL_REASON },
		      { &r->error, COL_ERROR } };
	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		if (v[texts[i].column].p && !(*texts[i].field = wb_arena_sv(a, v[texts[i].column])))
			return false;
	}
	return true;
}

static bool load_rest(struct loader *l, struct wb_record *r, const struct wb_sv *v)
{
	r->down = wb_sv_eq(v[COL_PHASE], WB_SV("down"));
	r->statements_total = number(v[COL_TOTAL]);
	r->statements_done = number(v[COL_DONE]);
	r->execution_ms = v[COL_EXECUTION_MS].p ? number(v[COL_EXECUTION_MS]) : -1;
	return load_texts(l, r, v);
}

static int load_record(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct loader *l = user;
	const struct wb_sv *v = row->v;
	int needed = l->lean ? COL_LEAN_COUNT : COL_COUNT;
	if (row->n < needed)
		return wb_err_set(err, WB_EBUG, "migration_list gives %d columns, %d are needed", row->n, needed);
	struct wb_record r = { .kind = kind_parse(v[COL_KIND]),
			       .has_down = number(v[COL_HAS_DOWN]) != 0,
			       .rank = number(v[COL_RANK]),
			       .execution_ms = -1 };
	if (state_parse(v[COL_STATE], &r.state) < 0)
		return unknown_word(v[COL_VERSION], "state", v[COL_STATE], err);
	l->more |= l->lean && r.state != WB_STATE_APPLIED;
	r.has_checksum = checksum_parse(v[COL_CHECKSUM], r.checksum);
	r.has_down_checksum = checksum_parse(v[COL_DOWN_CHECKSUM], r.down_checksum);
	r.version = wb_arena_sv(&l->j->arena, v[COL_VERSION]);
	r.key = r.version ? wb_version_key(&l->j->arena, r.version) : NULL;
	if (!r.key || (!l->lean && !load_rest(l, &r, v)) || !wb_vec_push(&l->records, r))
		return wb_err_nomem(err);
	return 0;
}

static int load_exists(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row, (void)err;
	((struct loader *)user)->exists = true;
	return 0;
}

static int load_format(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)err;
	((struct loader *)user)->format = number(row->v[0]);
	return 0;
}

/* Rows mostly lie in the order of their versions; then no map is needed to find them. */
static int index_records(struct loader *l, struct wb_error *err)
{
	struct wb_journal *j = l->j;
	j->v = l->records.v; /* the journal owns them now */
	j->n = l->records.n;
	l->records.v = NULL;
	j->ascending = true;
	for (size_t i = 0; i < j->n; i++) {
		j->ascending &= i == 0 || wb_version_cmp(j->v[i - 1].key, j->v[i].key) < 0;
		if (j->v[i].rank > j->last_rank)
			j->last_rank = j->v[i].rank;
	}
	for (size_t i = 0; !j->ascending && i < j->n; i++) {
		if (!wb_map_put(&j->by_key, wb_sv_str(j->v[i].key), &j->v[i]))
			return wb_err_nomem(err);
	}
	j->hint = wb_arena_alloc(&j->arena, sizeof(*j->hint));
	return j->hint ? 0 : wb_err_nomem(err);
}

static int check_format(const struct loader *l, struct wb_error *err)
{
	if (l->format <= WB_JOURNAL_FORMAT)
		return 0;
	wb_err_set(err, WB_ENEWER, "the journal has format %lld, this Whimbrel knows up to %d", (long long)l->format,
		   WB_JOURNAL_FORMAT);
	wb_err_hint(err, "a newer Whimbrel has worked on this database; upgrade this one");
	return WB_ENEWER;
}

/* All three at once; when the first said that there is no journal, the others' failure is expected. */
static int query_all(const struct wb_target *t, struct loader *l, struct wb_error *err)
{
	struct wb_value project = wb_v_text(t->project);
	struct wb_query q[] = {
		{ .sql = wb_sv_str(wb_conn_sql(t->conn, WB_SQL_JOURNAL_EXISTS)), .row = load_exists, .row_user = l },
		{ .sql = wb_sv_str(wb_conn_sql(t->conn, WB_SQL_JOURNAL_FORMAT)), .row = load_format, .row_user = l },
		{ .sql = wb_sv_str(wb_conn_sql(t->conn, l->lean ? WB_SQL_MIGRATION_LIST_LEAN : WB_SQL_MIGRATION_LIST)),
		  .params = &project,
		  .n_params = 1,
		  .row = load_record,
		  .row_user = l },
	};
	size_t done = 0, offset;
	for (size_t i = 0; i < WB_ARRAY_LEN(q); i++) {
		if (!q[i].sql.p)
			return wb_err_nomem(err);
	}
	int rc = wb_run(t->conn, q, WB_ARRAY_LEN(q), &done, &offset, err);
	if (rc == WB_ESQL && done == 1 && !l->exists)
		return 0;
	return rc;
}

static int load(const struct wb_target *t, bool lean, bool *ret_more, struct wb_journal *ret_journal,
		struct wb_error *err)
{
	struct wb_journal j = { 0 };
	struct loader l = { .j = &j, .lean = lean };
	int rc = query_all(t, &l, err);
	if (rc == 0 || rc == WB_ESQL) { /* a newer journal may have other columns */
		int newer = check_format(&l, err);
		rc = newer ? newer : rc;
	}
	if (rc == 0)
		rc = index_records(&l, err);
	wb_vec_done(&l.records);
	if (rc < 0) {
		wb_journal_done(&j);
		return rc;
	}
	j.exists = l.exists;
	j.format = (int)l.format;
	*ret_journal = j;
	*ret_more = l.more;
	return 0;
}

static int take_ahead(struct wb_ahead *a, struct wb_journal *ret_journal, struct wb_error *err)
{
	a->asked = false;
	if (a->rc == 0)
		*ret_journal = a->journal;
	else if (err)
		*err = a->err;
	return a->rc;
}

int wb_journal_load(const struct wb_target *t, bool lean, struct wb_journal *ret_journal, struct wb_error *err)
{
	bool more = false;
	if (lean && t->ahead && t->ahead->asked)
		return take_ahead(t->ahead, ret_journal, err);
	int rc = load(t, lean, &more, ret_journal, err);
	if (rc < 0 || !more)
		return rc;
	wb_journal_done(ret_journal);
	return load(t, false, &more, ret_journal, err);
}

void wb_journal_done(struct wb_journal *j)
{
	wb_map_done(&j->by_key);
	free(j->v);
	wb_arena_done(&j->arena);
	*j = (struct wb_journal){ 0 };
}

void wb_journal_drop_ahead(struct wb_ahead *a)
{
	if (a->asked && a->rc == 0)
		wb_journal_done(&a->journal);
	a->asked = false;
}

void wb_journal_read_ahead(const struct wb_target *t)
{
	wb_journal_drop_ahead(t->ahead);
	t->ahead->err = (struct wb_error){ 0 };
	t->ahead->rc = wb_journal_load(t, true, &t->ahead->journal, &t->ahead->err);
	t->ahead->asked = true;
}

static struct wb_record *find_ascending(const struct wb_journal *j, const char *key)
{
	size_t lo = 0, hi = j->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = wb_version_cmp(j->v[mid].key, key);
		if (cmp == 0) {
			*j->hint = mid + 1;
			return &j->v[mid];
		}
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

struct wb_record *wb_journal_find(const struct wb_journal *j, const char *key)
{
	/* Whoever goes through the files asks in the order of the rows: the next one is mostly the one. */
	if (j->hint && *j->hint < j->n && !strcmp(j->v[*j->hint].key, key))
		return &j->v[(*j->hint)++];
	return j->ascending ? find_ascending(j, key) : wb_map_get(&j->by_key, wb_sv_str(key));
}

int wb_journal_script(const struct wb_target *t, enum wb_sql_id id, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_mem_reader reader = { wb_sv_str(wb_conn_sql(t->conn, id)) };
	struct wb_split_options o = { .dialect = t->driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *s = NULL;
	int rc = reader.rest.p ? wb_split_new(&o, &s, err) : wb_err_nomem(err);
	while (rc == 0) {
		struct wb_item item;
		rc = wb_split_next(s, &item, err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		char *text = wb_arena_sv(&b.arena, item.text);
		rc = text ? 0 : wb_err_nomem(err);
		if (text)
			wb_batch_sql(&b, wb_sv_str(text));
	}
	wb_split_free(s);
	if (rc == 0)
		rc = wb_batch_run_alone(&b, t->conn, err);
	return rc;
}

/* Racing creators are kept out by the lock. */
static int create(const struct wb_target *t, struct wb_error *err)
{
	int rc = wb_journal_script(t, WB_SQL_JOURNAL_CREATE, err);
	if (rc == WB_EPRIVILEGE)
		wb_err_prefix(err, "cannot create the journal");
	if (rc == WB_EPRIVILEGE && err && !strcmp(err->sqlstate, "42501"))
		wb_err_hint(err, "let a role that may create run the output of `whimbrel init --journal-sql`, "
				 "or grant this role CREATE on the database");
	return rc;
}

int wb_journal_ensure(const struct wb_target *t, const struct wb_journal *j, struct wb_error *err)
{
	return j->exists ? 0 : create(t, err);
}
