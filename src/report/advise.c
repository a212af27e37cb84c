/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice for people and programs: which indexes there are, how long queries take
 * with and without what is recommended, what is recommended and why.
 */
#include "report/advise.h"
#include "report/markdown.h"
#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

#define BAR 30 /* columns of the longest */

/* ---- figures ---- */

struct figures {
	size_t n, indexed;
	double sum, min, max;
};

static struct figures figures_of(const struct wb_advice *a)
{
	struct figures f = { 0 };
	size_t i;

	for (i = 0; i < a->n_queries; i++) {
		double ms = a->queries[i].before_ms;

		if (a->queries[i].error)
			continue;
		f.min = f.n == 0 || ms < f.min ? ms : f.min;
		f.max = ms > f.max ? ms : f.max;
		f.sum += ms;
		f.indexed += a->queries[i].indexes.n > 0;
		f.n++;
	}
	return f;
}

/* ---- JSON ---- */

static void set_real(struct wb_json *j, json_t *o, const char *key, double x)
{
	wb_json_set(j, o, key, x < 0 ? json_null() : json_real(x));
}

static void set_count(struct wb_json *j, json_t *o, const char *key, int64_t n)
{
	wb_json_set(j, o, key, n < 0 ? json_null() : json_integer(n));
}

static json_t *texts_value(struct wb_json *j, const struct wb_texts *t)
{
	json_t *all = wb_json_array(j);
	size_t i;

	for (i = 0; i < t->n; i++)
		wb_json_append(j, all, wb_json_text(j, t->v[i]));
	return all;
}

json_t *wb_report_advice_query(struct wb_json *j, const struct wb_advice_query *q)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "name", q->name);
	wb_json_set_text(j, o, "sql", q->sql);
	set_real(j, o, "weight", q->weight);
	set_real(j, o, "before_ms", q->before_ms);
	set_real(j, o, "after_ms", q->after_ms);
	set_real(j, o, "target_ms", q->target_ms);
	set_count(j, o, "rows", q->rows);
	wb_json_set(j, o, "indexes", texts_value(j, &q->indexes));
	wb_json_set(j, o, "indexes_after", texts_value(j, &q->indexes_after));
	wb_json_set(j, o, "counted", wb_json_bool(q->counted));
	if (q->counted)
		wb_json_set_number(j, o, "calls", q->calls);
	wb_json_set_text(j, o, "error", q->error);
	return o;
}

static json_t *recommendation_value(struct wb_json *j, const struct wb_recommendation *r)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "query_pattern", r->query_pattern);
	set_real(j, o, "current_performance_ms", r->before_ms);
	wb_json_set_text(j, o, "recommendation", r->recommendation);
	wb_json_set_text(j, o, "estimated_improvement", r->estimated_improvement);
	wb_json_set_text(j, o, "priority", r->priority);
	wb_json_set_text(j, o, "sql", r->sql);
	wb_json_set_text(j, o, "undo_sql", r->undo_sql);
	wb_json_set_text(j, o, "kind", r->kind);
	wb_json_set_text(j, o, "table", r->table);
	wb_json_set_text(j, o, "name", r->name);
	wb_json_set(j, o, "queries", texts_value(j, &r->queries));
	set_real(j, o, "expected_performance_ms", r->after_ms);
	set_real(j, o, "gain_ms", r->gain_ms);
	set_real(j, o, "share", r->share);
	set_count(j, o, "bytes", r->bytes);
	set_count(j, o, "build_ms", r->build_ms);
	set_real(j, o, "write_us_per_row", r->write_us);
	wb_json_set_text(j, o, "proof", r->proof);
	return o;
}

static json_t *indexes_value(struct wb_json *j, const struct wb_advice *a)
{
	json_t *all = wb_json_array(j), *o;
	size_t i;

	for (i = 0; i < a->n_indexes; i++) {
		const struct wb_advice_index *x = &a->indexes[i];
		o = wb_json_object(j);
		wb_json_set_text(j, o, "table", x->table);
		wb_json_set_text(j, o, "name", x->name);
		wb_json_set_text(j, o, "definition", x->definition);
		set_count(j, o, "bytes", x->bytes);
		set_count(j, o, "scans", x->scans);
		wb_json_append(j, all, o);
	}
	return all;
}

