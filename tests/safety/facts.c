/* SPDX-License-Identifier: Apache-2.0
 *
 * What the proof of the facts (proof.py) asks of the program's own code:
 *
 *     facts json          the rows of the table, for a check that each has a scenario
 *     facts markdown      docs/locks.md
 *     facts effects [URL] what is said of the SQL on standard input, an object per statement and line; with a URL in
 *                         the database as it is, each statement after those before it
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "driver/driver.h"
#include "driver/postgres/postgres.h"
#include "safety/facts.h"

#include "base/banned.h"

/* ---- the table ------------------------------------------------------------------------------ */

static const char *const works[] = { "scan", "rewrite", "index", "empty", "copy" };

static json_t *work_json(unsigned work)
{
	json_t *all = json_array();

	for (size_t i = 0; i < WB_ARRAY_LEN(works); i++)
		if (work & 1u << i)
			json_array_append_new(all, json_string(works[i]));
	return all;
}

static void print_line(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	puts(text ? text : "");
	free(text);
	json_decref(o);
}

static int print_json(void)
{
	for (size_t i = 0; i < wb_facts_postgres_n; i++) {
		const struct wb_fact *f = &wb_facts_postgres[i];
		json_t *o = json_object();

		json_object_set_new(o, "id", json_sprintf("%s/%s", wb_op_name(f->op), f->label));
		json_object_set_new(o, "since", json_integer(f->since ? f->since : 12));
		json_object_set_new(o, "until", json_integer(f->until ? f->until : 99));
		json_object_set_new(o, "unproved", f->unproved ? json_string(f->unproved) : json_null());
		json_object_set_new(o, "source", json_string(f->source));
		print_line(o);
	}
	return 0;
}

/* ---- docs/locks.md ---------------------------------------------------------------------------- */

static const char head[] =
	"# Which locks a statement takes\n"
	"\n"
	"What PostgreSQL 12 to 18 lock, read and write for each kind of statement, as Whimbrel judges it (`plan`, "
	"`lint`). Each row is\n"
	"proved by running such a statement on live servers and comparing `pg_locks`, file numbers and scan counters "
	"with it\n"
	"(`tests/safety/proof.py`); where that cannot be done the row says why. This page is written from\n"
	"`src/safety/facts_postgres.c` by `tests/safety/facts.c`.\n"
	"\n"
	"Rows of one operation exclude each other: the first that holds is the answer. Rows with the same number in "
	"the column\n"
	"*part* do, others add up. Locks are those on relations that exist before; an index of a table that is locked "
	"ACCESS\n"
	"EXCLUSIVE is not told. ACCESS EXCLUSIVE blocks reads and writes; SHARE, SHARE ROW EXCLUSIVE and EXCLUSIVE "
	"block writes; the\n"
	"weaker ones block neither. *rewrites* writes the relation anew with all its indexes, *scans* reads all of it, "
	"*builds* an\n"
	"index. *and below*: the same on partitions and children.\n"
	"\n"
	"| operation | part | when | versions | locks | source | proof |\n"
	"|---|---|---|---|---|---|---|\n";

static void add_when(struct wb_str *s, const struct wb_fact *f)
{
	static const char *const flags[] = { "IF EXISTS",
					     "OR REPLACE",
					     "CASCADE",
					     "CONCURRENTLY",
					     "ONLY",
					     "NOT VALID",
					     "NOT ENFORCED",
					     "USING INDEX",
					     "NO INHERIT",
					     "UNIQUE",
					     "PRIMARY KEY",
					     "CHECK",
					     "REFERENCES",
					     "NOT NULL",
					     "a default",
					     "GENERATED … STORED",
					     "GENERATED … VIRTUAL",
					     "IDENTITY",
					     "serial",
					     "COLLATE",
					     "the reverse form",
					     "WHERE",
					     "BEFORE or AFTER",
					     "LOCAL",
					     "TEMPORARY",
					     "PARTITION OF",
					     "INHERITS",
					     "PARTITION BY",
					     "UNLOGGED",
					     "within CREATE TABLE" };

	wb_str_add(s, f->label);
	for (size_t i = 0; i < WB_ARRAY_LEN(flags); i++)
		if (f->with & 1u << i)
			wb_str_addf(s, "; %s", flags[i]);
	for (unsigned i = 0; i < WB_COND_COUNT; i++)
		if ((f->when | f->unless) & 1u << i)
			wb_str_addf(s, "; %s%s", f->unless & 1u << i ? "not: " : "", wb_cond_text((enum wb_cond)i));
}

