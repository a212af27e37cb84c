/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule must have, and what excludes what.
 */
#include "transform.h"

struct fault {
	bool is;
	const char *what, *hint;
};

static int wrong(const struct wb_transform_rule *r, const struct fault *f, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "rule %s: %s", r->id && *r->id ? r->id : "without an id", f->what);
	if (f->hint)
		wb_err_hint(err, "%s", f->hint);
	if (r->file)
		wb_err_place(err, r->file, r->line, 0);
	return WB_EINPUT;
}

static bool has(const struct wb_texts *v, const char *text)
{
	for (size_t i = 0; i < v->n; i++) {
		if (!strcmp(v->v[i], text))
			return true;
	}
	return false;
}

static bool has_column(const struct wb_named_values *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++) {
		if (!strcmp(v->v[i].name, name))
			return true;
	}
	return false;
}

static int check_shape(const struct wb_transform_rule *r, struct wb_error *err)
{
	bool program = r->command.n > 0, upsert = r->on_conflict == WB_CONFLICT_UPDATE;
	const struct fault faults[] = {
		{ !r->id || !*r->id, "it has no id", NULL },
		{ !r->source && !r->query, "it has no source", "name a table with `source:`, or give a `query:`" },
		{ r->source && r->query, "it has a source and a query", "keep one of them" },
		{ !r->key.n, "it has no key", "name the columns of the source that tell its rows apart: `key: id`" },
		{ r->key.n > 16, "its key has more than 16 columns", NULL },
		{ !r->target && r->query, "a query cannot be changed in place", "name the `target:`" },
		{ !r->target && program, "a program needs a target for what it gives", "name the `target:`" },
		{ !program && !r->columns.n, "it has no columns",
		  "say with `columns:` what each column of the target gets" },
		{ program && !r->fields.n, "it has no fields",
		  "name with `fields:` the columns that the program's objects have" },
		{ program && r->columns.n, "it has a program and columns", "the program gives the values: `fields:`" },
		{ !program && r->fields.n, "it has fields, but no program",
		  "`columns:` is meant, or `command:` is "
		  "missing" },
		{ program && r->n_checks, "it has a program and checks",
		  "let the program reject rows: it prints {\"error\": \"…\"}" },
		{ upsert && r->target && !r->conflict_key.n, "it updates on conflict, but has no conflict_key",
		  "name the columns of the target that are unique: `conflict_key: id`" },
		{ !r->target && r->on_conflict != WB_CONFLICT_FAIL, "on_conflict is for a rule with a target", NULL },
		{ r->set.n && !upsert, "it has a set, but does not update on conflict",
		  "`on_conflict: update` is missing" },
		{ r->on_error == WB_ON_ERROR_CONTINUE && r->max_errors < 0 && r->max_error_percent <= 0,
		  "`on_error: continue` needs max_errors",
		  "say how many rows may be lost: `max_errors: 100`, or `1%`" },
		{ r->rejects && r->on_error != WB_ON_ERROR_COLLECT, "it names a table of rejects, but does not collect",
		  "`on_error: collect` is missing" },
		{ r->batch_size < 0 || r->pause_ms < 0, "batch_size and pause are not negative", NULL },
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(faults); i++) {
		if (faults[i].is)
			return wrong(r, &faults[i], err);
	}
	return 0;
}

/* The walk goes on behind the key it stands at: one that changes under it would be met again, or never. */
static int check_key(const struct wb_transform_rule *r, struct wb_error *err)
{
	static const struct fault moves = { true, "it changes its own key", "walk by columns that stay as they are" };
	for (size_t i = 0; !r->target && i < r->key.n; i++) {
		if (has_column(&r->columns, r->key.v[i]))
			return wrong(r, &moves, err);
	}
	return 0;
}

int wb_rules_check(const struct wb_transform_rule *rules, size_t n, struct wb_error *err)
{
	static const struct fault twice = { true, "there are two of this id", NULL };
	static const struct fault itself = { true, "it depends on itself", NULL };
	for (size_t i = 0; i < n; i++) {
		int rc = check_shape(&rules[i], err);
		if (rc == 0)
			rc = check_key(&rules[i], err);
		if (rc == 0 && has(&rules[i].depends, rules[i].id))
			rc = wrong(&rules[i], &itself, err);
		for (size_t k = 0; rc == 0 && k < i; k++) {
			if (!strcmp(rules[k].id, rules[i].id))
				rc = wrong(&rules[i], &twice, err);
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}