static json_t *summary_value(struct wb_json *j, const struct wb_advice *a)
{
	struct figures f = figures_of(a);
	json_t *o = wb_json_object(j);

	wb_json_set_number(j, o, "queries", (int64_t)f.n);
	wb_json_set_number(j, o, "queries_using_indexes", (int64_t)f.indexed);
	set_real(j, o, "average_ms", f.n ? f.sum / (double)f.n : -1);
	set_real(j, o, "min_ms", f.n ? f.min : -1);
	set_real(j, o, "max_ms", f.n ? f.max : -1);
	wb_json_set_number(j, o, "candidates", (int64_t)a->candidates);
	wb_json_set_number(j, o, "built", (int64_t)a->built);
	wb_json_set_number(j, o, "measured", (int64_t)a->measured);
	wb_json_set_number(j, o, "rejected", (int64_t)a->rejected);
	return o;
}

json_t *wb_report_advice_value(struct wb_json *j, const struct wb_advice *a)
{
	const struct wb_texts notes = { a->notes, a->n_notes };
	json_t *o = wb_json_object(j), *queries = wb_json_array(j), *all = wb_json_array(j);
	size_t i;

	for (i = 0; i < a->n_recommendations; i++)
		wb_json_append(j, all, recommendation_value(j, &a->recommendations[i]));
	for (i = 0; i < a->n_queries; i++)
		wb_json_append(j, queries, wb_report_advice_query(j, &a->queries[i]));
	wb_json_set(j, o, "recommendations", all);
	wb_json_set_text(j, o, "suite", a->suite->name);
	wb_json_set_text(j, o, "server", a->server);
	wb_json_set_text(j, o, "generated", a->generated);
	wb_json_set_text(j, o, "proof", a->proof);
	wb_json_set_text(j, o, "counted_since", a->since);
	wb_json_set(j, o, "summary", summary_value(j, a));
	wb_json_set(j, o, "queries", queries);
	wb_json_set(j, o, "indexes", indexes_value(j, a));
	wb_json_set(j, o, "notes", texts_value(j, &notes));
	wb_json_set_number(j, o, "duration_ms", a->duration_ms);
	return o;
}

/* ---- text and Markdown ---- */

struct writing {
	struct wb_out *out;
	bool markdown;
};

static void heading(struct writing *w, const char *text)
{
	if (w->markdown)
		wb_out_addf(w->out, "\n## %s\n\n", text);
	else {
		wb_out_add(w->out, "\n");
		wb_out_styled(w->out, WB_BOLD, "%s", text);
		wb_out_add(w->out, "\n");
	}
}

static const char *size_text(int64_t bytes, char *buf, size_t n)
{
	if (bytes < 0)
		return "";
	if (bytes < 10 * 1024 * 1024)
		snprintf(buf, n, "%lld kB", (long long)(bytes / 1024));
	else
		snprintf(buf, n, "%lld MB", (long long)(bytes / (1024 * 1024)));
	return buf;
}

static const char *ms_text(double ms, char *buf, size_t n)
{
	if (ms < 0)
		return "";
	snprintf(buf, n, ms < 10 ? "%.2f" : ms < 1000 ? "%.1f" : "%.0f", ms);
	return buf;
}

/* A table as both have it: cells row by row, in t; columns with titles. */
static void print_table(struct writing *w, struct wb_table *t)
{
	size_t i, k;

	if (!w->markdown) {
		wb_table_print(t, w->out, 2);
		return;
	}
	for (i = 0; i < t->n_columns; i++)
		wb_out_addf(w->out, "| %s ", t->columns[i].title);
	wb_out_add(w->out, "|\n");
	for (i = 0; i < t->n_columns; i++)
		wb_out_add(w->out, t->columns[i].right ? "|--:" : "|---");
	wb_out_add(w->out, "|\n");
	for (i = 0; i < wb_table_rows(t); i++) {
		for (k = 0; k < t->n_columns; k++) {
			wb_out_add(w->out, "| ");
			wb_markdown_cell(w->out, t->cells.v[i * t->n_columns + k].text);
			wb_out_add(w->out, " ");
		}
		wb_out_add(w->out, "|\n");
	}
}

static void index_summary(struct writing *w, const struct wb_advice *a)
{
	static const struct wb_column columns[] = {
		{ "table", false, false }, { "index", false, false }, { "size", true, false }, { "scans", true, false }
	};
	struct wb_table t;
	char buf[32];
	size_t i;

	heading(w, "Indexes");
	if (a->n_indexes == 0)
		wb_out_add(w->out, w->markdown ? "None but those of keys.\n" : "  none but those of keys\n");
	if (a->n_indexes == 0)
		return;
	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < a->n_indexes; i++) {
		const struct wb_advice_index *x = &a->indexes[i];
		wb_table_add(&t, WB_PLAIN,
			     i && strcmp(a->indexes[i - 1].table, x->table) == 0 && !w->markdown ? "" : x->table);
		wb_table_add(&t, WB_PLAIN, x->name);
		wb_table_add(&t, WB_PLAIN, size_text(x->bytes, buf, sizeof(buf)));
		if (x->scans < 0)
			wb_table_add(&t, WB_PLAIN, "");
		else
			wb_table_addf(&t, WB_PLAIN, "%lld", (long long)x->scans);
	}
	print_table(w, &t);
	wb_table_done(&t);
}

