/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of queries: parameters by name become $1 …, and what may not be
 * measured is refused before anything runs.
 */
#include "bench/bench.h"

#include <stdio.h>

#include "base/banned.h"

/* ---- what may be measured ----------------------------------------------------------------------- */

/* Without the ';' at its end. */
static struct wb_sv statement_of(const char *text)
{
	struct wb_sv sql = wb_sv_trim(wb_sv_str(text));
	while (sql.n && sql.p[sql.n - 1] == ';')
		sql = wb_sv_trim(wb_sv(sql.p, sql.n - 1));
	return sql;
}

static bool reads(enum wb_dialect dialect, struct wb_sv sql)
{
	static const char *const words[] = { "SELECT", "WITH", "VALUES", "TABLE" };
	struct wb_head head;
	bool found = false;
	wb_sql_head(dialect, sql, &head);
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++)
		found |= !strcmp(head.words[0], words[i]);
	return found || head.n == 0; /* "(SELECT" has no word at its head: the server decides */
}

/* NULL: it may. */
static const char *trouble(const struct wb_driver *d, struct wb_sv sql, bool writes)
{
	struct wb_stmt_info info = { 0 };
	struct wb_lexer lx;
	struct wb_token t;
	bool any = false;
	wb_lex_init(&lx, d->dialect, sql);
	for (t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		if (t.flaw)
			return "has a string, name or comment without end";
		if (t.kind == WB_TOK_SEMICOLON)
			return "is more than one statement";
		any = true;
	}
	if (!any)
		return "has no SQL";
	d->classify(sql, &info);
	if (info.transaction_control || info.copy_in || info.tx == WB_TX_NEVER || info.tx == WB_TX_OUTSIDE)
		return "cannot be measured: it cannot be run in a transaction that is rolled back";
	if (info.changes_session)
		return "cannot be measured: it changes settings";
	return writes || reads(d->dialect, sql) ? NULL : "does not begin like a query that reads";
}

static int blame(const struct wb_bench_suite *s, const struct wb_bench_query *q, const char *what, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "the query \"%s\" %s", q->name, what);
	if (!strncmp(what, "does not", 8))
		wb_err_hint(err,
			    "one that writes needs `writes: true`: it is run in a transaction that is rolled back");
	if (s->file)
		wb_err_place(err, s->file, q->line, q->column);
	return WB_EINPUT;
}

static int query_valid(const struct wb_bench_suite *s, const struct wb_bench_query *q, const struct wb_driver *d,
		       struct wb_error *err)
{
	const char *why = trouble(d, statement_of(q->sql), q->writes);
	if (!why && q->sets_query && trouble(d, statement_of(q->sets_query), false))
		why = "has parameters from something that is no query";
	if (!why && q->n_sets > WB_BENCH_SETS_MAX)
		why = "has more than 50 parameter sets";
	return why ? blame(s, q, why, err) : 0;
}

int wb_bench_suite_valid(const struct wb_bench_suite *s, const struct wb_driver *d, struct wb_error *err)
{
	int rc = 0;
	if (!s->n_queries) {
		wb_err_set(err, WB_EINPUT, "the suite \"%s\" has no queries", s->name);
		if (s->file)
			wb_err_place(err, s->file, 1, 1);
		return WB_EINPUT;
	}
	for (size_t i = 0; rc == 0 && i < s->n_queries; i++)
		rc = query_valid(s, &s->queries[i], d, err);
	return rc;
}

/* ---- parameters by name ---------------------------------------------------------------------------- */

struct naming {
	const struct wb_named_values *set;
	struct wb_str out;
	int *number; /* of each value of the set; 0: not used so far */
	int used;
	int depth; /* of brackets: there ':' may be that of a slice */
	struct wb_sv missing;
};

static void take(struct naming *n, struct wb_sv name, struct wb_sv text)
{
	size_t i = 0;
	while (n->set && i < n->set->n && !wb_sv_eq(name, wb_sv_str(n->set->v[i].name)))
		i++;
	if (!n->set || i == n->set->n) {
		if (!n->depth && !n->missing.p)
			n->missing = name;
		wb_str_addsv(&n->out, text);
		return;
	}
	if (!n->number[i])
		n->number[i] = ++n->used;
	wb_str_addf(&n->out, "$%d", n->number[i]);
}

