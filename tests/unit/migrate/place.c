/* SPDX-License-Identifier: Apache-2.0 */
#include <libpq-fe.h> /* before base/banned.h */

#include "tests/unit/migrate/place.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/unit/driver_pg/server.h"

static int serial;

/* ---- beginning and end ------------------------------------------------------------ */

static void hear_event(void *user, const struct wb_event *e)
{
	struct place *p = user;
	wb_str_addf(&p->events, "%s%s%s ", e->name, e->version ? ":" : "", e->version ? e->version : "");
	if (p->on_event)
		p->on_event(p, e);
	if (p->cancel_at && !strcmp(p->cancel_at, e->name))
		wb_cancel(p->ctx);
}

static void hear_log(void *user, enum wb_log_level level, const char *message)
{
	struct place *p = user;
	wb_str_addf(&p->log, "%d %s\n", (int)level, message);
}

static const char *module_dir(void)
{
	static char dir[512];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 16);
	dir[n > 0 ? n : 0] = 0;
	char *slash = strrchr(dir, '/');
	if (slash)
		memcpy(slash, "/../..", 7); /* the programs are in tests/unit of the build folder */
	return dir;
}

static struct place *place_new(void)
{
	struct place *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->text = p->expanded = p->events = p->log = (struct wb_str)WB_STR_INIT;
	snprintf(p->dir, sizeof(p->dir), "/tmp/whimbrel-migrate-XXXXXX");
	if (!mkdtemp(p->dir)) {
		free(p);
		return NULL;
	}
	snprintf(p->migrations, sizeof(p->migrations), "%s/migrations", p->dir);
	snprintf(p->db, sizeof(p->db), "%s/app.db", p->dir);
	p->o = (struct wb_options){ .size = sizeof(p->o),
				    .url = p->url,
				    .dir = p->migrations,
				    .event = hear_event,
				    .event_user = p,
				    .log = hear_log,
				    .log_user = p,
				    .log_level = WB_LOG_DEBUG,
				    .module_dir = module_dir() };
	if (mkdir(p->migrations, 0700)) {
		free(p);
		return NULL;
	}
	return p;
}

int place_sqlite(void **state)
{
	struct place *p = place_new();
	*state = p;
	if (p)
		snprintf(p->url, sizeof(p->url), "sqlite:%s", p->db);
	return p ? 0 : -1;
}

static PGconn *pg_connect(const char *database)
{
	const char *keys[] = { "host", "port", "user", "dbname", "application_name", NULL };
	const char *values[] = { server_socket(), "5432", "postgres", database, "side", NULL };
	PGconn *c = PQconnectdbParams(keys, values, 0);
	if (PQstatus(c) != CONNECTION_OK)
		print_error("%s\n", PQerrorMessage(c));
	return c;
}

