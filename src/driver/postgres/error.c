/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server or libpq says, in the terms of struct wb_error: message,
 * detail with context, hint (the server's, or ours where ours is better), and
 * the byte that the error points at. A connection is lost when the server ended
 * the session or libpq says so; SQLSTATE class 08 alone is not enough, since
 * dblink raises it too.
 */
#include "driver/postgres/pg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define FENCE "whimbrel_fence:"

static const struct known {
	char state[6];
	int code;
	bool ours_first; /* our hint rather than the server's */
	const char *hint;
} known[] = {
	{ "25001", WB_ESQL, true,
	  "PostgreSQL runs this statement only outside a transaction: write `transaction:false` on its section line "
	  "(`-- migrate:up transaction:false`); each statement of the section then commits by itself" },
	{ "2D000", WB_ESQL, true,
	  "the procedure or block called here commits inside, which needs to run outside a transaction: write "
	  "`transaction:false` on its section line (`-- migrate:up transaction:false`)" },
	{ "55P04", WB_ESQL, true,
	  "a new enum value can be used only after the transaction that adds it has committed: move ALTER TYPE … ADD "
	  "VALUE "
	  "into a migration of its own that comes before" },
	{ "55P03", WB_ESQL, false, "another session holds the lock; `whimbrel locks` names it" },
	{ "40001", WB_ESQL, false, "a concurrent transaction was in the way; running again is safe" },
	{ "40P01", WB_ESQL, false,
	  "two transactions waited for each other and this one gave way; running again is safe" },
	{ "57014", WB_ESQL, false,
	  "somebody cancelled it, or statement_timeout did: `ALTER ROLE … SET statement_timeout = 0` for the role that "
	  "migrates" },
	{ "53100", WB_EDISKFULL, false, "free space on the server, then run again: nothing half done remains" },
	{ "42501", WB_EPRIVILEGE, false,
	  "connect as the owner of the object, or let its owner grant the privilege to this role" },
	{ "25006", WB_EPRIVILEGE, false,
	  "the server is a standby, or the session is read-only (default_transaction_read_only): connect to the "
	  "primary" },
	{ "26000", WB_ESQL, false,
	  "a prepared statement vanished: a migration removed it, or a pooler is in the way (give direct_url)" },
	{ "57P01", WB_ECONN, false, NULL },
	{ "57P02", WB_ECONN, false, NULL },
	{ "57P03", WB_ECONN, false, "the server is starting up or shutting down: `whimbrel wait`" },
};

static const struct known *find(const char *state)
{
	static const struct known other = { "", WB_ESQL, false, NULL };
	for (size_t i = 0; i < WB_ARRAY_LEN(known); i++) {
		if (!strcmp(known[i].state, state))
			return &known[i];
	}
	return &other;
}

size_t wb_pg_byte_of(struct wb_sv text, const char *position)
{
	int64_t n;
	if (!position || !wb_sv_i64(wb_sv_str(position), &n) || n < 1)
		return SIZE_MAX;
	for (size_t i = 0; i < text.n; i++) {
		bool starts_char = ((unsigned char)text.p[i] & 0xc0) != 0x80;
		if (starts_char && --n == 0)
			return i;
	}
	return n == 1 ? text.n : SIZE_MAX;
}

static void mask(struct wb_str *out, struct wb_sv text, const char *password)
{
	size_t n = password ? strlen(password) : 0;
	while (text.n) {
		bool hit = n && text.n >= n && !memcmp(text.p, password, n);
		if (hit)
			wb_str_add(out, "***");
		else
			wb_str_addc(out, *text.p == '\n' || *text.p == '\t' ? ' ' : *text.p);
		text = wb_sv(text.p + (hit ? n : 1), text.n - (hit ? n : 1));
	}
}

void wb_pg_clean(const char *message, const char *password, char *buf, size_t size)
{
	wb_autostr out = WB_STR_INIT;
	mask(&out, wb_sv_trim(wb_sv_str(message ? message : "")), password);
	(void)wb_sv_copy(wb_sv_head(wb_str_sv(&out), size - 1), buf, size);
}

static bool out_of_memory(const char *message)
{
	return message && strstr(message, "out of memory");
}

int wb_pg_broken(struct wb_pg *c, struct wb_error *err)
{
	char why[512];
	int saved = errno;
	wb_pg_clean(PQerrorMessage(c->pg), NULL, why, sizeof(why));
	if (PQstatus(c->pg) == CONNECTION_OK && out_of_memory(why))
		return wb_err_nomem(err);
	c->base.lost = true;
	c->base.in_transaction = false;
	wb_err_set(err, WB_ECONN, "the connection to the database was lost");
	wb_err_detail(err, "%s", *why ? why : strerror(saved));
	wb_err_hint(err, "run again when the server is back: what was committed is kept, the rest was rolled back");
	return WB_ECONN;
}

static const char *field(const PGresult *res, int code)
{
	const char *s = PQresultErrorField(res, code);
	return s ? s : "";
}

/* libpq's own words, without a server's report. */
static int fail_without_state(struct wb_pg *c, const PGresult *res, struct wb_error *err)
{
	char text[512];
	if (PQstatus(c->pg) != CONNECTION_OK)
		return wb_pg_broken(c, err);
	wb_pg_clean(PQresultErrorMessage(res), NULL, text, sizeof(text));
	return out_of_memory(text) ? wb_err_nomem(err)
				   : wb_err_set(err, WB_ESQL, "%s", *text ? text : "the server gave no answer");
}

static int fail_fence(const char *text, const char *state, struct wb_error *err)
{
	const char *end = strrchr(text, '"');
	int n = (int)(end && end > text ? end - text : (ptrdiff_t)strlen(text));
	wb_err_set(err, WB_EBUSY, "the lock on the migrations was lost");
	wb_err_detail(err, "%.*s", n, text);
	wb_err_hint(err, "the transaction was rolled back; run again when the other run has ended");
	if (err)
		(void)wb_sv_copy(wb_sv_str(state), err->sqlstate, sizeof(err->sqlstate));
	return WB_EBUSY;
}

/* Where the body of a DO block begins: after the opening quote of its first string. */
static size_t body_start(struct wb_sv sql)
{
	struct wb_lexer lx;
	struct wb_token t;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, sql);
	do
		t = wb_lex_next_solid(&lx);
	while (t.kind != WB_TOK_STRING && t.kind != WB_TOK_END);
	if (t.kind == WB_TOK_END)
		return SIZE_MAX;
	const char *quote =
		*t.text.p == '$' ? memchr(t.text.p + 1, '$', t.text.n - 1) : memchr(t.text.p, '\'', t.text.n);
	return quote ? (size_t)(quote + 1 - sql.p) : SIZE_MAX;
}

