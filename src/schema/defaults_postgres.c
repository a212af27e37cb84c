/* SPDX-License-Identifier: Apache-2.0
 *
 * Default privileges: what the server grants on an object when it is made, and
 * what it withholds. An object that is to have other privileges is made, then
 * rid of these; its own are given again where they are the same grantee's.
 * Default privileges of a role that makes nothing are without effect, and so is
 * taking away what was never given.
 */
#include "schema/ddl_postgres.h"

#include "base/banned.h"

#define WITH_OPTION " WITH GRANT OPTION"

/* "SELECT, INSERT", and to or from whom; of a line of the attribute `privileges` or `revoked`. */
struct grant {
	struct wb_sv line, what, who;
	bool with_option;
};

struct settling {
	const struct wb_object *made;
	const char *keyword; /* of GRANT … ON */
	struct wb_str *out;
};

static const struct made_class {
	enum wb_kind kind;
	const char *plural, *keyword;
} classes[] = {
	{ WB_KIND_TABLE, "tables of ", "TABLE" },
	{ WB_KIND_FOREIGN_TABLE, "tables of ", "TABLE" },
	{ WB_KIND_VIEW, "tables of ", "TABLE" },
	{ WB_KIND_MATERIALIZED_VIEW, "tables of ", "TABLE" },
	{ WB_KIND_SEQUENCE, "sequences of ", "SEQUENCE" },
	{ WB_KIND_FUNCTION, "functions of ", "FUNCTION" },
	{ WB_KIND_PROCEDURE, "functions of ", "PROCEDURE" },
	{ WB_KIND_AGGREGATE, "functions of ", "FUNCTION" },
	{ WB_KIND_ENUM, "types of ", "TYPE" },
	{ WB_KIND_COMPOSITE, "types of ", "TYPE" },
	{ WB_KIND_RANGE, "types of ", "TYPE" },
	{ WB_KIND_DOMAIN, "types of ", "TYPE" },
	{ WB_KIND_SCHEMA, "schemas of ", "SCHEMA" },
};

static const struct made_class *class_of(const struct wb_object *made)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(classes); i++)
		if (classes[i].kind == made->kind)
			return &classes[i];
	return NULL;
}

static bool concerns(const struct wb_object *defaults, const struct made_class *class, const struct wb_object *made)
{
	if (defaults->kind != WB_KIND_DEFAULT_PRIVILEGES || !wb_sv_starts(wb_sv_str(defaults->name), class->plural))
		return false;
	return !defaults->schema || (made->schema && strcmp(defaults->schema, made->schema) == 0);
}

/* Up to a text, which is cut off with what is before it; all of it without one. */
static struct wb_sv cut(struct wb_sv *rest, const char *at)
{
	const char *found = memmem(rest->p, rest->n, at, strlen(at));
	struct wb_sv before = wb_sv(rest->p, found ? (size_t)(found - rest->p) : rest->n);
	size_t n = found ? before.n + strlen(at) : rest->n;

	*rest = wb_sv(rest->p + n, rest->n - n);
	return before;
}

static bool next_grant(struct wb_sv *lines, const char *preposition, struct grant *out)
{
	struct wb_sv rest;

	if (!wb_sv_cut(lines, '\n', &out->line))
		return false;
	rest = out->line;
	out->what = cut(&rest, " ON ");
	(void)cut(&rest, preposition);
	out->with_option = wb_sv_ends(rest, WITH_OPTION);
	out->who = wb_sv(rest.p, rest.n - (out->with_option ? strlen(WITH_OPTION) : 0));
	return true;
}

static struct wb_sv lines_of(const struct wb_object *o, const char *key)
{
	const char *lines = wb_object_get(o, key);

	return lines ? wb_sv_str(lines) : wb_sv(NULL, 0);
}

/* An aggregate named as a function: f() for f(*), f(a, b) for f(a ORDER BY b). GRANT knows no other form. */
static void add_as_function(struct wb_str *out, const char *name)
{
	static const char *const forms[][2] = { { "(*)", "()" }, { "(ORDER BY ", "(" }, { " ORDER BY ", ", " } };
	for (size_t i = 0; *name; i = 0) {
		while (i < WB_ARRAY_LEN(forms) && strncmp(name, forms[i][0], strlen(forms[i][0])) != 0)
			i++;
		if (i < WB_ARRAY_LEN(forms))
			wb_str_add(out, forms[i][1]);
		else
			wb_str_addn(out, name, 1);
		name += i < WB_ARRAY_LEN(forms) ? strlen(forms[i][0]) : 1;
	}
}

static void say(struct settling *s, const char *verb, const struct grant *g, const char *preposition)
{
	const struct wb_object *o = s->made;
	const char *given = wb_object_get(o, "sql_name");

	wb_str_addf(s->out, "%s ", verb);
	wb_str_addsv(s->out, g->what);
	wb_str_addf(s->out, " ON %s ", s->keyword);
	if (given && o->kind == WB_KIND_AGGREGATE) {
		add_as_function(s->out, given);
	} else if (given) {
		wb_str_add(s->out, given);
	} else {
		if (o->schema)
			wb_quote_ident(s->out, wb_sv_str(o->schema));
		wb_str_add(s->out, o->schema ? "." : "");
		wb_quote_ident(s->out, wb_sv_str(o->name));
	}
	wb_str_add(s->out, preposition);
	wb_str_addsv(s->out, g->who);
	wb_str_add(s->out, ";\n");
}

/* Does the object say so itself? An object's own name may hold anything, but comes before the last preposition. */
static bool has(const struct wb_object *o, const char *key, const char *preposition, const struct grant *wanted)
{
	struct wb_sv lines = lines_of(o, key);
	struct grant g;

	while (next_grant(&lines, preposition, &g))
		if (wb_sv_eq(g.what, wanted->what) && wb_sv_eq(g.who, wanted->who) &&
		    g.with_option == wanted->with_option)
			return true;
	return false;
}

static void grant_again(struct settling *s, struct wb_sv who)
{
	struct wb_sv lines = lines_of(s->made, "privileges");
	struct grant g;

	while (next_grant(&lines, " TO ", &g)) {
		if (!wb_sv_eq(g.who, who))
			continue;
		wb_str_add(s->out, "GRANT ");
		wb_str_addsv(s->out, g.line);
		wb_str_add(s->out, ";\n");
	}
}

static void settle(struct settling *s, const struct wb_object *defaults)
{
	const char *owner = wb_object_get(s->made, "owner");
	struct wb_sv lines = lines_of(defaults, "privileges");
	struct grant g;

	while (next_grant(&lines, " TO ", &g)) {
		/* What the owner was given before it was his is his own now. */
		if (has(s->made, "privileges", " TO ", &g) || (owner && wb_sv_eq(g.who, wb_sv_str(owner))))
			continue;
		say(s, "REVOKE", &g, " FROM ");
		grant_again(s, g.who);
	}
	lines = lines_of(defaults, "revoked");
	while (next_grant(&lines, " FROM ", &g))
		if (!has(s->made, "revoked", " FROM ", &g))
			say(s, "GRANT", &g, " TO ");
}

void wb_ddl_postgres_settle(const struct wb_model *from, const struct wb_object *made, struct wb_str *out)
{
	const struct made_class *class = class_of(made);
	struct settling s = { made, class ? class->keyword : NULL, out };

	for (size_t i = from->n; class && i > 0 && from->v[i - 1]->kind == WB_KIND_DEFAULT_PRIVILEGES; i--)
		if (concerns(from->v[i - 1], class, made))
			settle(&s, from->v[i - 1]);
}
