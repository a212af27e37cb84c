/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a suite make sense? Asked before anything runs, so that a slip of the
 * hand is found at once and by its place, and not by the check that it spoils.
 */
#include "check/check.h"

#include "base/banned.h"

int wb_check_blame(const struct wb_check_suite *suite, const struct wb_check *check, struct wb_error *err)
{
	if (suite->file)
		wb_err_place(err, suite->file, check->line, check->column);
	return err ? err->code : WB_EINPUT;
}

static int wrong(const struct wb_check *c, struct wb_error *err, const char *what, const char *hint)
{
	wb_err_set(err, WB_EINPUT, "the check \"%s\" %s", c->name, what);
	if (hint)
		wb_err_hint(err, "%s", hint);
	return WB_EINPUT;
}

/* ---- what each kind needs -------------------------------------------------------------------------- */

static bool has_table(const struct wb_check_asks *a)
{
	return a->table && *a->table;
}

static bool has_objects(const struct wb_check_asks *a)
{
	return a->tables.n || a->views.n || a->functions.n || a->sequences.n || a->types.n || a->columns_of.n ||
	       a->indexes.n || a->constraints.n || a->triggers.n;
}

static bool has_references(const struct wb_check_asks *a)
{
	return a->all == WB_CHECK_YES || (has_table(a) && a->columns.n && a->references);
}

static bool has_ratio(const struct wb_check_asks *a)
{
	return (a->query || (has_table(a) && a->satisfy)) && (a->at_least || a->at_most);
}

static bool has_sequence(const struct wb_check_asks *a)
{
	return a->all == WB_CHECK_YES || has_table(a);
}

static bool has_query(const struct wb_check_asks *a)
{
	return a->query && *a->query;
}

static bool has_columns(const struct wb_check_asks *a)
{
	return a->columns.n > 0;
}

static bool has_values(const struct wb_check_asks *a)
{
	return a->values.n > 0;
}

static bool has_satisfy(const struct wb_check_asks *a)
{
	return a->satisfy && *a->satisfy;
}

static bool has_name(const struct wb_check_asks *a)
{
	return a->name && *a->name;
}

static bool has_of(const struct wb_check_asks *a)
{
	return a->of.n >= 2;
}

static bool has_run(const struct wb_check_asks *a)
{
	return a->run.n > 0;
}

static const struct need {
	const char *name;
	bool (*has)(const struct wb_check_asks *a);
	const char *what, *hint;
} needs[] = {
	{ "objects", has_objects, "does not say which objects it is about",
	  "one of tables, columns, indexes, constraints, triggers, views, functions, sequences, types" },
	{ "references", has_references, "does not say which foreign key",
	  "it needs table, columns and references, or `foreign_keys: all`" },
	{ "ratio", has_ratio, "does not say which share of what",
	  "it needs table and satisfy, or a query of two numbers, and at_least or at_most" },
	{ "sequence", has_sequence, "does not say which table", "it needs table, or `sequence: all`" },
	{ "query", has_query, "has no query", NULL },
	{ "table", has_table, "does not say which table", NULL },
	{ "columns", has_columns, "does not say which columns", NULL },
	{ "values", has_values, "does not say which values", NULL },
	{ "satisfy", has_satisfy, "does not say what rows have to satisfy", NULL },
	{ "name", has_name, "does not say which index", NULL },
	{ "of", has_of, "counts fewer than two things", "of: { before: SELECT count(*) FROM a, after: b }" },
	{ "run", has_run, "does not say which program", "run: [./program, argument]" },
};

static int check_need(const struct wb_check *c, struct wb_sv name, struct wb_error *err)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(needs); i++) {
		if (wb_sv_eq(name, wb_sv_str(needs[i].name)) && !needs[i].has(&c->asks))
			return wrong(c, err, needs[i].what, needs[i].hint);
	}
	return 0;
}

static int check_needs(const struct wb_check *c, struct wb_error *err)
{
	struct wb_sv rest = wb_sv_str(wb_check_kinds[c->kind].needs), name;
	int rc = 0;
	while (rc == 0 && wb_sv_cut(&rest, ' ', &name))
		rc = check_need(c, name, err);
	return rc;
}

/* ---- texts ------------------------------------------------------------------------------------------- */

static int check_query(const struct wb_check *c, const char *text, enum wb_dialect dialect, struct wb_error *err)
{
	const char *why = NULL;
	if (!text || wb_check_reads(dialect, text, &why))
		return 0;
	return wrong(c, err, "has a query that it may not run", why);
}

static int check_queries(const struct wb_check *c, enum wb_dialect dialect, struct wb_error *err)
{
	int rc = check_query(c, c->asks.query, dialect, err);
	for (size_t i = 0; rc == 0 && i < c->asks.of.n; i++) {
		const char *of = c->asks.of.v[i].value;
		rc = strpbrk(of, " \t\r\n") ? check_query(c, of, dialect, err) : 0;
	}
	return rc;
}