/* An error inside a DO block has no position, but its context names the line of the block. */
static size_t line_of_block(const PGresult *res, struct wb_sv sql)
{
	static const char mark[] = "inline_code_block line ";
	const char *at = strstr(field(res, PG_DIAG_CONTEXT), mark);
	struct wb_sv digits = wb_sv_str(at ? at + sizeof(mark) - 1 : "");
	int64_t line;
	digits.n = strspn(digits.p, "0123456789");
	size_t i = wb_sv_i64(digits, &line) ? body_start(sql) : SIZE_MAX;
	for (; i < sql.n && line > 1; i++)
		line -= sql.p[i] == '\n';
	while (i < sql.n && (sql.p[i] == ' ' || sql.p[i] == '\t'))
		i++;
	return i < sql.n ? i : SIZE_MAX;
}

static void add_detail(const PGresult *res, struct wb_error *err)
{
	const char *detail = field(res, PG_DIAG_MESSAGE_DETAIL), *context = field(res, PG_DIAG_CONTEXT);
	if (*detail || *context)
		wb_err_detail(err, "%s%s%s", detail, *detail && *context ? "\n" : "", context);
}

static void add_hint(const PGresult *res, const struct known *k, bool lost, struct wb_error *err)
{
	const char *theirs = field(res, PG_DIAG_MESSAGE_HINT);
	const char *ours = k->hint ? k->hint
			   : lost  ? "run again when the server is back: what was committed is kept"
				   : "";
	const char *hint = *theirs && !k->ours_first ? theirs : ours;
	if (*hint)
		wb_err_hint(err, "%s", hint);
}

int wb_pg_fail(struct wb_pg *c, const PGresult *res, struct wb_sv sql, size_t *ret_offset, struct wb_error *err)
{
	const char *state = field(res, PG_DIAG_SQLSTATE), *severity = field(res, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = field(res, PG_DIAG_MESSAGE_PRIMARY);
	*ret_offset = SIZE_MAX;
	if (!*state)
		return fail_without_state(c, res, err);
	const char *fence = strstr(message, FENCE);
	if (fence)
		return fail_fence(fence + strlen(FENCE), state, err);
	const struct known *k = find(state);
	bool lost = !strcmp(severity, "FATAL") || !strcmp(severity, "PANIC") || PQstatus(c->pg) != CONNECTION_OK;
	int code = lost ? WB_ECONN : k->code == WB_ECONN ? WB_ESQL : k->code;
	c->base.lost |= lost;
	wb_err_set(err, code, "%s", message);
	add_detail(res, err);
	add_hint(res, k, lost, err);
	if (err)
		(void)wb_sv_copy(wb_sv_str(state), err->sqlstate, sizeof(err->sqlstate));
	*ret_offset = wb_pg_byte_of(sql, PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION));
	if (*ret_offset == SIZE_MAX)
		*ret_offset = line_of_block(res, sql);
	return code;
}
