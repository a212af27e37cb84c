/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a history: one SELECT, composed of quoted names, every value as text;
 * what texts mean is the same on every engine, so the conversion is here.
 */
#include "adopt.h"

#include <time.h>

/* ---- values ------------------------------------------------------------------ */

int64_t wb_adopt_number(const char *text, int64_t none)
{
	int64_t n;
	return text && wb_sv_i64(wb_sv_str(text), &n) ? n : none;
}

bool wb_adopt_true(const char *text)
{
	return text && (!strcmp(text, "t") || !strcmp(text, "true") || !strcmp(text, "1"));
}

/* Digits of a fixed width at *p, which moves on; -1. */
static int digits(struct wb_sv *p, size_t width)
{
	int n = 0;
	if (p->n < width)
		return -1;
	for (size_t i = 0; i < width; i++) {
		if (p->p[i] < '0' || p->p[i] > '9')
			return -1;
		n = n * 10 + (p->p[i] - '0');
	}
	*p = wb_sv(p->p + width, p->n - width);
	return n;
}

static bool skip(struct wb_sv *p, const char *any_of)
{
	if (!p->n || !strchr(any_of, *p->p))
		return false;
	*p = wb_sv(p->p + 1, p->n - 1);
	return true;
}

static int64_t fraction_us(struct wb_sv *p)
{
	int64_t us = 0, unit = 100000;
	if (!skip(p, ".,"))
		return 0;
	for (int d; (d = digits(p, 1)) >= 0; unit /= 10)
		us += d * unit;
	return us;
}

/* "+02", "+0530", "-03:30", "Z", " +0000 UTC"; nothing means UTC. Seconds. */
static int64_t offset_s(struct wb_sv *p)
{
	while (skip(p, " "))
		;
	int sign = p->n && *p->p == '-' ? -1 : 1;
	if (!skip(p, "+-"))
		return 0;
	int hours = digits(p, 2);
	(void)skip(p, ":");
	int minutes = digits(p, 2);
	return hours < 0 ? 0 : sign * (hours * 3600 + (minutes > 0 ? minutes * 60 : 0));
}

static bool calendar_us(struct wb_sv p, int64_t *ret_us)
{
	struct tm tm = { 0 };
	tm.tm_year = digits(&p, 4) - 1900;
	bool ok = skip(&p, "-") && (tm.tm_mon = digits(&p, 2) - 1) >= 0 && skip(&p, "-") &&
		  (tm.tm_mday = digits(&p, 2)) > 0 && skip(&p, " T") && (tm.tm_hour = digits(&p, 2)) >= 0 &&
		  skip(&p, ":") && (tm.tm_min = digits(&p, 2)) >= 0 && skip(&p, ":") &&
		  (tm.tm_sec = digits(&p, 2)) >= 0;
	if (!ok || tm.tm_year < 0)
		return false;
	int64_t us = fraction_us(&p);
	*ret_us = ((int64_t)timegm(&tm) - offset_s(&p)) * 1000000 + us;
	return true;
}

const char *wb_adopt_time(struct wb_adopt *a, struct wb_sv text)
{
	char buf[40];
	int64_t n, us;
	if (!text.p || !text.n)
		return NULL;
	if (wb_sv_i64(text, &n)) /* milliseconds or seconds */
		us = n > 100000000000 ? n * 1000 : n * 1000000;
	else if (!calendar_us(text, &us))
		return NULL;
	return wb_adopt_keep(a, wb_time_rfc3339(us, buf, sizeof(buf)));
}

/* Text as it is; bytes that are none, and PostgreSQL's \x form, as hexadecimal digits. */
static const char *text_of(struct wb_adopt *a, struct wb_sv v, enum wb_old_role role)
{
	if (!v.p)
		return NULL;
	if (role == WB_OLD_CHECKSUM && wb_sv_starts(v, "\\x"))
		return wb_adopt_keep(a, v.p + 2);
	bool binary = role == WB_OLD_CHECKSUM && v.n == 48;
	char *text = binary ? wb_arena_alloc(&a->arena, v.n * 2 + 1) : wb_arena_sv(&a->arena, v);
	if (text && binary)
		wb_hex((const unsigned char *)v.p, v.n, text);
	a->failed |= !text;
	return text;
}

/* ---- the statement ------------------------------------------------------------------ */