static int pg_admin(const char *text)
{
	PGconn *c = pg_connect("postgres");
	PGresult *r = PQexec(c, text);
	int rc = PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : -1;
	if (rc)
		print_error("%s: %s\n", text, PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
	return rc;
}

int place_pg(void **state)
{
	char text[128];
	struct place *p = place_new();
	*state = p;
	if (!p)
		return -1;
	p->pg = true;
	snprintf(p->database, sizeof(p->database), "t%d", ++serial);
	snprintf(p->url, sizeof(p->url), "host=%s port=5432 user=postgres dbname=%s", server_socket(), p->database);
	snprintf(text, sizeof(text), "CREATE DATABASE %s", p->database);
	return pg_admin(text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int place_done(void **state)
{
	struct place *p = *state;
	char text[128];
	int rc = 0;
	wb_close(p->ctx);
	side_close(p);
	if (p->pg) {
		snprintf(text, sizeof(text), "DROP DATABASE IF EXISTS %s WITH (FORCE)", p->database);
		rc = pg_admin(text);
	}
	wb_run_result_free(p->result);
	wb_plan_free(p->plan);
	wb_str_done(&p->text);
	wb_str_done(&p->expanded);
	wb_str_done(&p->events);
	wb_str_done(&p->log);
	(void)nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return rc;
}

/* ---- files -------------------------------------------------------------------------- */

const char *path_of(struct place *p, const char *name)
{
	snprintf(p->path, sizeof(p->path), "%s/%s", p->migrations, name);
	return p->path;
}

void put(struct place *p, const char *name, const char *text)
{
	FILE *f = fopen(path_of(p, name), "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void take_away(struct place *p, const char *name)
{
	assert_int_equal(unlink(path_of(p, name)), 0);
}

void copy_file(const char *from, const char *to)
{
	char buf[4096];
	ssize_t n;
	(void)unlink(to);
	int in = open(from, O_RDONLY), out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while (in >= 0 && (n = read(in, buf, sizeof(buf))) > 0)
		assert_int_equal(write(out, buf, (size_t)n), n);
	if (in >= 0)
		assert_int_equal(close(in) | close(out), 0);
}

/* ---- context and runs ------------------------------------------------------------------ */

struct wb_context *context_again(struct place *p)
{
	wb_close(p->ctx);
	p->ctx = NULL;
	return context(p);
}

struct wb_context *context(struct place *p)
{
	if (!p->ctx)
		ok(p, wb_open(&p->o, &p->ctx, &p->err));
	return p->ctx;
}

int run_it(struct place *p, run_fn *fn, const struct wb_run_options *o)
{
	struct wb_context *c = context(p);
	wb_run_result_free(p->result);
	p->result = NULL;
	wb_str_clear(&p->events);
	wb_str_clear(&p->log);
	p->err = (struct wb_error){ 0 };
	return fn(c, o, &p->result, &p->err);
}

int plan_it(struct place *p, const struct wb_plan_options *o)
{
	struct wb_context *c = context(p);
	wb_plan_free(p->plan);
	p->plan = NULL;
	p->err = (struct wb_error){ 0 };
	return wb_plan(c, o, &p->plan, &p->err);
}

static const char *answer(struct place *p)
{
	while (p->text.n && p->text.p[p->text.n - 1] == ' ')
		p->text.p[--p->text.n] = 0;
	return p->text.p;
}

const char *planned(struct place *p)
{
	wb_str_clear(&p->text);
	for (size_t i = 0; p->plan && i < p->plan->n_migrations; i++) {
		const struct wb_plan_migration *m = &p->plan->migrations[i];
		bool plain = !strcmp(m->action, "apply");
		wb_str_addf(&p->text, "%s%s%s ", m->version, plain ? "" : "=", plain ? "" : m->action);
	}
	return answer(p);
}

const char *applied(struct place *p)
{
	wb_str_clear(&p->text);
	for (size_t i = 0; p->result && i < p->result->n_applied; i++)
		wb_str_addf(&p->text, "%s%s ", p->result->applied[i].version,
			    p->result->applied[i].rolled_back ? "!" : "");
	return answer(p);
}

/* ---- the other connection ------------------------------------------------------------------ */

static const char *expand(struct place *p, const char *text)
{
	wb_str_clear(&p->expanded);
	for (const char *s = text; *s; s++) {
		if (*s == '@' && s[1] >= 'a' && s[1] <= 'z')
			wb_str_add(&p->expanded, p->pg ? "whimbrel." : "whimbrel_");
		else
			wb_str_addc(&p->expanded, *s);
	}
	return p->expanded.p;
}

static void add_row(struct place *p, int n, const char *(*value)(void *row, int i), void *row)
{
	for (int i = 0; i < n; i++) {
		const char *v = value(row, i);
		wb_str_addf(&p->text, "%s%s", i ? ":" : "", v ? v : "-");
	}
	wb_str_addc(&p->text, ' ');
}

static const char *lite_value(void *row, int i)
{
	return (const char *)sqlite3_column_text(row, i);
}

static int lite_ask(struct place *p, const char *text, const char **ret_error)
{
	sqlite3 *db = p->side;
	int rc = 0;
	if (!db) {
		rc = sqlite3_open(p->db, &db);
		p->side = db;
		sqlite3_busy_timeout(db, 5000);
	}
	while (rc == 0 && *text) {
		sqlite3_stmt *st = NULL;
		rc = sqlite3_prepare_v2(db, text, -1, &st, &text);
		while (rc == 0 && st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
			add_row(p, sqlite3_column_count(st), lite_value, st);
			rc = 0;
		}
		rc = rc == SQLITE_DONE ? 0 : rc;
		sqlite3_finalize(st);
	}
	*ret_error = sqlite3_errmsg(db);
	return rc;
}

struct pg_row {
	PGresult *r;
	int i;
};

static const char *pg_value(void *row, int i)
{
	struct pg_row *x = row;
	return PQgetisnull(x->r, x->i, i) ? NULL : PQgetvalue(x->r, x->i, i);
}

static int pg_ask(struct place *p, const char *text, const char **ret_error)
{
	if (!p->side)
		p->side = pg_connect(p->database);
	PGresult *r = PQexec(p->side, text);
	ExecStatusType status = PQresultStatus(r);
	for (int i = 0; i < PQntuples(r); i++)
		add_row(p, PQnfields(r), pg_value, &(struct pg_row){ r, i });
	PQclear(r);
	*ret_error = PQerrorMessage(p->side);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : -1;
}

const char *ask_at(struct place *p, const char *text, const char *file, int line)
{
	const char *error = "";
	wb_str_clear(&p->text);
	text = expand(p, text);
	if (p->pg ? pg_ask(p, text, &error) : lite_ask(p, text, &error)) {
		print_error("%s: %s\n", text, error);
		_fail(file, line);
	}
	return answer(p);
}

void sql_at(struct place *p, const char *text, const char *file, int line)
{
	(void)ask_at(p, text, file, line);
}

void side_close(struct place *p)
{
	if (p->side && p->pg)
		PQfinish(p->side);
	else if (p->side)
		sqlite3_close(p->side);
	p->side = NULL;
}

bool side_is_open(const struct place *p)
{
	return p->side != NULL;
}

const char *states(struct place *p)
{
	return ask(p, "SELECT version, state FROM @schema_migrations ORDER BY rank");
}

const char *history(struct place *p)
{
	return ask(p, "SELECT action, coalesce(version, ''), result FROM @migration_history ORDER BY id");
}

const char *steps(struct place *p, const char *version)
{
	char text[256];
	snprintf(text, sizeof(text),
		 "SELECT ordinal, state FROM @migration_steps WHERE version = '%s' ORDER BY direction DESC, ordinal",
		 version);
	return ask(p, text);
}

/* ---- saying what is wrong ---------------------------------------------------------------------- */

void assert_code_at(struct place *p, int rc, int want, const char *file, int line)
{
	if (rc == want)
		return;
	print_error("%s instead of %s: %s (%s; %s) at %s:%u:%u\n", wb_code_name(rc), wb_code_name(want), p->err.message,
		    p->err.detail, p->err.hint, p->err.file, p->err.line, p->err.column);
	_fail(file, line);
}

void assert_has_at(const char *text, const char *part, const char *file, int line)
{
	if (text && strstr(text, part))
		return;
	print_error("\"%s\" does not hold \"%s\"\n", text ? text : "(null)", part);
	_fail(file, line);
}

void assert_place_at(struct place *p, const char *place, const char *file, int line)
{
	char is[700];
	const char *slash = strrchr(p->err.file, '/');
	snprintf(is, sizeof(is), "%s:%u:%u", slash ? slash + 1 : p->err.file, p->err.line, p->err.column);
	_assert_string_equal(is, place, file, line);
}
