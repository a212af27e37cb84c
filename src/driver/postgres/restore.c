/* SPDX-License-Identifier: Apache-2.0
 *
 * Restoring into a scratch database of the same server. First the database
 * itself, made by the archive's own statements with another name in them
 * (encoding, locale, owner, settings, grants, comment), then pg_restore fills
 * it. An advisory lock in the maintenance database, held as long as we live,
 * tells scratch databases in use from what killed runs left.
 */
#include "driver/postgres/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

#define LIST_MAX (64u << 20)

/* ---- leftovers ------------------------------------------------------------------- */

struct names {
	struct wb_arena arena;
	WB_VEC(const char *) v;
};

static int take_name(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct names *n = user;
	const char *name = wb_arena_sv(&n->arena, row->v[0]);
	return name && wb_vec_push(&n->v, name) ? 0 : wb_err_nomem(err);
}

int wb_pg_scratch_lock(struct wb_pg *m, const char *name, bool *ret_locked, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_pg_first first = { .arena = &a };
	struct wb_value p = wb_v_text(name);
	int rc = wb_pg_ask(m, WB_PG_SQL_SCRATCH_LOCK, &p, 1, wb_pg_take_first, &first, err);
	*ret_locked = first.v[0] && !strcmp(first.v[0], "t");
	return rc;
}

/* The server process of a run that has just ended takes a moment to let go. */
static int try_lock_for_a_second(struct wb_pg *m, const char *name, bool *ret_locked, struct wb_error *err)
{
	int rc = wb_pg_scratch_lock(m, name, ret_locked, err);

	for (int i = 0; i < 20 && rc == 0 && !*ret_locked; i++) {
		wb_sleep_ms(50);
		rc = wb_pg_scratch_lock(m, name, ret_locked, err);
	}
	return rc;
}

/* Tables that are dropped give their room back at once. */
static void drop_tables(struct wb_pg *m, const char *name)
{
	struct wb_pg c = { .base = { .options = m->base.options }, .text = WB_STR_INIT, .tx_lock_timeout_ms = -1 };
	struct wb_error why;
	int rc = wb_pg_connect(&c, name, &why);
	if (rc == 0)
		rc = wb_pg_ask(&c, WB_PG_SQL_SCRATCH_EMPTY, NULL, 0, NULL, NULL, &why);
	if (rc < 0)
		wb_log(m->base.options.sink, WB_LOG_DEBUG, "the tables of %s were not removed first: %s", name,
		       why.message);
	wb_pg_close(&c.base);
}

/* DROP DATABASE makes a checkpoint, which a full disk fails, and then nobody can connect any more: where it may be us
 * who filled the disk, that must go first. */
int wb_pg_scratch_drop(struct wb_pg *m, const char *name, bool failed, struct wb_error *err)
{
	bool force = PQserverVersion(m->pg) >= 130000;
	if (failed)
		drop_tables(m, name);
	return wb_pg_database_do(m, "DROP DATABASE IF EXISTS ", name, force ? " WITH (FORCE)" : "", err);
}

/* What cannot be removed (another role's) is left to who may. */
static int sweep(struct wb_pg *m, struct wb_error *err)
{
	struct names n = { .arena = WB_ARENA_INIT };
	struct wb_error ignored;
	int rc = wb_pg_ask(m, WB_PG_SQL_SCRATCH_LIST, NULL, 0, take_name, &n, err);
	for (size_t i = 0; rc == 0 && i < n.v.n; i++) {
		bool dead = false;
		rc = wb_pg_scratch_lock(m, n.v.v[i], &dead, err);
		if (rc == 0 && dead && wb_pg_scratch_drop(m, n.v.v[i], true, &ignored) < 0)
			wb_log(m->base.options.sink, WB_LOG_INFO,
			       "the scratch database %s of an earlier run was not removed: %s", n.v.v[i],
			       ignored.message);
	}
	wb_vec_done(&n.v);
	wb_arena_done(&n.arena);
	return rc;
}

