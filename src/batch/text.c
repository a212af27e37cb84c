/* SPDX-License-Identifier: Apache-2.0
 *
 * From a rule to SQL. What users wrote is closed by a line end, so that a
 * comment in it ends there. Only SQL that every engine understands is made
 * here; what differs comes from the driver.
 */
#include "text.h"

static void ident(struct wb_str *out, const char *name)
{
	wb_quote_ident(out, wb_sv_str(name));
}

void text_ident(const char *table, struct wb_str *out)
{
	struct wb_sv rest = wb_sv_str(table), part;
	if (strchr(table, '"')) { /* quoted by its author */
		wb_str_add(out, table);
		return;
	}
	for (bool first = true; wb_sv_cut(&rest, '.', &part); first = false) {
		wb_str_add(out, first ? "" : ".");
		wb_quote_ident(out, part);
	}
}

static void column_of(struct wb_str *out, const char *alias, const char *name)
{
	wb_str_addf(out, "%s.", alias);
	ident(out, name);
}

/* What a column gets. */
static void value_of(struct wb_str *out, const struct wb_named_value *c)
{
	if (c->value)
		wb_str_addf(out, "(%s\n)", c->value);
	else
		column_of(out, "original", c->name);
}

static const char *keep(struct texts *t, struct wb_str *s, bool *failed)
{
	const char *copy = s->failed ? NULL : wb_arena_sv(t->a, wb_str_sv(s));
	*failed |= !copy;
	wb_str_clear(s);
	return copy;
}

static void make_source(struct texts *t, struct wb_str *s, bool *failed)
{
	const struct wb_transform_rule *rule = t->rule;
	if (rule->query)
		wb_str_addf(s, "(%s\n)", rule->query);
	else
		text_ident(rule->source, s);
	t->relation = keep(t, s, failed);
	wb_str_addf(s, "%s AS original", t->relation ? t->relation : "");
	t->source = keep(t, s, failed);
	text_ident(rule->target ? rule->target : rule->source ? rule->source : "", s);
	t->target = keep(t, s, failed);
	wb_str_addf(s, rule->filter ? " AND (%s\n)" : "%s", rule->filter ? rule->filter : "");
	t->filter = keep(t, s, failed);
}

static void make_keys(struct texts *t, struct wb_str *s, bool *failed)
{
	const struct wb_texts *key = &t->rule->key;
	for (size_t i = 0; i < key->n; i++) {
		wb_str_add(s, i ? ", " : "");
		column_of(s, "original", key->v[i]);
	}
	t->keys = keep(t, s, failed);
	for (size_t i = 0; i < key->n; i++) {
		wb_str_addf(s, "%s%s(", i ? " || ', ' || " : "", t->literal);
		column_of(s, "original", key->v[i]);
		wb_str_addc(s, ')');
	}
	t->key_text = keep(t, s, failed);
	wb_str_addc(s, '(');
	for (size_t i = 0; i < key->n; i++) {
		wb_str_add(s, i ? " OR " : "");
		column_of(s, "original", key->v[i]);
		wb_str_add(s, " IS NULL");
	}
	wb_str_addc(s, ')');
	t->no_key = keep(t, s, failed);
}

static void add_checks(const struct texts *t, bool transformed, struct wb_str *s)
{
	const struct wb_transform_rule *rule = t->rule;
	for (size_t i = 0; i < rule->n_checks; i++) {
		const struct wb_rule_check *c = &rule->checks[i];
		if (c->transformed != transformed)
			continue;
		wb_str_addf(s, " WHEN (%s\n) IS NOT TRUE THEN ", c->condition);
		wb_quote_literal(s, WB_DIALECT_SQLITE, wb_sv_str(c->message ? c->message : c->condition));
	}
}

static bool has_checks(const struct wb_transform_rule *rule, bool transformed)
{
	for (size_t i = 0; i < rule->n_checks; i++) {
		if (rule->checks[i].transformed == transformed)
			return true;
	}
	return false;
}