/* A bracket that closes more than it opens would end what the condition is put into. */
static int check_condition(const struct wb_check *c, const char *text, enum wb_dialect dialect, struct wb_error *err)
{
	struct wb_lexer lx;
	struct wb_token t;
	int depth = 0;
	if (!text)
		return 0;
	wb_lex_init(&lx, dialect, wb_sv_str(text));
	for (t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END && depth >= 0; t = wb_lex_next_solid(&lx)) {
		depth += t.kind == WB_TOK_OPEN ? 1 : t.kind == WB_TOK_CLOSE ? -1 : 0;
		if (t.flaw || t.kind == WB_TOK_SEMICOLON)
			return wrong(c, err, "has a condition that is none", "write an SQL expression, without ;");
	}
	return depth == 0 ? 0 : wrong(c, err, "has a condition whose brackets do not match", NULL);
}

static int check_numbers(const struct wb_check *c, struct wb_error *err)
{
	const struct wb_check_asks *a = &c->asks;
	const char *limits[] = { a->at_least, a->at_most };
	int64_t ignored;
	bool percent = false;
	if (a->within && !wb_check_tolerance(a->within, &ignored, &percent))
		return wrong(c, err, "has a `within` that is no number of rows and no percentage",
			     "within: 10, or within: 0.5%");
	for (size_t i = 0; i < 2; i++) {
		bool ok = !limits[i] || wb_check_tolerance(limits[i], &ignored, &percent) ||
			  wb_check_micros(wb_sv_str(limits[i]), &ignored);
		if (!ok || (limits[i] && c->kind == WB_CHECK_KIND_RATIO && !percent) ||
		    (limits[i] && c->kind != WB_CHECK_KIND_RATIO && percent))
			return wrong(c, err, "has a limit that is no number",
				     c->kind == WB_CHECK_KIND_RATIO ? "at_least: 50%" : "at_least: 10");
	}
	return 0;
}

static int check_template(const struct wb_check *c, const char *text, struct wb_error *err)
{
	const char *values = wb_check_kinds[c->kind].values;
	wb_autostr names = WB_STR_INIT;
	struct wb_sv bad = { NULL, 0 };
	if (!values)
		return 0;
	wb_str_add(&names, values);
	for (size_t i = 0; i < c->asks.of.n; i++)
		wb_str_addf(&names, " %s", c->asks.of.v[i].name);
	if (names.failed)
		return wb_err_nomem(err);
	if (wb_check_template_fits(text, names.p, &bad))
		return 0;
	wb_err_set(err, WB_EINPUT, "the check \"%s\" has no value {%.*s}", c->name, WB_SV_ARG(bad));
	wb_err_hint(err, "it has: %s", names.p);
	return WB_EINPUT;
}

static int check_texts(const struct wb_check *c, enum wb_dialect dialect, struct wb_error *err)
{
	int rc = check_queries(c, dialect, err);
	if (rc == 0)
		rc = check_condition(c, c->asks.where, dialect, err);
	if (rc == 0)
		rc = check_condition(c, c->asks.satisfy, dialect, err);
	if (rc == 0)
		rc = check_numbers(c, err);
	if (rc == 0)
		rc = check_template(c, c->message, err);
	for (size_t i = 0; rc == 0 && i < c->details.n; i++)
		rc = check_template(c, c->details.v[i].value, err);
	return rc;
}

/* ---- the suite ------------------------------------------------------------------------------------------- */

static int check_names(const struct wb_check_suite *s, size_t at, struct wb_map *seen, struct wb_error *err)
{
	const struct wb_check *c = &s->checks[at];
	struct wb_check *kept;
	if (!c->name || !*c->name) {
		wb_err_set(err, WB_EINPUT, "a check has no name");
		return WB_EINPUT;
	}
	if (wb_map_get(seen, wb_sv_str(c->name)))
		return wrong(c, err, "stands there twice", "each check has a name of its own");
	for (size_t i = 0; i < c->needs.n; i++) {
		if (wb_map_get(seen, wb_sv_str(c->needs.v[i])))
			continue;
		wb_err_set(err, WB_EINPUT, "the check \"%s\" needs \"%s\", which does not stand before it", c->name,
			   c->needs.v[i]);
		return WB_EINPUT;
	}
	memcpy(&kept, &c, sizeof(kept)); /* the map never writes to it */
	return wb_map_put(seen, wb_sv_str(c->name), kept) ? 0 : wb_err_nomem(err);
}

int wb_check_suite_valid(const struct wb_check_suite *suite, enum wb_dialect dialect, struct wb_error *err)
{
	struct wb_map seen = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < suite->n_checks; i++) {
		const struct wb_check *c = &suite->checks[i];
		rc = check_names(suite, i, &seen, err);
		if (rc == 0 && (c->kind <= WB_CHECK_KIND_NONE || c->kind >= WB_CHECK_KIND_COUNT))
			rc = wrong(c, err, "does not say what it checks", NULL);
		if (rc == 0)
			rc = check_needs(c, err);
		if (rc == 0)
			rc = check_texts(c, dialect, err);
		if (rc == WB_EINPUT)
			(void)wb_check_blame(suite, c, err);
	}
	if (rc == 0 && suite->n_checks == 0)
		rc = wb_err_set(err, WB_EINPUT, "the suite \"%s\" has no checks", suite->name);
	wb_map_done(&seen);
	return rc;
}
