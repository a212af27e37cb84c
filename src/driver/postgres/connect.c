/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing. The connection is built with libpq's polling calls, so
 * that the tick runs and a time limit holds; a failure is told with its cause
 * and with what to do about it, never with the password.
 */
#include "driver/postgres/pg.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wb_build.h"

#define CONNECT_TIMEOUT_MS 10000
#define SLICE_MS 100
#define OLDEST_SERVER 120000

/* ---- why it failed ---------------------------------------------------------- */

/* libpq keeps the server's SQLSTATE of a refused connection to itself, but callers have to know what waiting mends. */
static const struct {
	const char *needle, *also, *state, *hint;
} causes[] = {
	{ "database \"", "does not exist", "3D000", "`whimbrel create` creates the database" },
	{ "role \"", "does not exist", "28000", "the server does not know this user" },
	{ "password authentication failed", "", "28P01", "the user name or the password is wrong" },
	{ "no password supplied", "", "28P01", "give a password in the URL, in PGPASSWORD or in ~/.pgpass" },
	{ "no pg_hba.conf entry", "", "28000",
	  "the server's pg_hba.conf does not let this user in from here, or wants TLS (sslmode=require)" },
	{ "pg_hba.conf", "", "28000", "the server's pg_hba.conf does not let this user in from here" },
	{ "authentication failed", "", "28000", "the server does not accept this user from here (pg_hba.conf)" },
	{ "Connection refused", "", "",
	  "is the server running, and is the port right? `whimbrel wait` or --wait waits for it" },
	{ "No such file or directory", "", "",
	  "is the server running on this machine? `whimbrel wait` or --wait waits for it" },
	{ "starting up", "", "", "the server is starting: `whimbrel wait` or --wait waits for it" },
	{ "shutting down", "", "", "the server is stopping: `whimbrel wait` or --wait waits for it" },
	{ "could not translate host name", "", "", "the host name is unknown here" },
	{ "too many clients", "", "", "the server has no free connection; close some or raise max_connections" },
	{ "remaining connection slots", "", "",
	  "the server has no free connection; close some or raise max_connections" },
	{ "no such database", "", "3D000", "`whimbrel create` creates the database, if the pooler knows it" },
	{ "certificate", "", "", "check sslmode, sslrootcert and the server's certificate" },
	{ "SSL", "", "", "check sslmode: this server may not speak TLS, or may want it" },
	{ "GSSAPI", "", "", "check gssencmode" },
};

static void hint_cause(const struct wb_pg *c, const char *why, struct wb_error *err)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(causes); i++) {
		if (!strstr(why, causes[i].needle) || !strstr(why, causes[i].also))
			continue;
		wb_err_hint(err, "%s", causes[i].hint);
		if (err)
			(void)wb_sv_copy(wb_sv_str(causes[i].state), err->sqlstate, sizeof(err->sqlstate));
		return;
	}
	if (PQconnectionNeedsPassword(c->pg))
		wb_err_hint(err, "give a password in the URL, in PGPASSWORD or in ~/.pgpass");
}

/* A setting in force, copied to buf; "" when unknown. */
static void setting(const struct wb_pg *c, const char *name, char *buf, size_t size)
{
	PQconninfoOption *all = PQconninfo(c->pg);
	*buf = 0;
	for (const PQconninfoOption *o = all; o && o->keyword; o++) {
		if (!strcmp(o->keyword, name) && o->val)
			(void)wb_sv_copy(wb_sv_str(o->val), buf, size);
	}
	PQconninfoFree(all);
}

static const char *safe_url(const struct wb_pg *c)
{
	return c->base.options.url->safe;
}

/* libpq cannot even read the URL: its message would repeat it. */
static int check_url(const struct wb_pg *c, struct wb_error *err)
{
	char *why = NULL;
	PQconninfoOption *parsed = PQconninfoParse(c->base.options.url->text, &why);
	bool bad = !parsed && why;
	if (bad) {
		char text[256];
		wb_pg_clean(why, NULL, text, sizeof(text));
		wb_err_set(err, WB_EUSAGE, "the connection string %s cannot be read", safe_url(c));
		if (!c->base.options.url->has_password)
			wb_err_detail(err, "%s", text);
		wb_err_hint(err,
			    "write postgres://user:password@host:port/database, special characters percent-encoded");
	}
	PQfreemem(why);
	PQconninfoFree(parsed);
	return bad ? WB_EUSAGE : 0;
}

static int fail_connect(struct wb_pg *c, struct wb_error *err)
{
	char password[256], why[sizeof(err->detail)];
	setting(c, "password", password, sizeof(password));
	wb_pg_clean(PQerrorMessage(c->pg), password, why, sizeof(why));
	if (strstr(why, "out of memory"))
		return wb_err_nomem(err);
	wb_err_set(err, WB_ECONN, "cannot connect to %s", safe_url(c));
	wb_err_detail(err, "%s", why);
	hint_cause(c, why, err);
	return WB_ECONN;
}

/* ---- connecting ---------------------------------------------------------------- */

/* libpq counts its limit per host, so this is the limit times the number of hosts. */
static int64_t timeout_ms(const struct wb_pg *c)
{
	char text[1024];
	int64_t seconds, hosts = 1, each = c->base.options.connect_timeout_ms;
	setting(c, "connect_timeout", text, sizeof(text));
	if (each <= 0)
		each = wb_sv_i64(wb_sv_str(text), &seconds) && seconds > 0 && seconds < 86400 ? seconds * 1000
											      : CONNECT_TIMEOUT_MS;
	setting(c, "host", text, sizeof(text));
	for (const char *p = text; *p; p++)
		hosts += *p == ',';
	return each * hosts;
}