/* ---- the database itself ------------------------------------------------------------ */

/* Lines of psql's between the statements. */
static bool is_psql_line(struct wb_sv line)
{
	static const char *const words[] = { "\\connect ", "\\encoding ", "\\restrict ", "\\unrestrict " };
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++) {
		if (wb_sv_starts(line, words[i]))
			return true;
	}
	return false;
}

static void leave_out(struct wb_str *out, struct wb_sv text, bool (*is_unwanted)(struct wb_sv line))
{
	struct wb_sv line;
	while (wb_sv_cut(&text, '\n', &line)) {
		if (is_unwanted(line))
			continue;
		wb_str_addsv(out, line);
		wb_str_addc(out, '\n');
	}
}

/* "3344; 1262 16384 DATABASE - app owner", "3345; 0 0 COMMENT - DATABASE app owner" */
static bool is_not_of_database(struct wb_sv line)
{
	struct wb_sv word, rest = line;
	for (int i = 0; i < 3; i++) {
		if (!wb_sv_cut(&rest, ' ', &word))
			return true;
	}
	return *line.p == ';' || !(wb_sv_starts(rest, "DATABASE - ") || wb_sv_starts(rest, "DATABASE PROPERTIES - ") ||
				   wb_sv_starts(rest, "COMMENT - DATABASE ") || wb_sv_starts(rest, "ACL - DATABASE ") ||
				   wb_sv_starts(rest, "SECURITY LABEL - DATABASE "));
}

/* The statement with our name in place of the one after the word DATABASE; false when it is about no database. */
static bool rename_in(struct wb_sv statement, const char *name, struct wb_str *out)
{
	struct wb_lexer lx;
	struct wb_token t;
	bool next = false;
	if (wb_sv_istarts(statement, "SET ") || wb_sv_istarts(statement, "SELECT "))
		return false;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, statement);
	while ((t = wb_lex_next_solid(&lx)).kind != WB_TOK_END && !next)
		next = t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "DATABASE");
	if (!next || t.kind == WB_TOK_END)
		return false;
	wb_str_addn(out, statement.p, (size_t)(t.text.p - statement.p));
	wb_quote_ident(out, wb_sv_str(name));
	const char *tail = t.text.p + t.text.n;
	wb_str_addn(out, tail, (size_t)(statement.p + statement.n - tail));
	return true;
}

static int run_one(struct wb_pg_scratch *s, struct wb_sv statement, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	if (!rename_in(statement, s->name, &sql))
		return 0;
	int rc = sql.failed ? wb_err_nomem(err) : wb_pg_do(&s->m, sql.p, err);
	if (rc == 0 && wb_sv_istarts(statement, "CREATE "))
		s->created = true;
	if (rc == WB_EPRIVILEGE && wb_sv_istarts(statement, "CREATE "))
		wb_err_hint(err, "a restore builds a new database: the role needs CREATEDB");
	return rc;
}