static void add_locks(struct wb_str *s, const struct wb_fact *f)
{
	static const char *const verbs[] = { "scans", "rewrites", "builds", "empties", "copies" };
	bool any = false;

	for (size_t i = 0; i < WB_ARRAY_LEN(f->on) && f->on[i].role; i++, any = true) {
		wb_str_addf(s, "%s%s: %s", any ? "; " : "", wb_role_name(f->on[i].role), wb_lock_name(f->on[i].lock));
		for (size_t k = 0; k < WB_ARRAY_LEN(verbs); k++)
			if (f->on[i].work & 1u << k)
				wb_str_addf(s, ", %s", verbs[k]);
		if (f->on[i].role == WB_ROLE_TABLE && f->flags & WB_FACT_DEEP)
			wb_str_add(s, ", and below");
		if (f->on[i].role == WB_ROLE_TABLE && f->flags & WB_FACT_PARTS)
			wb_str_add(s, ", and partitions");
	}
	wb_str_add(s, any ? "" : f->flags & WB_FACT_UNKNOWN ? "unknown" : "none");
	if (f->flags & WB_FACT_WAITS)
		wb_str_add(s, "; waits for older transactions");
	if (f->flags & WB_FACT_PHASES)
		wb_str_add(s, "; not in a transaction block");
	if (f->flags & WB_FACT_MORE)
		wb_str_add(s, "; what is read besides: ACCESS SHARE");
}

static int print_markdown(void)
{
	wb_autostr s = WB_STR_INIT;

	wb_str_add(&s, head);
	for (size_t i = 0; i < wb_facts_postgres_n; i++) {
		const struct wb_fact *f = &wb_facts_postgres[i];

		wb_str_addf(&s, "| %s | %d | ", wb_op_name(f->op), f->part);
		add_when(&s, f);
		wb_str_addf(&s, " | %d–%.0d | ", f->since ? f->since : 12, f->until);
		add_locks(&s, f);
		wb_str_addf(&s, " | `%s` | %s |\n", f->source, f->unproved ? f->unproved : "yes");
	}
	fputs(s.p, stdout);
	return s.failed;
}

/* ---- effects -------------------------------------------------------------------------------------- */

static const char *tri(enum wb_tri t)
{
	static const char *const names[] = { "unknown", "no", "yes" };

	return names[t];
}

static json_t *touch_json(const struct wb_touch *t)
{
	json_t *o = json_object();

	json_object_set_new(o, "schema", t->name.schema ? json_string(t->name.schema) : json_null());
	json_object_set_new(o, "name", json_string(t->name.name));
	json_object_set_new(o, "role", json_string(t->role));
	json_object_set_new(o, "lock", json_integer(t->lock));
	json_object_set_new(o, "lock_max", json_integer(t->lock_max));
	json_object_set_new(o, "work", work_json(t->work));
	json_object_set_new(o, "work_max", work_json(t->work_max));
	json_object_set_new(o, "made", json_boolean(t->made));
	return o;
}

static json_t *effect_json(const struct wb_effect *e, const struct wb_operations *ops)
{
	json_t *o = json_object(), *touches = json_array(), *codes = json_array();

	for (size_t i = 0; i < e->touches.n; i++)
		json_array_append_new(touches, touch_json(&e->touches.v[i]));
	for (size_t i = 0; i < ops->n; i++)
		json_array_append_new(codes, json_string(wb_op_name(ops->v[i].code)));
	json_object_set_new(o, "operations", codes);
	json_object_set_new(o, "fact",
			    e->fact ? json_sprintf("%s/%s", wb_op_name(e->fact->op), e->fact->label) : json_null());
	json_object_set_new(o, "touches", touches);
	json_object_set_new(o, "lock", json_string(wb_lock_name(e->lock)));
	json_object_set_new(o, "lock_max", json_string(wb_lock_name(e->lock_max)));
	json_object_set_new(o, "blocks_reads", json_string(tri(e->blocks_reads)));
	json_object_set_new(o, "blocks_writes", json_string(tri(e->blocks_writes)));
	json_object_set_new(o, "rewrites", json_string(tri(e->rewrites)));
	json_object_set_new(o, "scans", json_string(tri(e->scans)));
	json_object_set_new(o, "indexes", json_string(tri(e->indexes)));
	json_object_set_new(o, "rows", json_integer(e->rows));
	json_object_set_new(o, "bytes_read", json_integer(e->bytes_read));
	json_object_set_new(o, "bytes_written", json_integer(e->bytes_written));
	json_object_set_new(o, "waits", json_boolean(e->flags & WB_EFFECT_WAITS));
	json_object_set_new(o, "phases", json_boolean(e->flags & WB_EFFECT_PHASES));
	json_object_set_new(o, "more", json_boolean(e->flags & WB_EFFECT_MORE));
	json_object_set_new(o, "unknown", e->unknown ? json_string(e->unknown) : json_null());
	return o;
}