/* Those of the original come first: for a row that fails one, the new values may not be had at all. The inner query
 * makes the new values known by name; it reads nothing. */
static void make_reason(struct texts *t, bool no_checks, struct wb_str *s, bool *failed)
{
	const struct wb_transform_rule *rule = t->rule;
	if (no_checks || !rule->n_checks)
		return;
	wb_str_add(s, "CASE");
	add_checks(t, false, s);
	if (has_checks(rule, true)) {
		wb_str_add(s, has_checks(rule, false) ? " ELSE (SELECT CASE" : " WHEN 1 = 1 THEN (SELECT CASE");
		add_checks(t, true, s);
		wb_str_add(s, " END FROM (SELECT ");
		for (size_t i = 0; i < rule->columns.n; i++) {
			wb_str_add(s, i ? ", " : "");
			value_of(s, &rule->columns.v[i]);
			wb_str_add(s, " AS ");
			ident(s, rule->columns.v[i].name);
		}
		wb_str_add(s, ") AS transformed)");
	}
	wb_str_add(s, " END");
	t->reason = keep(t, s, failed);
}

static void make_rejects(struct texts *t, struct wb_conn *c, struct wb_str *s, bool *failed)
{
	const char *ours = wb_conn_sql(c, WB_SQL_REJECTS_TABLE);
	t->rejects_ours = !t->rule->rejects;
	if (t->rejects_ours && ours)
		wb_str_addsv(s, wb_sv_trim(wb_sv_str(ours)));
	else if (!t->rejects_ours)
		text_ident(t->rule->rejects, s);
	*failed |= t->rejects_ours && !ours;
	t->rejects = keep(t, s, failed);
}

int texts_make(struct texts *t, struct wb_arena *a, struct wb_conn *c, const struct wb_transform_rule *rule,
	       bool no_checks, struct wb_error *err)
{
	wb_autostr s = WB_STR_INIT;
	bool failed = false;
	*t = (struct texts){ .rule = rule, .a = a, .literal = c->driver->literal };
	if (!t->literal)
		return wb_err_set(err, WB_EUNSUPPORTED, "%s cannot transform rows", c->driver->name);
	make_source(t, &s, &failed);
	make_keys(t, &s, &failed);
	make_reason(t, no_checks, &s, &failed);
	make_rejects(t, c, &s, &failed);
	int rc = failed ? wb_err_nomem(err) : wb_conn_row_json(c, t->relation, "original", &s, err);
	if (rc == 0)
		t->row_json = keep(t, &s, &failed);
	return rc == 0 && failed ? wb_err_nomem(err) : rc;
}

/* ---- queries ---------------------------------------------------------------------- */

static void row_is(const struct texts *t, const char *relation, const char *literals, struct wb_str *out)
{
	bool several = t->rule->key.n > 1;
	wb_str_addf(out, several ? "(%s) %s (%s)" : "%s %s %s", t->keys, relation, literals);
}

void text_where(const struct texts *t, const struct range *r, struct wb_str *out)
{
	/* Of several columns one may be NULL and the row still be greater. */
	if (!r->from || t->rule->key.n > 1)
		wb_str_addf(out, "NOT %s", t->no_key);
	if (r->from) {
		wb_str_add(out, t->rule->key.n > 1 ? " AND " : "");
		row_is(t, ">", r->from, out);
	}
	if (r->to) {
		wb_str_add(out, " AND ");
		row_is(t, "<=", r->to, out);
	}
	wb_str_add(out, t->filter);
}

static void names(struct wb_str *out, size_t n, const char *form)
{
	for (size_t i = 0; i < n; i++) {
		wb_str_add(out, i ? ", " : "");
		for (const char *p = form; *p; p++) {
			if (*p == '#')
				wb_str_addf(out, "k%zu", i);
			else
				wb_str_addc(out, *p);
		}
	}
}

