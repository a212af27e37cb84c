/* SPDX-License-Identifier: Apache-2.0
 *
 * A release, proposed or recorded: what has changed since the one before and
 * what it means; and the list of those of the past.
 */
#include "report/schema.h"

#include "report/markdown.h"
#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

/* ---- JSON ---- */

static json_t *change_value(struct wb_json *j, const struct wb_release_change *c)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "type", c->type);
	wb_json_set_text(j, o, "kind", c->kind);
	wb_json_set_text(j, o, "object", c->object);
	wb_json_set_text(j, o, "attribute", c->attribute);
	wb_json_set_text(j, o, "before", c->before);
	wb_json_set_text(j, o, "after", c->after);
	wb_json_set_text(j, o, "impact", c->impact);
	wb_json_set_text(j, o, "why", c->why);
	return o;
}

static json_t *migrations_value(struct wb_json *j, const struct wb_release *r)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "first", r->first_migration);
	wb_json_set_text(j, o, "last", r->last_migration);
	wb_json_set_number(j, o, "count", r->migrations);
	return o;
}

static json_t *breaking_value(struct wb_json *j, const struct wb_release *r)
{
	struct wb_sv lines = wb_sv_str(r->breaking), line;
	wb_autoarena a = WB_ARENA_INIT;
	json_t *all = wb_json_array(j);

	while (wb_sv_cut(&lines, '\n', &line)) {
		char *text = wb_arena_sv(&a, line);

		j->failed |= !text;
		wb_json_append(j, all, wb_json_text(j, text));
	}
	return all;
}

static json_t *release_value(struct wb_json *j, const struct wb_release *r)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "version", r->version);
	wb_json_set_text(j, o, "previous", r->previous);
	wb_json_set_text(j, o, "impact", r->impact);
	wb_json_set(j, o, "recorded", wb_json_bool(r->recorded));
	wb_json_set(j, o, "migrations", migrations_value(j, r));
	wb_json_set_text(j, o, "hash", r->hash);
	wb_json_set_text(j, o, "notes", r->notes);
	wb_json_set(j, o, "breaking", breaking_value(j, r));
	return o;
}

static int release_json(struct wb_out *out, const struct wb_release *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = release_value(&j, r), *changes = wb_json_array(&j);
	size_t i;

	for (i = 0; i < r->n_changes; i++)
		wb_json_append(&j, changes, change_value(&j, &r->changes[i]));
	wb_json_set_text(&j, o, "needed", r->needed);
	wb_json_set(&j, o, "changes", changes);
	return wb_json_print(&j, out, o, err);
}

static int releases_json(struct wb_out *out, const struct wb_releases *all, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *list = wb_json_array(&j);
	size_t i;

	for (i = 0; i < all->n; i++) {
		json_t *one = release_value(&j, &all->v[i]);

		wb_json_set_text(&j, one, "released_at", all->v[i].released_at);
		wb_json_set_text(&j, one, "released_by", all->v[i].released_by);
		wb_json_append(&j, list, one);
	}
	wb_json_set(&j, o, "releases", list);
	return wb_json_print(&j, out, o, err);
}

/* ---- text and Markdown ---- */

static enum wb_style style_of(const char *impact)
{
	return strcmp(impact, "major") == 0 ? WB_RED : strcmp(impact, "minor") == 0 ? WB_GREEN : WB_DIM;
}

/* In the words that `diff` has. */
static void words_of(const struct wb_release_change *c, struct wb_str *out)
{
	const struct wb_schema_difference d = {
		.type = c->type, .attribute = c->attribute, .expected = c->after, .actual = c->before
	};

	wb_difference_words(&d, out);
}

static const struct wb_column change_columns[] = {
	{ "Impact", false, false }, { "Kind", false, false },   { "Object", false, false },
	{ "Change", false, true },  { "Meaning", false, true },
};

static void change_table(struct wb_out *out, const struct wb_release *r)
{
	struct wb_table t;
	size_t i;

	wb_table_init(&t, change_columns, WB_ARRAY_LEN(change_columns));
	for (i = 0; i < r->n_changes; i++) {
		const struct wb_release_change *c = &r->changes[i];
		wb_autostr what = WB_STR_INIT;

		words_of(c, &what);
		t.failed |= what.failed;
		wb_table_add(&t, style_of(c->impact), c->impact);
		wb_table_add(&t, WB_PLAIN, c->kind);
		wb_table_add(&t, WB_BOLD, c->object);
		wb_table_add(&t, WB_PLAIN, what.p);
		wb_table_add(&t, WB_PLAIN, c->why);
	}
	wb_out_add(out, "\n");
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
}

