/* SPDX-License-Identifier: Apache-2.0
 *
 * The database as SQL that makes it again: pg_dump's plain format without
 * owners and without the journal. Newer versions of pg_dump frame it with a
 * word that is another one each time; that frame is taken off.
 */
#include "driver/postgres/dump.h"

#include "base/banned.h"

#define FRAME_MAX 200 /* of a line: the word has 63 letters */

struct scripting {
	const struct wb_scripting *s;
	struct wb_arena arena;
	struct wb_str line; /* its start, as long as it may be a line of the frame */
	struct wb_str word; /* "" until the frame was met */
	bool within; /* a line that is none of it has begun */
};

static bool is_frame(struct scripting *g, struct wb_sv line)
{
	static const struct wb_sv open = { "\\restrict ", 10 }, close = { "\\unrestrict ", 12 };
	line = wb_sv(line.p, line.n - 1);
	if (g->word.n == 0 && wb_sv_starts(line, open.p)) {
		wb_str_addn(&g->word, line.p + open.n, line.n - open.n);
		return true;
	}
	/* Rows may look like such a line, but cannot hold a word that nobody could foresee. */
	return g->word.n && wb_sv_starts(line, close.p) &&
	       wb_sv_eq(wb_sv(line.p + close.n, line.n - close.n), wb_str_sv(&g->word));
}

static int pass(struct scripting *g, const char *p, size_t n, struct wb_error *err)
{
	return n ? g->s->out(g->s->user, p, n, err) : 0;
}

/* The line so far goes on, or is dropped. */
static int settle(struct scripting *g, struct wb_error *err)
{
	bool whole = g->line.n && g->line.p[g->line.n - 1] == '\n';
	if (g->line.failed || g->word.failed)
		return wb_err_nomem(err);
	g->within = !whole;
	int rc = whole && is_frame(g, wb_str_sv(&g->line)) ? 0 : pass(g, g->line.p, g->line.n, err);
	wb_str_clear(&g->line);
	return rc;
}

static int take_output(void *user, const char *p, size_t n, struct wb_error *err)
{
	struct scripting *g = user;
	int rc = 0;
	while (n && rc == 0) {
		const char *nl = memchr(p, '\n', n);
		size_t part = nl ? (size_t)(nl - p) + 1 : n;
		bool held = !g->within && (g->line.n || *p == '\\');
		if (held) {
			wb_str_addn(&g->line, p, part);
			rc = nl || g->line.n > FRAME_MAX || g->line.failed ? settle(g, err) : 0;
		} else {
			g->within = !nl;
			rc = pass(g, p, part, err);
		}
		p += part;
		n -= part;
	}
	return rc;
}

static bool take_line(void *user, struct wb_sv line)
{
	(void)user;
	return wb_pg_tool_complains(line);
}

static int tick(void *user, struct wb_error *err)
{
	const struct scripting *g = user;
	return wb_copied(g->s->copying, -1, -1, err);
}

/* A pattern in quotes means that very name. */
static const char *without_journal(struct scripting *g, const char *schema)
{
	wb_autostr pattern = WB_STR_INIT;
	wb_str_add(&pattern, "--exclude-schema=");
	wb_quote_ident(&pattern, wb_sv_str(schema ? schema : "whimbrel"));
	return pattern.failed ? NULL : wb_arena_sv(&g->arena, wb_str_sv(&pattern));
}

static int run_pg_dump(struct scripting *g, struct wb_conn *conn, struct wb_error *err)
{
	const struct wb_open_options *o = &conn->options;
	const char *tools = g->s->copying ? g->s->copying->tools : NULL;
	struct wb_pg_tool tool;
	int rc = wb_pg_tool_find(tools, "pg_dump", conn->server_version / 10000, &g->arena, &tool, err);
	if (rc == 0)
		rc = wb_pg_tool_connect(&tool, o, NULL, "whimbrel squash", &g->arena, err);
	if (rc < 0)
		return rc;
	const char *connection = wb_arena_printf(&g->arena, "--dbname=%s", tool.connection);
	const char *journal = without_journal(g, o->journal_schema);
	if (!connection || !journal)
		return wb_err_nomem(err);
	const char *const argv[] = { tool.path,         "--format=plain", "--no-owner", "--no-password",
				     "--encoding=UTF8", journal,          connection,   NULL };
	const struct wb_proc_run run = {
		.argv = argv, .env = tool.env, .in = -1, .out = take_output, .line = take_line, .tick = tick, .user = g
	};
	return wb_pg_tool_failed(wb_proc_run(&run, err), &tool, err);
}

int wb_pg_script(struct wb_conn *conn, const struct wb_scripting *s, struct wb_error *err)
{
	struct scripting g = { .s = s, .arena = WB_ARENA_INIT, .line = WB_STR_INIT, .word = WB_STR_INIT };
	int rc = run_pg_dump(&g, conn, err);
	if (rc == 0)
		rc = settle(&g, err);
	wb_str_done(&g.line);
	wb_str_done(&g.word);
	wb_arena_done(&g.arena);
	return rc;
}