void text_bound(const struct texts *t, const char *from, int64_t size, struct wb_str *out)
{
	size_t n = t->rule->key.n;
	struct range r = { from, NULL };
	wb_str_add(out, "WITH piece (");
	names(out, n, "#");
	wb_str_addf(out, ") AS (SELECT %s FROM %s WHERE ", t->keys, t->source);
	text_where(t, &r, out);
	wb_str_addf(out, " ORDER BY %s LIMIT %lld) SELECT (SELECT count(*) FROM piece)", t->keys, (long long)size);
	for (size_t i = 0; i < n; i++)
		wb_str_addf(out, ", %s(k%zu)", t->literal, i);
	wb_str_add(out, " FROM piece ORDER BY ");
	names(out, n, "# DESC");
	wb_str_add(out, " LIMIT 1");
}

void text_failing(const struct texts *t, const struct range *r, const char *columns, struct wb_str *out)
{
	wb_str_addf(out, "SELECT %s FROM (SELECT %s AS k, %s AS reason, %s AS j FROM %s WHERE ", columns, t->key_text,
		    t->reason ? t->reason : "NULL", t->row_json, t->source);
	text_where(t, r, out);
	wb_str_add(out, ") AS rows WHERE reason IS NOT NULL");
}

static bool in_conflict_key(const struct wb_transform_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->conflict_key.n; i++) {
		if (!strcmp(rule->conflict_key.v[i], name))
			return true;
	}
	return false;
}

static void write_set(const struct texts *t, struct wb_str *out)
{
	const struct wb_transform_rule *rule = t->rule;
	size_t n = rule->set.n ? rule->set.n : rule->columns.n ? rule->columns.n : rule->fields.n;
	bool first = true;
	for (size_t i = 0; i < n; i++) {
		struct wb_named_value c = rule->set.n       ? rule->set.v[i]
					  : rule->columns.n ? (struct wb_named_value){ rule->columns.v[i].name, NULL }
							    : (struct wb_named_value){ rule->fields.v[i], NULL };
		if (!rule->set.n && in_conflict_key(rule, c.name))
			continue;
		wb_str_add(out, first ? "" : ", ");
		ident(out, c.name);
		wb_str_add(out, " = ");
		if (c.value)
			wb_str_addf(out, "(%s\n)", c.value);
		else
			column_of(out, "excluded", c.name);
		first = false;
	}
}

static void write_conflict(const struct texts *t, struct wb_str *out)
{
	const struct wb_transform_rule *rule = t->rule;
	if (rule->on_conflict == WB_CONFLICT_FAIL)
		return;
	wb_str_add(out, " ON CONFLICT");
	for (size_t i = 0; i < rule->conflict_key.n; i++) {
		wb_str_add(out, i ? ", " : " (");
		ident(out, rule->conflict_key.v[i]);
	}
	wb_str_add(out, rule->conflict_key.n ? ")" : "");
	if (rule->on_conflict == WB_CONFLICT_IGNORE) {
		wb_str_add(out, " DO NOTHING");
		return;
	}
	wb_str_add(out, " DO UPDATE SET ");
	write_set(t, out);
}

static void write_condition(const struct texts *t, const struct range *r, struct wb_str *out)
{
	wb_str_add(out, " WHERE ");
	text_where(t, r, out);
	if (t->reason)
		wb_str_addf(out, " AND %s IS NULL", t->reason);
}

static void write_in_place(const struct texts *t, const struct range *r, struct wb_str *out)
{
	const struct wb_named_values *c = &t->rule->columns;
	wb_str_addf(out, "UPDATE %s AS original SET ", t->relation);
	for (size_t i = 0; i < c->n; i++) {
		wb_str_add(out, i ? ", " : "");
		ident(out, c->v[i].name);
		wb_str_add(out, " = ");
		value_of(out, &c->v[i]);
	}
	write_condition(t, r, out);
}

