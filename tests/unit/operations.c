/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/operations.h"

#include "base/banned.h"

/* ---- as text -------------------------------------------------------------------------- */

static void add_text(struct wb_str *out, const char *label, const char *text)
{
	if (text)
		wb_str_addf(out, "; %s%s", label, *text ? text : "''");
}

static void add_name(struct wb_str *out, const char *label, struct wb_name name)
{
	if (name.schema || name.name)
		wb_str_addf(out, "; %s%s%s%s", label, name.schema ? name.schema : "", name.schema ? "." : "",
			    name.name ? name.name : "*");
}

static void render_flags(struct wb_str *out, uint32_t flags)
{
	const char *before = "; with ";
	for (unsigned bit = 0; bit < WB_WITH_BITS; bit++) {
		if (flags & 1u << bit) {
			wb_str_addf(out, "%s%s", before, wb_op_flag_name((enum wb_op_bit)bit));
			before = ", ";
		}
	}
}

static void render(const struct wb_operation *op, struct wb_str *out)
{
	wb_str_addf(out, "\t%s; %s", wb_op_name(op->code),
		    op->kind < WB_KIND_COUNT ? wb_kind_name(op->kind)
		    : op->noun               ? op->noun
					     : "-");
	add_name(out, "on ", op->table);
	add_name(out, "", op->object);
	add_name(out, "other ", op->other);
	add_text(out, "type ", op->type);
	add_name(out, "base ", op->base);
	add_text(out, "expr ", op->expr);
	for (size_t i = 0; i < op->n_columns; i++)
		wb_str_addf(out, "%s%s", i ? ", " : "; columns ", op->columns[i] ? op->columns[i] : "()");
	for (size_t i = 0; i < op->n_functions; i++)
		add_name(out, "calls ", op->functions[i]);
	render_flags(out, op->flags);
	if (op->offset)
		wb_str_addf(out, "; at %zu", op->offset);
	wb_str_add(out, "\n");
}

void render_operations(const struct wb_operations *ops, struct wb_str *out)
{
	for (size_t i = 0; i < ops->n; i++)
		render(&ops->v[i], out);
	if (ops->unknown)
		wb_str_addf(out, "\tunknown: %s\n", ops->unknown);
}

/* ---- the file ------------------------------------------------------------------------------ */

static void check_one(const struct wb_driver *d, struct wb_sv statement, struct wb_sv expected)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr out = WB_STR_INIT;
	struct wb_operations ops = { 0 };
	struct wb_error err = { 0 };
	assert_int_equal(wb_driver_operations(d, statement, &a, &ops, &err), 0);
	render_operations(&ops, &out);
	if (wb_sv_eq(wb_str_sv(&out), expected))
		return;
	print_message("%.*s\n%s", (int)statement.n, statement.p, out.p);
	fail_msg("the operations are not those of the file:\n%.*s", (int)expected.n, expected.p);
}

/* Up to the next empty line; without its line ends at the end. */
static bool next_paragraph(struct wb_sv *rest, struct wb_sv *ret_paragraph)
{
	while (rest->n && rest->p[0] == '\n')
		*rest = wb_sv(rest->p + 1, rest->n - 1);
	const char *end = rest->n ? memmem(rest->p, rest->n, "\n\n", 2) : NULL;
	size_t n = end ? (size_t)(end + 1 - rest->p) : rest->n;
	*ret_paragraph = wb_sv(rest->p, n);
	*rest = wb_sv(rest->p + n, rest->n - n);
	return n > 0;
}

void check_operations(const struct wb_driver *d, const char *file, size_t at_least)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_error err = { 0 };
	struct wb_sv rest, paragraph;
	char path[512];
	size_t n = 0;
	(void)snprintf(path, sizeof(path), "%s/%s", TESTS_FOLDER, file);
	assert_int_equal(wb_fs_read(path, (size_t)1 << 20, &text, &err), 0);
	rest = wb_str_sv(&text);
	while (next_paragraph(&rest, &paragraph)) {
		const char *tab = memmem(paragraph.p, paragraph.n, "\n\t", 2);
		size_t length = tab ? (size_t)(tab - paragraph.p) : paragraph.n;
		if (paragraph.p[0] == '#')
			continue;
		n++;
		check_one(d, wb_sv_trim(wb_sv(paragraph.p, length)),
			  tab ? wb_sv(tab + 1, paragraph.n - length - 1) : wb_sv("", 0));
	}
	assert_true(n >= at_least);
}
