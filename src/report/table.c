/* SPDX-License-Identifier: Apache-2.0
 *
 * Laying out tables.
 */
#include "report/table.h"

#include "report/text.h"
#include "base/banned.h"

#define GAP 2u
#define FLEXIBLE_MIN 12u

void wb_table_init(struct wb_table *t, const struct wb_column *columns, size_t n_columns)
{
	*t = (struct wb_table){ .columns = columns, .n_columns = n_columns, .arena = WB_ARENA_INIT };
}

void wb_table_done(struct wb_table *t)
{
	wb_vec_done(&t->cells);
	wb_arena_done(&t->arena);
}

void wb_table_add(struct wb_table *t, enum wb_style style, const char *text)
{
	wb_autostr clean = WB_STR_INIT;
	struct wb_cell cell = { NULL, style };

	wb_text_clean(&clean, wb_sv_str(text), 0);
	cell.text = clean.failed ? NULL : wb_arena_sv(&t->arena, wb_str_sv(&clean));
	if (!cell.text || !wb_vec_push(&t->cells, cell))
		t->failed = true;
}

void wb_table_addf(struct wb_table *t, enum wb_style style, const char *fmt, ...)
{
	wb_autostr text = WB_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	wb_str_vaddf(&text, fmt, ap);
	va_end(ap);
	t->failed |= text.failed;
	wb_table_add(t, style, text.p);
}

void wb_table_add_ms(struct wb_table *t, int64_t ms)
{
	char buf[32];

	wb_table_add(t, WB_PLAIN, ms < 0 ? "" : wb_duration_text(ms, buf, sizeof(buf)));
}

size_t wb_table_rows(const struct wb_table *t)
{
	return t->cells.n / t->n_columns;
}

static bool has_titles(const struct wb_table *t)
{
	size_t i;

	for (i = 0; i < t->n_columns; i++)
		if (t->columns[i].title)
			return true;
	return false;
}

static void measure(const struct wb_table *t, unsigned *widths)
{
	size_t i, c;

	for (c = 0; c < t->n_columns; c++)
		widths[c] = wb_text_width(wb_sv_str(t->columns[c].title));
	for (i = 0; i < t->cells.n; i++) {
		unsigned width = wb_text_width(wb_sv_str(t->cells.v[i].text));

		if (width > widths[i % t->n_columns])
			widths[i % t->n_columns] = width;
	}
}

/* Takes columns from the widest flexible column until the row fits or none can give. */
static void shrink(const struct wb_table *t, unsigned *widths, unsigned indent, unsigned limit)
{
	unsigned total = indent + (unsigned)(t->n_columns - 1) * GAP;
	size_t c;

	for (c = 0; c < t->n_columns; c++)
		total += widths[c];
	while (total > limit) {
		size_t widest = t->n_columns;

		for (c = 0; c < t->n_columns; c++)
			if (t->columns[c].flexible && widths[c] > FLEXIBLE_MIN &&
			    (widest == t->n_columns || widths[c] > widths[widest]))
				widest = c;
		if (widest == t->n_columns)
			return;
		widths[widest]--;
		total--;
	}
}

static void pad(struct wb_out *out, unsigned n)
{
	while (n-- > 0)
		wb_out_addn(out, " ", 1);
}

static void print_cell(struct wb_out *out, const struct wb_column *column, struct wb_cell cell, unsigned width,
		       bool last)
{
	wb_autostr text = WB_STR_INIT;
	unsigned used, rest;

	wb_text_clean(&text, wb_sv_str(cell.text), width);
	out->buf.failed |= text.failed;
	used = wb_text_width(wb_str_sv(&text));
	rest = used < width ? width - used : 0;
	if (column->right)
		pad(out, rest);
	wb_out_styled(out, cell.style, "%s", text.p);
	if (!column->right && !last)
		pad(out, rest);
	if (!last)
		pad(out, GAP);
}

/* Empty cells at the end of a line would leave blanks behind. */
static size_t used_columns(const struct wb_table *t, const struct wb_cell *row)
{
	size_t n = t->n_columns;

	while (n > 1 && (!row[n - 1].text || !row[n - 1].text[0]))
		n--;
	return n;
}

static void print_row(const struct wb_table *t, struct wb_out *out, const struct wb_cell *row, const unsigned *widths,
		      unsigned indent)
{
	size_t c, n = used_columns(t, row);

	pad(out, indent);
	for (c = 0; c < n; c++)
		print_cell(out, &t->columns[c], row[c], widths[c], c + 1 == n);
	wb_out_addn(out, "\n", 1);
}

void wb_table_print(struct wb_table *t, struct wb_out *out, unsigned indent)
{
	unsigned widths[WB_TABLE_COLUMNS] = { 0 };
	struct wb_cell titles[WB_TABLE_COLUMNS] = { { NULL, WB_PLAIN } };
	size_t i, c;

	out->buf.failed |= t->failed;
	if (t->failed || t->n_columns > WB_TABLE_COLUMNS)
		return;
	measure(t, widths);
	if (out->columns)
		shrink(t, widths, indent, out->columns);
	for (c = 0; c < t->n_columns; c++)
		titles[c] = (struct wb_cell){ t->columns[c].title, WB_BOLD };
	if (has_titles(t))
		print_row(t, out, titles, widths, indent);
	for (i = 0; i + t->n_columns <= t->cells.n; i += t->n_columns)
		print_row(t, out, &t->cells.v[i], widths, indent);
}