static void add_names(struct wb_table *t, const struct wb_texts *v)
{
	wb_autostr s = WB_STR_INIT;
	size_t i;

	for (i = 0; i < v->n; i++)
		wb_str_addf(&s, "%s%s", i ? ", " : "", v->v[i]);
	wb_table_add(t, WB_PLAIN, v->n == 0 ? "-" : s.p);
}

static void add_query(struct wb_table *t, const struct wb_advice_query *q)
{
	char before[32], after[32];
	bool faster = q->after_ms >= 0 && q->after_ms < q->before_ms * 0.9;

	wb_table_add(t, WB_BOLD, q->name);
	if (q->error) {
		wb_table_add(t, WB_RED, "failed");
		wb_table_add(t, WB_PLAIN, "");
		wb_table_add(t, WB_PLAIN, "");
		wb_table_add(t, WB_RED, q->error);
		return;
	}
	wb_table_add(t, WB_PLAIN, ms_text(q->before_ms, before, sizeof(before)));
	wb_table_add(t, faster ? WB_GREEN : WB_PLAIN, ms_text(q->after_ms, after, sizeof(after)));
	if (q->rows < 0)
		wb_table_add(t, WB_PLAIN, "");
	else
		wb_table_addf(t, WB_PLAIN, "%lld", (long long)q->rows);
	add_names(t, &q->indexes);
}

void wb_report_advice_queries(struct wb_out *out, bool markdown, const struct wb_advice_query *v, size_t n)
{
	static const struct wb_column columns[] = { { "query", false, true },
						    { "ms", true, false },
						    { "then", true, false },
						    { "rows", true, false },
						    { "indexes used", false, true } };
	struct writing w = { out, markdown };
	struct wb_table t;
	size_t i;

	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < n; i++)
		add_query(&t, &v[i]);
	print_table(&w, &t);
	wb_table_done(&t);
}

static void print_bar(struct wb_out *out, double ms, double most, const char *mark)
{
	int n = most > 0 ? (int)(ms / most * BAR + 0.5) : 0, i;

	for (i = 0; i < n; i++)
		wb_out_add(out, mark);
	if (n == 0)
		wb_out_add(out, ms > 0 ? "\xE2\x96\x8F" : "");
}

/* Before and after, as long as they take. */
void wb_report_advice_bars(struct wb_out *out, bool markdown, const struct wb_advice_query *v, size_t n)
{
	double most = 0;
	size_t i;

	for (i = 0; i < n; i++)
		most = v[i].before_ms > most ? v[i].before_ms : most;
	if (markdown)
		wb_out_add(out, "```text\n");
	for (i = 0; i < n; i++) {
		wb_autostr name = WB_STR_INIT;

		if (v[i].error || v[i].before_ms < 0)
			continue;
		wb_text_clean(&name, wb_sv_str(v[i].name), 28);
		wb_out_addf(out, "  %-28s ", name.p);
		print_bar(out, v[i].before_ms, most, "\xE2\x96\x88");
		wb_out_addf(out, " %.2f ms\n", v[i].before_ms);
		if (v[i].after_ms < 0 || v[i].after_ms > v[i].before_ms * 0.9)
			continue;
		wb_out_addf(out, "  %-28s ", "");
		wb_out_style(out, WB_GREEN);
		print_bar(out, v[i].after_ms, most, "\xE2\x96\x93");
		wb_out_style(out, WB_PLAIN);
		wb_out_addf(out, " %.2f ms\n", v[i].after_ms);
	}
	if (markdown)
		wb_out_add(out, "```\n");
}

static void summary(struct writing *w, const struct wb_advice *a)
{
	struct figures f = figures_of(a);

	if (f.n == 0)
		return;
	wb_out_addf(w->out, "%saverage %.2f ms, fastest %.2f ms, slowest %.2f ms; queries using indexes: %zu of %zu\n",
		    w->markdown ? "\n" : "  ", f.sum / (double)f.n, f.min, f.max, f.indexed, f.n);
	wb_out_addf(w->out, "%s%zu candidates, %zu tried, %zu measured, %zu found not to gain\n",
		    w->markdown ? "" : "  ", a->candidates, a->built, a->measured, a->rejected);
}