struct statements {
	struct wb_arena arena;
	WB_VEC(struct wb_operations) v;
};

static int read_stdin(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	(void)user;
	(void)err;
	*ret_n = fread(buf, 1, cap, stdin);
	return 0;
}

static int read_statements(const struct wb_driver *d, struct statements *s, struct wb_error *err)
{
	const struct wb_split_options o = { .dialect = d->dialect, .read = read_stdin };
	struct wb_splitter *splitter;
	struct wb_item item = { 0 };
	int rc = wb_split_new(&o, &splitter, err);

	if (rc < 0)
		return rc;
	while (rc == 0 && (rc = wb_split_next(splitter, &item, err)) == 0 && item.kind != WB_ITEM_END) {
		struct wb_operations ops;
		char *text = item.kind == WB_ITEM_STATEMENT ? wb_arena_sv(&s->arena, item.text) : NULL;

		if (!text)
			continue;
		rc = wb_driver_operations(d, wb_sv_str(text), &s->arena, &ops, err);
		if (rc == 0 && !wb_vec_push(&s->v, ops))
			rc = wb_err_nomem(err);
	}
	wb_split_free(splitter);
	return rc;
}

static int survey(const struct wb_driver *d, const char *text, struct statements *s, struct wb_world *w,
		  struct wb_error *err)
{
	struct wb_url url;
	struct wb_open_options o = { .url = &url };
	struct wb_conn *c = NULL;
	int rc = wb_url_parse(&s->arena, text, &url, err);
	int64_t begin;

	if (rc == 0)
		rc = wb_conn_open(d, &o, &c, err);
	begin = wb_now_ms();
	if (rc == 0)
		rc = wb_conn_survey(c, s->v.v, s->v.n, w, err);
	if (getenv("FACTS_TIME"))
		fprintf(stderr, "survey: %d statements, %d relations, %d ms\n", (int)s->v.n, (int)w->relations.n,
			(int)(wb_now_ms() - begin));
	wb_conn_close(c);
	return rc;
}

static int print_effects(const char *url)
{
	const struct wb_driver *d = wb_postgres_driver();
	struct statements s = { 0 };
	struct wb_world *w = wb_world_new();
	struct wb_error err = { 0 };
	int rc = w ? read_statements(d, &s, &err) : wb_err_nomem(&err);

	if (rc == 0 && url)
		rc = survey(d, url, &s, w, &err);
	for (size_t i = 0; rc == 0 && i < s.v.n; i++) {
		struct wb_effect e;

		rc = wb_judge_all(w, &s.v.v[i], &e, &err);
		if (rc < 0)
			break;
		print_line(effect_json(&e, &s.v.v[i]));
		wb_effect_done(&e);
	}
	if (rc < 0)
		fprintf(stderr, "facts: %s: %s (%s)\n", wb_code_name(rc), err.message, err.detail);
	wb_world_free(w);
	wb_vec_done(&s.v);
	wb_arena_done(&s.arena);
	return rc < 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "json"))
		return print_json();
	if (argc == 2 && !strcmp(argv[1], "markdown"))
		return print_markdown();
	if (argc >= 2 && argc <= 3 && !strcmp(argv[1], "effects"))
		return print_effects(argv[2]);
	fputs("facts json | markdown | effects [URL]\n", stderr);
	return 64;
}