static int wait_socket(struct wb_pg *c, bool write, int64_t deadline_ms, struct wb_error *err)
{
	for (;;) {
		struct pollfd p = { .fd = PQsocket(c->pg), .events = write ? POLLOUT : POLLIN };
		int n = poll(&p, 1, SLICE_MS);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return wb_err_errno(err, WB_ECONN, "cannot wait for %s", safe_url(c));
		int stop = c->base.tick ? c->base.tick(c->base.tick_user) : 0;
		if (stop)
			return wb_err_set(err, stop, "cancelled while connecting to %s", safe_url(c));
		if (wb_now_ms() >= deadline_ms)
			break;
	}
	wb_err_set(err, WB_ECONN, "%s does not answer", safe_url(c));
	wb_err_hint(err, "is the host right, and does a firewall let the connection through? --wait waits longer");
	return WB_ECONN;
}

static int establish(struct wb_pg *c, struct wb_error *err)
{
	int64_t start = wb_now_ms(), limit = timeout_ms(c);
	PostgresPollingStatusType s = PQstatus(c->pg) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
	while (s != PGRES_POLLING_OK && s != PGRES_POLLING_FAILED) {
		int rc = wait_socket(c, s == PGRES_POLLING_WRITING, start + limit, err);
		if (rc < 0)
			return rc;
		s = PQconnectPoll(c->pg);
	}
	return s == PGRES_POLLING_OK ? 0 : fail_connect(c, err);
}

/* What the server says beside results. */
static void notice(void *user, const PGresult *res)
{
	struct wb_pg *c = user;
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY);
	if (!text || c->quiet)
		return;
	wb_log(c->base.options.sink, WB_LOG_INFO, "%s: %s", severity ? severity : "NOTICE", text);
	struct wb_event e = wb_event_make(WB_EVENT_NOTICE);
	e.message = text;
	e.sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	wb_event_emit(c->base.options.sink, &e);
}

/* "whimbrel/0.1.0 4711@host": `locks` reads process and host of the client from it. */
static void name_application(struct wb_pg *c)
{
	const char *app = c->base.options.application_name;
	char host[256], tail[48];
	snprintf(tail, sizeof(tail), " %ld@%.30s", (long)getpid(), wb_proc_host(host, sizeof(host)));
	struct wb_sv head =
		wb_sv_head(wb_sv_str(app ? app : "whimbrel/" WB_VERSION), sizeof(c->application) - 1 - strlen(tail));
	snprintf(c->application, sizeof(c->application), "%.*s%s", WB_SV_ARG(head), tail);
}

int wb_pg_connect(struct wb_pg *c, const char *database, struct wb_error *err)
{
	int n = 0, rc = check_url(c, err);
	const char *keys[5], *values[5];
	if (rc < 0)
		return rc;
	name_application(c);
	keys[n] = "dbname", values[n++] = c->base.options.url->text;
	keys[n] = "application_name", values[n++] = c->application;
	keys[n] = "client_encoding", values[n++] = "UTF8";
	if (database)
		keys[n] = "dbname", values[n++] = database;
	keys[n] = values[n] = NULL;
	c->pg = PQconnectStartParams(keys, values, 1);
	if (!c->pg)
		return wb_err_nomem(err);
	PQsetNoticeReceiver(c->pg, notice, c);
	rc = establish(c, err);
	if (rc == 0 && PQsetnonblocking(c->pg, 1) != 0)
		rc = wb_pg_broken(c, err);
	return rc;
}

int wb_pg_database_name(struct wb_pg *c, const char **ret_name, struct wb_error *err)
{
	const char *keys[] = { "dbname", NULL }, *values[] = { c->base.options.url->text, NULL };
	int rc = check_url(c, err);
	if (rc < 0)
		return rc;
	PGconn *pg = PQconnectStartParams(keys, values, 1);
	const char *name = pg ? PQdb(pg) : NULL;
	char *copy = name ? wb_arena_str(&c->arena, name) : NULL;
	PQfinish(pg);
	if (!copy)
		return wb_err_nomem(err);
	*ret_name = copy;
	return 0;
}

static int check_version(struct wb_pg *c, struct wb_error *err)
{
	const char *version = PQparameterStatus(c->pg, "server_version");
	struct wb_sv rest = wb_sv_str(version ? version : "?"), number = rest;
	(void)wb_sv_cut(&rest, ' ', &number);
	snprintf(c->base.server, sizeof(c->base.server), "PostgreSQL %.*s", WB_SV_ARG(number));
	c->base.server_version = PQserverVersion(c->pg);
	if (c->base.server_version >= OLDEST_SERVER)
		return 0;
	wb_err_set(err, WB_EUNSUPPORTED, "%s is too old", c->base.server);
	wb_err_hint(err, "PostgreSQL 12 and later are supported");
	return WB_EUNSUPPORTED;
}

int wb_pg_open(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	c->text = (struct wb_str)WB_STR_INIT;
	c->tx_lock_timeout_ms = -1;
	int rc = wb_pg_connect(c, NULL, err);
	if (rc == 0)
		rc = check_version(c, err);
	return rc == 0 ? wb_pg_session_start(c, err) : rc;
}

void wb_pg_close(struct wb_conn *conn)
{
	struct wb_pg *c = wb_pg(conn);
	PQfinish(c->pg);
	c->pg = NULL;
	wb_map_done(&c->prepared);
	wb_vec_done(&c->cells);
	wb_vec_done(&c->names);
	wb_str_done(&c->text);
	wb_arena_done(&c->arena);
}

void wb_pg_drop_link(struct wb_conn *conn)
{
	(void)shutdown(PQsocket(wb_pg(conn)->pg), SHUT_RDWR);
}