static enum wb_style style_of(const char *priority)
{
	return strcmp(priority, "high") == 0 ? WB_RED : strcmp(priority, "medium") == 0 ? WB_YELLOW : WB_DIM;
}

static void print_costs(struct writing *w, const struct wb_recommendation *r)
{
	char buf[32];

	if (r->bytes < 0 && r->write_us < 0)
		return;
	wb_out_add(w->out, w->markdown ? "- costs" : "      costs");
	if (r->bytes >= 0)
		wb_out_addf(w->out, " %s", size_text(r->bytes, buf, sizeof(buf)));
	if (r->build_ms >= 0)
		wb_out_addf(w->out, ", %lld ms to build", (long long)r->build_ms);
	if (r->write_us >= 0)
		wb_out_addf(w->out, ", %.1f us more for each row that is inserted", r->write_us);
	wb_out_add(w->out, "\n");
}

static bool is_index(const struct wb_recommendation *r)
{
	return strcmp(r->kind, "index") == 0;
}

static void print_recommendation(struct writing *w, const struct wb_recommendation *r)
{
	if (w->markdown) {
		wb_out_addf(w->out, "### %s: ", r->priority);
		wb_markdown_cell(w->out, r->recommendation);
		wb_out_add(w->out, "\n\n- for ");
		wb_markdown_cell(w->out, r->query_pattern);
		wb_out_addf(w->out, "\n- %s%s, %s\n", is_index(r) ? "gains " : "", r->estimated_improvement, r->proof);
		print_costs(w, r);
		size_t fence = wb_markdown_fence_for(r->sql, 3);
		wb_out_add(w->out, "\n");
		wb_markdown_fence(w->out, fence, "sql");
		wb_out_addf(w->out, "%s;\n", r->sql);
		wb_markdown_fence(w->out, fence, "");
		return;
	}
	wb_out_add(w->out, "  ");
	wb_out_styled(w->out, style_of(r->priority), "%-6s", r->priority);
	wb_out_add(w->out, " ");
	wb_out_clean(w->out, r->recommendation);
	wb_out_add(w->out, "\n      for ");
	wb_out_clean(w->out, r->query_pattern);
	wb_out_addf(w->out, "\n      %s%s, %s\n", is_index(r) ? "gains " : "", r->estimated_improvement, r->proof);
	print_costs(w, r);
	wb_out_addf(w->out, "      %s\n", r->sql);
}

static void recommendations(struct writing *w, const struct wb_advice *a)
{
	static const char *const priorities[] = { "high", "medium", "low" };
	size_t i, k;

	heading(w, "Recommendations");
	for (k = 0; k < WB_ARRAY_LEN(priorities); k++) {
		for (i = 0; i < a->n_recommendations; i++) {
			if (strcmp(a->recommendations[i].priority, priorities[k]) == 0)
				print_recommendation(w, &a->recommendations[i]);
		}
	}
	if (a->n_recommendations == 0)
		wb_out_add(w->out, w->markdown ? "All is well: nothing that was tried makes these queries faster.\n"
					       : "  all is well: nothing that was tried makes these queries faster\n");
}

static void print_notes(struct writing *w, const struct wb_advice *a)
{
	size_t i;

	if (a->n_notes)
		heading(w, "Notes");
	for (i = 0; i < a->n_notes; i++)
		wb_out_addf(w->out, "%s%s\n", w->markdown ? "- " : "  ", a->notes[i]);
}

static void print_advice(struct wb_out *out, bool markdown, const struct wb_advice *a)
{
	struct writing w = { out, markdown };

	if (markdown)
		wb_out_add(out, "# Advice for ");
	else
		wb_out_add(out, "advice for ");
	wb_out_clean(out, a->suite->name);
	wb_out_addf(out, "%s%s, generated %s\n", markdown ? "\n\n" : " on ", a->server, a->generated);
	index_summary(&w, a);
	heading(&w, "Queries, the slowest first");
	wb_report_advice_queries(out, markdown, a->queries, a->n_queries);
	summary(&w, a);
	heading(&w, "Time with and without what is recommended");
	wb_report_advice_bars(out, markdown, a->queries, a->n_queries);
	recommendations(&w, a);
	print_notes(&w, a);
}

int wb_report_advice(struct wb_out *out, enum wb_format format, const struct wb_advice *advice, struct wb_error *err)
{
	struct wb_json j = { false };

	if (format == WB_FORMAT_JSON)
		return wb_json_print(&j, out, wb_report_advice_value(&j, advice), err);
	print_advice(out, format == WB_FORMAT_MARKDOWN, advice);
	return 0;
}