static void add_table(const struct wb_adopt *a, struct wb_str *sql, const char *table)
{
	if (a->table.schema) {
		wb_quote_ident(sql, wb_sv_str(a->table.schema));
		wb_str_addc(sql, '.');
	}
	wb_quote_ident(sql, wb_sv_str(table));
}

static int run(struct wb_adopt *a, const struct wb_str *sql, wb_row_fn row, void *user, struct wb_error *err)
{
	struct wb_query q = { .sql = wb_str_sv(sql), .row = row, .row_user = user };
	size_t done, offset;
	if (sql->failed)
		return wb_err_nomem(err);
	int rc = wb_run(a->conn, &q, 1, &done, &offset, err);
	if (rc < 0)
		wb_err_prefix(err, "cannot read the history of %s", a->table.tool->title);
	return rc;
}

int wb_adopt_select(struct wb_adopt *a, const char *table, const char *columns, const char *order, wb_row_fn row,
		    void *user, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	struct wb_sv rest = wb_sv_str(columns), column;
	for (const char *comma = "SELECT "; wb_sv_cut(&rest, ' ', &column); comma = ", ") {
		wb_str_add(&sql, comma);
		wb_quote_ident(&sql, column);
	}
	wb_str_add(&sql, " FROM ");
	add_table(a, &sql, table);
	if (order) {
		wb_str_add(&sql, " ORDER BY ");
		wb_quote_ident(&sql, wb_sv_str(order));
	}
	return run(a, &sql, row, user, err);
}

/* By what its tool tells it from others; NULL there is nothing that the tool itself has written. */
static bool is_named(const struct wb_old_tool *tool, const struct wb_old *old)
{
	const char *const *c = old->cell;
	if (tool->settle == wb_settle_flyway)
		return c[WB_OLD_VERSION] || c[WB_OLD_FILE];
	if (tool->settle == wb_settle_sqitch && !(c[WB_OLD_DESCRIPTION] && c[WB_OLD_TYPE]))
		return false;
	return c[WB_OLD_VERSION] && (c[WB_OLD_BY] || tool->settle != wb_settle_liquibase);
}

static int nameless(const struct wb_adopt *a, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "a row of %s's history in %s does not say which migration it is of",
		   a->table.tool->title, a->table.name);
	wb_err_hint(err, "no version of the tool leaves such a row: look at the table, and delete it");
	return WB_EINPUT;
}

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_adopt *a = user;
	const struct wb_old_tool *tool = a->table.tool;
	struct wb_old old = { .settled = true, .done = -1, .total = -1, .execution_ms = -1 };
	int at = 0;
	for (size_t k = 0; tool->columns[k].name; k++) {
		enum wb_old_role role = tool->columns[k].role;
		if (role == WB_OLD_IGNORED || !(a->table.columns & 1u << k))
			continue;
		if (at >= row->n)
			return wb_err_set(err, WB_EBUG, "a history gives %d columns", row->n);
		old.cell[role] = text_of(a, row->v[at++], role);
	}
	if (!a->failed && !is_named(tool, &old))
		return nameless(a, err);
	int64_t took = wb_adopt_number(old.cell[WB_OLD_MS], -1);
	old.execution_ms = took < 0 ? -1 : took / tool->per_ms;
	old.done = wb_adopt_number(old.cell[WB_OLD_DONE], -1);
	old.total = wb_adopt_number(old.cell[WB_OLD_TOTAL], -1);
	old.at = wb_adopt_time(a, wb_sv_str(old.cell[WB_OLD_AT]));
	return !a->failed && wb_vec_push(&a->rows, old) ? 0 : wb_err_nomem(err);
}

int wb_adopt_read(struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_old_tool *tool = a->table.tool;
	wb_autostr columns = WB_STR_INIT;
	for (size_t k = 0; tool->columns[k].name; k++) {
		if (tool->columns[k].role != WB_OLD_IGNORED && (a->table.columns & 1u << k))
			wb_str_addf(&columns, "%s%s", columns.n ? " " : "", tool->columns[k].name);
	}
	if (columns.failed)
		return wb_err_nomem(err);
	int rc = wb_adopt_select(a, a->table.name, columns.p, tool->order, take, a, err);
	return rc == 0 && tool->settle ? tool->settle(a, err) : rc;
}