static int run_statements(struct wb_pg_scratch *s, struct wb_sv text, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	leave_out(&sql, text, is_psql_line);
	struct wb_mem_reader reader = { wb_str_sv(&sql) };
	struct wb_split_options o = { .dialect = WB_DIALECT_POSTGRES, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *split = NULL;
	struct wb_item item = { 0 };
	int rc = sql.failed ? wb_err_nomem(err) : wb_split_new(&o, &split, err);
	while (rc == 0) {
		rc = wb_split_next(split, &item, err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		rc = run_one(s, item.text, err);
	}
	wb_split_free(split);
	return rc;
}

struct program {
	struct wb_pg_scratch *s;
	struct wb_pg_tool tool;
	const char *archive; /* absolute: never taken for an option */
	int fd; /* of the archive; pg_restore's input, whose position tells how far it is */
	int64_t size;
};

static int collect(void *user, const char *p, size_t n, struct wb_error *err)
{
	struct wb_str *out = user;
	wb_str_addn(out, p, n);
	return out->failed ? wb_err_nomem(err) : 0;
}

static int output_of(const struct program *p, const char *const *argv, int in, struct wb_str *out, struct wb_error *err)
{
	out->max = LIST_MAX;
	const struct wb_proc_run run = { .argv = argv, .env = p->tool.env, .in = in, .out = collect, .user = out };
	return wb_pg_tool_failed(wb_proc_run(&run, err), &p->tool, err);
}

/* The list goes through memory: nothing of it is left behind. */
static int script_of_database(const struct program *p, struct wb_str *ret_sql, struct wb_error *err)
{
	wb_autostr all = WB_STR_INIT, list = WB_STR_INIT;
	const char *const owner = p->s->o->no_owner ? "--no-owner" : "--create", *const acl =
											 p->s->o->no_owner
												 ? "--no-privileges"
												 : "--create";
	const char *const to_list[] = { p->tool.path, "--create", "--list", p->archive, NULL };
	const char *const to_sql[] = { p->tool.path, "--create", "--use-list=/dev/stdin", "--file=-", owner, acl,
				       p->archive,   NULL };
	int rc = output_of(p, to_list, -1, &all, err);
	if (rc < 0)
		return rc;
	leave_out(&list, wb_str_sv(&all), is_not_of_database);
	int fd = memfd_create("whimbrel-list", MFD_CLOEXEC);
	if (list.failed || fd < 0)
		rc = list.failed ? wb_err_nomem(err) : wb_err_errno(err, WB_EIO, "cannot keep a list in memory");
	if (rc == 0)
		rc = wb_fs_write(fd, list.p, list.n, "the list of contents", err);
	if (rc == 0 && lseek(fd, 0, SEEK_SET) == 0)
		rc = output_of(p, to_sql, fd, ret_sql, err);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int make_database(const struct program *p, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	int rc = script_of_database(p, &sql, err);
	if (rc == 0)
		rc = run_statements(p->s, wb_str_sv(&sql), err);
	if (rc == 0 && !p->s->created)
		rc = wb_err_set(err, WB_EINPUT, "%s does not say what database it is of", p->archive);
	return rc;
}

/* ---- filling it -------------------------------------------------------------------------- */

static bool take_line(void *user, struct wb_sv line)
{
	(void)user;
	return wb_pg_tool_complains(line);
}

static int tick(void *user, struct wb_error *err)
{
	struct program *p = user;
	off_t at = lseek(p->fd, 0, SEEK_CUR);
	return wb_copied(p->s->o->copying, at < 0 ? 0 : at, p->size, err);
}

static int fill(struct program *p, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	int rc = wb_pg_tool_connect(&p->tool, p->s->o->real, p->s->name, "whimbrel restore", &a, err);
	const char *connection = rc == 0 ? wb_arena_printf(&a, "--dbname=%s", p->tool.connection) : NULL;
	const char *owner = p->s->o->no_owner ? "--no-owner" : NULL,
		   *acl = p->s->o->no_owner ? "--no-privileges" : NULL;
	if (rc < 0)
		return rc;
	if (!connection)
		return wb_err_nomem(err);
	const char *const argv[] = {
		p->tool.path, "--exit-on-error", "--no-password", "--verbose", connection, owner, acl, NULL
	};
	const struct wb_proc_run run = {
		.argv = argv, .env = p->tool.env, .in = p->fd, .line = take_line, .tick = tick, .user = p
	};
	if (lseek(p->fd, 0, SEEK_SET) != 0)
		return wb_err_errno(err, WB_EIO, "cannot read %s", p->archive);
	return wb_pg_tool_failed(wb_proc_run(&run, err), &p->tool, err);
}

/* A restored database knows nothing of its data: the first queries would be planned blindly. */
static int analyze(struct wb_pg_scratch *s, struct wb_error *err)
{
	struct wb_pg c = { .base = { .options = *s->o->real }, .text = WB_STR_INIT, .tx_lock_timeout_ms = -1 };
	int rc = wb_pg_connect(&c, s->name, err);
	if (rc == 0)
		rc = wb_pg_do(&c, "ANALYZE", err);
	wb_pg_close(&c.base);
	return rc;
}

static int build(struct program *p, struct wb_error *err)
{
	struct wb_fault *steps = p->s->o->copying ? p->s->o->copying->steps : NULL;
	int rc = wb_fault_step(steps, err);
	if (rc == 0)
		rc = make_database(p, err);
	if (rc == 0)
		rc = wb_fault_step(steps, err);
	if (rc == 0)
		rc = fill(p, err);
	if (rc == 0)
		rc = wb_fault_step(steps, err);
	return rc == 0 ? analyze(p->s, err) : rc;
}

static int build_from(struct wb_pg_scratch *s, const char *path, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autofree char *archive = realpath(path, NULL);
	struct program p = { .s = s, .archive = archive, .fd = open(path, O_RDONLY | O_CLOEXEC) };
	const char *tools = s->o->copying ? s->o->copying->tools : NULL;
	struct stat st;
	if (p.fd < 0 || !archive || fstat(p.fd, &st) != 0) {
		if (p.fd >= 0)
			(void)close(p.fd);
		return wb_err_errno(err, WB_EIO, "cannot open %s", path);
	}
	p.size = st.st_size;
	int rc = wb_pg_tool_find(tools, "pg_restore", PQserverVersion(s->m.pg) / 10000, &a, &p.tool, err);
	if (rc == 0)
		rc = build(&p, err);
	(void)close(p.fd);
	return rc;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Another database of the same server, for whoever looks into it. */
static int set_url(struct wb_pg_scratch *s, struct wb_error *err)
{
	s->base.url = *s->o->real->url;
	s->base.url.text = wb_url_with_database(&s->m.arena, s->o->real->url, s->name);
	s->base.url.database = s->name;
	s->base.open = *s->o->real;
	s->base.open.url = &s->base.url;
	s->base.open.monitor = true; /* fault points count the calls to the real database */
	return s->base.url.text ? 0 : wb_err_nomem(err);
}

static int open_scratch(struct wb_pg_scratch *s, struct wb_error *err)
{
	bool ours = false;
	int rc = wb_pg_maintenance(&s->m, &s->real, err);
	if (rc == 0)
		rc = sweep(&s->m, err);
	(void)snprintf(s->name, sizeof(s->name), "whimbrel_restore_%s", s->o->id);
	for (char *p = s->name; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (rc == 0)
		rc = try_lock_for_a_second(&s->m, s->name, &ours, err);
	if (rc == 0 && !ours)
		rc = wb_err_set(err, WB_EBUSY, "another run builds the scratch database %s", s->name);
	if (rc == 0)
		rc = set_url(s, err);
	return rc == 0 ? build_from(s, s->o->path, err) : rc;
}

int wb_pg_scratch_open(const struct wb_scratch_options *o, struct wb_scratch **ret_scratch, struct wb_error *err)
{
	struct wb_pg_scratch *s = calloc(1, sizeof(*s));
	if (!s)
		return wb_err_nomem(err);
	s->o = o;
	s->m = (struct wb_pg){ .base = { .options = *o->real }, .text = WB_STR_INIT, .tx_lock_timeout_ms = -1 };
	int rc = open_scratch(s, err);
	s->o = NULL;
	s->failed = rc < 0;
	if (rc < 0)
		wb_pg_scratch_close(&s->base);
	else
		*ret_scratch = &s->base;
	return rc;
}

void wb_pg_scratch_close(struct wb_scratch *scratch)
{
	struct wb_pg_scratch *s = (struct wb_pg_scratch *)scratch;
	struct wb_error why;
	if (!s)
		return;
	s->m.deaf = true; /* what made us stop must not stop the clearing up */
	if (s->created && wb_pg_scratch_drop(&s->m, s->name, s->failed, &why) < 0)
		wb_log(s->m.base.options.sink, WB_LOG_WARN, "the scratch database %s is left for the next run: %s",
		       s->name, why.message);
	wb_pg_close(&s->m.base);
	free(s);
}
