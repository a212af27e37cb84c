/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding pg_dump and pg_restore, of a version that suits the server, and
 * telling them where it is. The folders of Debian and of the PGDG packages come
 * before PATH: there each version has its own, and no wrapper stands between.
 */
#include "driver/postgres/dump.h"

#include <stdio.h>
#include <unistd.h>

#include "base/banned.h"

#define NEWER_TRIED 12 /* versions after the server's that are looked for */
#define NEWEST 40 /* where any version will do, the newest one reads the most */
#define OLDEST 12

/* ---- versions ------------------------------------------------------------------ */

/* "pg_dump (PostgreSQL) 15.18 (Debian …)" */
static bool read_version(struct wb_sv text, struct wb_pg_tool *t)
{
	static const char mark[] = "(PostgreSQL) ";
	const char *at = memmem(text.p, text.n, mark, sizeof(mark) - 1);
	struct wb_sv rest, version;
	int64_t major;
	if (!at)
		return false;
	at += sizeof(mark) - 1;
	rest = wb_sv(at, (size_t)(text.p + text.n - at));
	size_t n = 0;
	while (n < rest.n && rest.p[n] > ' ')
		n++;
	version = wb_sv(rest.p, n);
	(void)wb_sv_copy(version, t->version, sizeof(t->version));
	for (n = 0; n < version.n && version.p[n] >= '0' && version.p[n] <= '9'; n++)
		;
	if (!wb_sv_i64(wb_sv(version.p, n), &major))
		return false;
	t->major = (int)major;
	return true;
}

struct search {
	int major;
	struct wb_pg_tool *best; /* suits; major 0: none so far */
	char too_old[32]; /* the newest of those that do not */
};

/* Asks the program itself; what cannot be run is no candidate. */
static int try_path(struct search *s, struct wb_arena *a, const char *path, struct wb_error *err)
{
	const char *const argv[] = { path, "--version", NULL };
	wb_autostr out = WB_STR_INIT;
	struct wb_error ignored;
	struct wb_pg_tool t = { .path = path };
	if (!path)
		return wb_err_nomem(err);
	if (strchr(path, '/') && access(path, X_OK) != 0)
		return 0;
	int rc = wb_proc_output(argv, 1000, &out, &ignored);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(err);
	if (rc < 0 || !read_version(wb_str_sv(&out), &t))
		return 0;
	if (t.major < s->major) {
		memcpy(s->too_old, t.version, sizeof(s->too_old));
		return 0;
	}
	if (s->best->major && s->best->major <= t.major)
		return 0;
	s->best->path = wb_arena_str(a, path);
	memcpy(s->best->version, t.version, sizeof(t.version));
	s->best->major = t.major;
	return s->best->path ? 0 : wb_err_nomem(err);
}

static int try_version(struct search *s, struct wb_arena *a, const char *name, int major, struct wb_error *err)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "/usr/lib/postgresql/%d/bin/%s", major, name);
	int rc = try_path(s, a, path, err);
	(void)snprintf(path, sizeof(path), "/usr/pgsql-%d/bin/%s", major, name);
	return rc == 0 && s->best->major != major ? try_path(s, a, path, err) : rc;
}

static int search_usual(struct search *s, struct wb_arena *a, const char *name, struct wb_error *err)
{
	int rc = s->major ? try_version(s, a, name, s->major, err) : 0;
	for (int any = NEWEST; rc == 0 && !s->major && !s->best->major && any >= OLDEST; any--)
		rc = try_version(s, a, name, any, err);
	if (rc == 0 && !s->best->major)
		rc = try_path(s, a, name, err);
	for (int newer = 1; rc == 0 && s->major && !s->best->major && newer <= NEWER_TRIED; newer++)
		rc = try_version(s, a, name, s->major + newer, err);
	return rc;
}

static int none_suits(const struct search *s, const char *name, const char *folder, struct wb_error *err)
{
	if (*s->too_old)
		wb_err_set(err, WB_EUNSUPPORTED, "%s %s is too old for a server of version %d", name, s->too_old,
			   s->major);
	else
		wb_err_set(err, WB_EUNSUPPORTED, "%s, which comes with PostgreSQL, is not there", name);
	if (folder)
		wb_err_detail(err, "looked for in %s", folder);
	if (s->major)
		wb_err_hint(err,
			    "install the client programs of version %d (Debian: postgresql-client-%d), or name their "
			    "folder in WHIMBREL_PG_BIN",
			    s->major, s->major);
	else
		wb_err_hint(err, "install PostgreSQL's client programs, or name their folder in WHIMBREL_PG_BIN");
	return WB_EUNSUPPORTED;
}

int wb_pg_tool_find(const char *folder, const char *name, int major, struct wb_arena *a, struct wb_pg_tool *ret_tool,
		    struct wb_error *err)
{
	struct search s = { .major = major, .best = ret_tool };
	*ret_tool = (struct wb_pg_tool){ .name = name };
	int rc = folder ? try_path(&s, a, wb_fs_join(a, folder, name), err) : search_usual(&s, a, name, err);
	if (rc < 0)
		return rc;
	return ret_tool->major ? 0 : none_suits(&s, name, folder, err);
}

/* ---- the way to the server ---------------------------------------------------------- */