void text_write(const struct texts *t, const struct range *r, struct wb_str *out)
{
	const struct wb_named_values *c = &t->rule->columns;
	if (!t->rule->target) {
		write_in_place(t, r, out);
		return;
	}
	wb_str_addf(out, "INSERT INTO %s (", t->target);
	for (size_t i = 0; i < c->n; i++) {
		wb_str_add(out, i ? ", " : "");
		ident(out, c->v[i].name);
	}
	wb_str_add(out, ") SELECT ");
	for (size_t i = 0; i < c->n; i++) {
		wb_str_add(out, i ? ", " : "");
		value_of(out, &c->v[i]);
	}
	wb_str_addf(out, " FROM %s", t->source);
	write_condition(t, r, out);
	write_conflict(t, out);
}

void text_reject(const struct texts *t, const char *rows, struct wb_str *out)
{
	wb_str_addf(out,
		    "INSERT INTO %s (project, rule, row_key, reason, sqlstate, row_data, run) SELECT $1, $2, k, "
		    "reason, $3, j, $4 FROM (%s) AS failed WHERE 1 = 1 ON CONFLICT (project, rule, row_key) DO "
		    "NOTHING",
		    t->rejects, rows);
}

int text_write_json(const struct texts *t, struct wb_conn *c, struct wb_str *out, struct wb_error *err)
{
	const struct wb_texts *f = &t->rule->fields;
	wb_str_addf(out, "INSERT INTO %s (", t->target);
	for (size_t i = 0; i < f->n; i++) {
		wb_str_add(out, i ? ", " : "");
		ident(out, f->v[i]);
	}
	wb_str_add(out, ") SELECT ");
	for (size_t i = 0; i < f->n; i++) {
		wb_str_add(out, i ? ", " : "");
		column_of(out, "transformed", f->v[i]);
	}
	wb_str_add(out, " FROM ");
	int rc = wb_conn_from_json(c, t->target, f->v, f->n, out, err);
	if (rc < 0)
		return rc;
	wb_str_add(out, " AS transformed WHERE 1 = 1");
	write_conflict(t, out);
	return out->failed ? wb_err_nomem(err) : 0;
}

/* ---- identity ----------------------------------------------------------------------- */

static void line(struct wb_str *s, const char *key, const char *value)
{
	if (value)
		wb_str_addf(s, "%s: %s\n", key, value);
}

static void list(struct wb_str *s, const char *key, const struct wb_texts *v)
{
	for (size_t i = 0; i < v->n; i++)
		line(s, key, v->v[i]);
}

static void values(struct wb_str *s, const char *key, const struct wb_named_values *v)
{
	for (size_t i = 0; i < v->n; i++)
		wb_str_addf(s, "%s %s: %s\n", key, v->v[i].name, v->v[i].value ? v->v[i].value : "");
}

const char *wb_batch_text(struct wb_arena *a, const struct wb_transform_rule *rule, bool no_checks)
{
	static const char *const conflicts[] = { "fail", "ignore", "update" };
	wb_autostr s = WB_STR_INIT;
	line(&s, "source", rule->source);
	line(&s, "query", rule->query);
	list(&s, "key", &rule->key);
	line(&s, "target", rule->target);
	values(&s, "column", &rule->columns);
	line(&s, "filter", rule->filter);
	for (size_t i = 0; !no_checks && i < rule->n_checks; i++)
		line(&s, rule->checks[i].transformed ? "check transformed" : "check original",
		     rule->checks[i].condition);
	line(&s, "on_conflict", conflicts[rule->on_conflict]);
	list(&s, "conflict_key", &rule->conflict_key);
	values(&s, "set", &rule->set);
	line(&s, "rejects", rule->rejects);
	list(&s, "command", &rule->command);
	list(&s, "field", &rule->fields);
	return s.failed ? NULL : wb_arena_sv(a, wb_str_sv(&s));
}

bool wb_batch_repeatable(const struct wb_transform_rule *rule)
{
	return rule->on_conflict == WB_CONFLICT_UPDATE;
}