static void range(const struct wb_release *r, char *buf, size_t size)
{
	char count[40];

	wb_text_count(r->migrations, "migration", count, sizeof(count));
	if (!r->first_migration || !r->last_migration)
		snprintf(buf, size, "%s", count);
	else if (strcmp(r->first_migration, r->last_migration) == 0)
		snprintf(buf, size, "%s: %s", count, r->last_migration);
	else
		snprintf(buf, size, "%s: %s to %s", count, r->first_migration, r->last_migration);
}

static void add_title(struct wb_out *out, const struct wb_release *r)
{
	wb_out_addf(out, "%s %s", r->recorded ? "Released" : "The next release would be", r->version);
	if (r->previous)
		wb_out_addf(out, " after %s", r->previous);
	else
		wb_out_add(out, ", the first");
}

static void add_summary(struct wb_out *out, const struct wb_release *r)
{
	char migrations[300], changes[40];

	range(r, migrations, sizeof(migrations));
	wb_text_count((int64_t)r->n_changes, "change", changes, sizeof(changes));
	wb_out_clean(out, migrations);
	if (r->previous)
		wb_out_addf(out, "; %s of the schema, %zu breaking", changes, r->n_breaking);
	wb_out_add(out, ".\n");
}

static void release_text(struct wb_out *out, const struct wb_release *r)
{
	add_title(out, r);
	wb_out_add(out, ": ");
	add_summary(out, r);
	if (r->n_changes)
		change_table(out, r);
}

static void release_markdown(struct wb_out *out, const struct wb_release *r)
{
	size_t i;

	wb_out_add(out, "### ");
	add_title(out, r);
	wb_out_add(out, "\n\n");
	add_summary(out, r);
	if (r->n_changes)
		wb_out_add(out, "\n| Impact | Kind | Object | Change | Meaning |\n|---|---|---|---|---|\n");
	for (i = 0; i < r->n_changes; i++) {
		const struct wb_release_change *c = &r->changes[i];
		wb_autostr what = WB_STR_INIT;

		words_of(c, &what);
		out->buf.failed |= what.failed;
		wb_out_addf(out, "| %s | %s | ", c->impact, c->kind);
		wb_markdown_cell(out, c->object);
		wb_out_add(out, " | ");
		wb_markdown_cell(out, what.p);
		wb_out_addf(out, " | %s |\n", c->why);
	}
}

int wb_report_release(struct wb_out *out, enum wb_format format, const struct wb_release *release, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return release_json(out, release, err);
	if (format == WB_FORMAT_MARKDOWN)
		release_markdown(out, release);
	else
		release_text(out, release);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

static const struct wb_column release_columns[] = {
	{ "Release", false, false }, { "When (UTC)", false, false }, { "Impact", false, false },
	{ "Breaking", true, false }, { "Migrations", false, true },  { "Who", false, false },
	{ "Notes", false, true },
};

/* "2026-11-21 07:32:00" of an RFC 3339 time. */
static void add_time(struct wb_table *t, const char *at)
{
	char buf[20];

	(void)wb_sv_copy(wb_sv_str(at), buf, sizeof(buf));
	if (strlen(buf) > 10)
		buf[10] = ' ';
	wb_table_add(t, WB_PLAIN, buf);
}

int wb_report_releases(struct wb_out *out, enum wb_format format, const struct wb_releases *all, struct wb_error *err)
{
	struct wb_table t;
	char migrations[300];
	size_t i;

	if (format == WB_FORMAT_JSON)
		return releases_json(out, all, err);
	if (all->n == 0) {
		wb_out_add(out, "No releases yet: `whimbrel release` records the first.\n");
		return out->buf.failed ? wb_err_nomem(err) : 0;
	}
	wb_table_init(&t, release_columns, WB_ARRAY_LEN(release_columns));
	for (i = 0; i < all->n; i++) {
		const struct wb_release *r = &all->v[i];

		range(r, migrations, sizeof(migrations));
		wb_table_add(&t, WB_BOLD, r->version);
		add_time(&t, r->released_at);
		wb_table_add(&t, style_of(r->impact), r->previous ? r->impact : "first");
		wb_table_addf(&t, r->n_breaking ? WB_RED : WB_PLAIN, "%zu", r->n_breaking);
		wb_table_add(&t, WB_PLAIN, migrations);
		wb_table_add(&t, WB_PLAIN, r->released_by);
		wb_table_add(&t, WB_PLAIN, r->notes);
	}
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