static void add_pair(struct wb_str *out, const char *key, const char *value)
{
	wb_str_addf(out, "%s%s='", out->n ? " " : "", key);
	for (; *value; value++) {
		if (*value == '\'' || *value == '\\')
			wb_str_addc(out, '\\');
		wb_str_addc(out, *value);
	}
	wb_str_addc(out, '\'');
}

/* Secrets that no variable of the environment can carry. */
static int refuse_secret(const char *key, struct wb_error *err)
{
	wb_err_set(err, WB_EUNSUPPORTED, "%s in the URL cannot be handed to the server's programs in secret", key);
	wb_err_hint(err, "back up with a key that has no pass phrase, or with a password in ~/.pgpass");
	return WB_EUNSUPPORTED;
}

static int add_options(const PQconninfoOption *all, const char *database, struct wb_str *out, const char **ret_password,
		       struct wb_error *err)
{
	for (const PQconninfoOption *o = all; o->keyword; o++) {
		bool secret = o->dispchar && *o->dispchar == '*';
		if (!o->val || !*o->val || (database && !strcmp(o->keyword, "dbname")) ||
		    !strcmp(o->keyword, "client_encoding") || !strcmp(o->keyword, "application_name"))
			continue;
		if (!strcmp(o->keyword, "password"))
			*ret_password = o->val;
		else if (secret)
			return refuse_secret(o->keyword, err);
		else
			add_pair(out, o->keyword, o->val);
	}
	return 0;
}

int wb_pg_tool_connect(struct wb_pg_tool *t, const struct wb_open_options *o, const char *database,
		       const char *application, struct wb_arena *a, struct wb_error *err)
{
	wb_autostr out = WB_STR_INIT;
	char *why = NULL;
	const char *password = NULL;
	int n = 0;
	PQconninfoOption *all = PQconninfoParse(o->url->text, &why);
	PQfreemem(why);
	if (!all)
		return wb_err_set(err, WB_EUSAGE, "the connection string %s cannot be read", o->url->safe);
	int rc = add_options(all, database, &out, &password, err);
	if (database)
		add_pair(&out, "dbname", database);
	t->connection = wb_arena_sv(a, wb_str_sv(&out));
	if (password)
		t->env[n++] = wb_arena_printf(a, "PGPASSWORD=%s", password);
	PQconninfoFree(all);
	t->env[n++] = wb_arena_printf(a, "PGAPPNAME=%s", application);
	t->env[n++] = wb_arena_printf(a, "PGCONNECT_TIMEOUT=%d",
				      o->connect_timeout_ms > 1000 ? o->connect_timeout_ms / 1000 : 10);
	t->env[n++] = "LC_ALL=C"; /* its messages are read by us */
	t->env[n] = NULL;
	if (rc < 0)
		return rc;
	return t->connection && !out.failed && t->env[0] && t->env[1] && t->env[2] ? 0 : wb_err_nomem(err);
}

/* ---- what they say --------------------------------------------------------------------- */

bool wb_pg_tool_complains(struct wb_sv line)
{
	static const char *const words[] = { ": error:", ": fatal:", ": warning:", ": detail:",  ": hint:",
					     "DETAIL:",  "HINT:",    "ERROR:",     "Command was" };
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++) {
		if (memmem(line.p, line.n, words[i], strlen(words[i])))
			return true;
	}
	/* Somebody else's line: the dynamic linker, a shell. */
	return !wb_sv_starts(line, "pg_dump: ") && !wb_sv_starts(line, "pg_restore: ");
}

static const struct {
	const char *needle;
	int code;
	const char *hint;
} meanings[] = {
	{ "No space left on device", WB_EDISKFULL, "make room on the server's disk, then run again" },
	{ "could not extend file", WB_EDISKFULL, "make room on the server's disk, then run again" },
	{ "lock timeout", WB_EBUSY, "another session holds a lock on a table for long; `whimbrel locks` names it" },
	{ "server closed the connection", WB_ECONN, "run again when the server is back; nothing half done remains" },
	{ "terminating connection", WB_ECONN, "somebody ended its session; run again" },
	{ "could not connect", WB_ECONN, "is the server running? `whimbrel wait` waits for it" },
	{ "connection to server", WB_ECONN, "is the server running? `whimbrel wait` waits for it" },
	{ "server version mismatch", WB_EUNSUPPORTED, "install the client programs of the server's version" },
	{ "unsupported version", WB_EUNSUPPORTED,
	  "a newer pg_dump made this file: install the client programs of that "
	  "version" },
	{ "permission denied", WB_EPRIVILEGE,
	  "the role must be able to read (dump) or create (restore) all of it: its owner, or a superuser" },
	{ "must be owner", WB_EPRIVILEGE, "restore as a superuser, or with --no-owner" },
	{ "role \"", WB_EPRIVILEGE, "the server lacks a role that owns something in it: create it, or use --no-owner" },
};

int wb_pg_tool_failed(int rc, const struct wb_pg_tool *t, struct wb_error *err)
{
	if (rc != WB_EIO || !err)
		return rc;
	for (size_t i = 0; i < WB_ARRAY_LEN(meanings); i++) {
		if (!strstr(err->detail, meanings[i].needle))
			continue;
		err->code = meanings[i].code;
		wb_err_hint(err, "%s", meanings[i].hint);
		return err->code;
	}
	(void)t;
	err->code = WB_ESQL;
	return WB_ESQL;
}