/* SQLite's lexer knows :name as a parameter, PostgreSQL's has a lone ':' before a word. */
static void rename_all(struct naming *n, enum wb_dialect dialect, struct wb_sv sql)
{
	struct wb_lexer lx;
	struct wb_token t, next;
	const char *colon;
	wb_lex_init(&lx, dialect, sql);
	for (t = wb_lex_next(&lx); t.kind != WB_TOK_END; t = next) {
		next = wb_lex_next(&lx);
		n->depth += t.kind == WB_TOK_OPEN && *t.text.p == '[';
		n->depth -= t.kind == WB_TOK_CLOSE && *t.text.p == ']';
		/* `>=:low`: the operator may touch the colon; `::type`: a cast, whose colons may be two tokens */
		colon = t.text.p + t.text.n - 1;
		if (t.kind == WB_TOK_OTHER && *colon == ':' && next.kind == WB_TOK_WORD && next.text.p == colon + 1 &&
		    (colon == sql.p || colon[-1] != ':')) {
			wb_str_addn(&n->out, t.text.p, t.text.n - 1);
			take(n, next.text, wb_sv(colon, next.text.n + 1));
			next = wb_lex_next(&lx);
		} else if (t.kind == WB_TOK_PARAM) {
			take(n, wb_sv(t.text.p + 1, t.text.n - 1), t.text);
		} else {
			wb_str_addsv(&n->out, t.text);
		}
	}
}

/* A number in its plain form is one: SQLite compares texts and numbers as different things. */
static struct wb_value value_of(const char *text)
{
	char plain[32];
	int64_t n;
	if (!text || !wb_sv_i64(wb_sv_str(text), &n))
		return wb_v_text(text);
	snprintf(plain, sizeof(plain), "%lld", (long long)n);
	return strcmp(plain, text) == 0 ? wb_v_int(n) : wb_v_text(text);
}

static int unknown(const struct wb_bench_query *q, struct wb_sv name, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "the query \"%s\" has a parameter \"%.*s\", and nothing gives it a value", q->name,
		   WB_SV_ARG(name));
	wb_err_hint(err, "params: { %.*s: … }", WB_SV_ARG(name));
	return WB_EINPUT;
}

static int unused(const struct wb_bench_query *q, const struct naming *n, struct wb_error *err)
{
	for (size_t i = 0; n->set && i < n->set->n; i++) {
		if (!n->number[i])
			return wb_err_set(err, WB_EINPUT, "the query \"%s\" has a value for \"%s\", but no :%s",
					  q->name, n->set->v[i].name, n->set->v[i].name);
	}
	return 0;
}

int wb_bench_call(struct wb_arena *a, const struct wb_driver *d, const struct wb_bench_query *q,
		  const struct wb_named_values *set, struct wb_bench_call *ret, struct wb_error *err)
{
	size_t n_set = set ? set->n : 0;
	struct naming n = { .set = set, .out = WB_STR_INIT };
	struct wb_value *values = wb_arena_array(a, n_set + 1, sizeof(*values));
	const char *why = trouble(d, statement_of(q->sql), q->writes), *sql = NULL;
	if (why)
		return wb_err_set(err, WB_EINPUT, "the query \"%s\" %s", q->name, why);
	n.number = wb_arena_array(a, n_set + 1, sizeof(*n.number));
	if (values && n.number) {
		rename_all(&n, d->dialect, statement_of(q->sql));
		sql = n.out.failed ? NULL : wb_arena_sv(a, wb_str_sv(&n.out));
	}
	wb_str_done(&n.out);
	if (!sql)
		return wb_err_nomem(err);
	for (size_t i = 0; i < n_set; i++) {
		if (n.number[i])
			values[n.number[i] - 1] = value_of(set->v[i].value);
	}
	*ret = (struct wb_bench_call){ .sql = wb_sv_str(sql),
				       .values = values,
				       .n_values = n.used,
				       .writes = q->writes,
				       .prepared = q->prepared,
				       .timeout_ms = q->timeout_ms };
	return n.missing.p ? unknown(q, n.missing, err) : unused(q, &n, err);
}
