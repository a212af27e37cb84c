/* SPDX-License-Identifier: Apache-2.0
 *
 * Database URLs taken apart and put together again. People paste passwords
 * into URLs as they are; what RFC 3986 would misread is read as it was meant
 * where only one reading makes sense, and encoded, so that libpq reads the same.
 * Where two readings make sense the URL is refused. No error repeats a byte that
 * may belong to a password.
 */
#include "driver/driver.h"

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define ALNUM DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UNRESERVED ALNUM "-._~"

static bool is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

static bool all_in(struct wb_sv s, const char *set)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_in(s.p[i], set))
			return false;
	return true;
}

/* Index of the first byte of s that is one of set; s.n when there is none. */
static size_t find_any(struct wb_sv s, const char *set)
{
	size_t i;

	for (i = 0; i < s.n && !is_in(s.p[i], set); i++)
		;
	return i;
}

/* What stands behind the last separator goes to *ret_tail; false without one. */
static bool cut_last(struct wb_sv *s, char separator, struct wb_sv *ret_tail)
{
	const char *at = s->n ? memrchr(s->p, separator, s->n) : NULL;

	if (!at)
		return false;
	*ret_tail = wb_sv(at + 1, (size_t)(s->p + s->n - at - 1));
	s->n = (size_t)(at - s->p);
	return true;
}

/* Splits at the first separator; without one all is head and the tail stays. */
static bool cut_first(struct wb_sv *s, char separator, struct wb_sv *ret_tail)
{
	const char *at = s->n ? memchr(s->p, separator, s->n) : NULL;

	if (!at)
		return false;
	*ret_tail = wb_sv(at + 1, (size_t)(s->p + s->n - at - 1));
	s->n = (size_t)(at - s->p);
	return true;
}

/* ---- percent coding ---------------------------------------------------------- */

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The byte coded at s, or -1: a '%' without two hex digits stands for itself. */
static int coded_byte(struct wb_sv s)
{
	if (s.n < 3 || s.p[0] != '%' || !is_in(s.p[1], HEX) || !is_in(s.p[2], HEX))
		return -1;
	return hex_value(s.p[1]) * 16 + hex_value(s.p[2]);
}

static void add_decoded(struct wb_str *out, struct wb_sv s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		int byte = coded_byte(wb_sv(s.p + i, s.n - i));

		wb_str_addc(out, byte < 0 ? s.p[i] : (char)byte);
		i += byte < 0 ? 0 : 2;
	}
}

/* Codes all bytes that are not in `keep`; what is coded already stays so. */
static void add_coded(struct wb_str *out, struct wb_sv s, const char *keep)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (is_in(s.p[i], keep))
			wb_str_addc(out, s.p[i]);
		else if (coded_byte(wb_sv(s.p + i, s.n - i)) >= 0)
			wb_str_addc(out, '%');
		else
			wb_str_addf(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
	}
}

static char *decoded(struct wb_arena *a, struct wb_sv s)
{
	wb_autostr out = WB_STR_INIT;

	add_decoded(&out, s);
	return out.failed ? NULL : wb_arena_sv(a, wb_str_sv(&out));
}

static int take(struct wb_arena *a, const struct wb_str *s, const char **ret_text, struct wb_error *err)
{
	*ret_text = s->failed ? NULL : wb_arena_sv(a, wb_str_sv(s));
	return *ret_text ? 0 : wb_err_nomem(err);
}

/* ---- SQLite --------------------------------------------------------------------- */

static int parse_sqlite(struct wb_arena *a, const char *scheme, struct wb_sv rest, struct wb_url *u,
			struct wb_error *err)
{
	struct wb_sv path = rest;
	size_t special;

	u->scheme = scheme;
	if (wb_sv_starts(path, "//"))
		path = wb_sv(path.p + 2, path.n - 2);
	if (wb_sv_eq(path, WB_SV(":memory:")) || wb_sv_eq(path, WB_SV("/:memory:"))) {
		u->database = ":memory:";
		return 0;
	}
	special = find_any(path, "?#");
	if (special < path.n) {
		(void)wb_err_set(err, WB_EUSAGE, "an SQLite URL takes no parameters");
		wb_err_hint(err, "in a file name write ? as %%3F and # as %%23");
		return WB_EUSAGE;
	}
	if (path.n == 0) {
		(void)wb_err_set(err, WB_EUSAGE, "the SQLite URL names no file");
		wb_err_hint(err, "write sqlite:app.db, sqlite:///folder/app.db or sqlite::memory:");
		return WB_EUSAGE;
	}
	u->database = decoded(a, path);
	return u->database ? 0 : wb_err_nomem(err);
}

/* ---- scheme://user:password@host:port/database?key=value -------------------------- */

struct parts {
	struct wb_sv user, password, hosts, database, query;
	bool has_user, has_password, has_database, has_query;
};

/* Parameters that libpq knows: they tell a real list of parameters from a password with a '?' in it. */
static const char known_keys[] =
	" host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout "
	"client_encoding "
	"options application_name fallback_application_name keepalives keepalives_idle keepalives_interval "
	"keepalives_count tcp_user_timeout replication gssencmode sslmode requiressl ssl sslnegotiation sslcompression "
	"sslcert sslkey sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer "
	"ssl_min_protocol_version "
	"ssl_max_protocol_version krbsrvname gsslib gssdelegation service servicefile target_session_attrs "
	"load_balance_hosts ";

static bool is_known_key(struct wb_sv key)
{
	struct wb_sv rest = wb_sv(known_keys, sizeof(known_keys) - 1), one;

	while (wb_sv_cut(&rest, ' ', &one))
		if (one.n && wb_sv_eq(one, key))
			return true;
	return false;
}

static bool is_secret_key(struct wb_sv key)
{
	static const char *const secret[] = { "password", "sslpassword", "oauth_client_secret" };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(secret); i++)
		if (wb_sv_ieq(key, secret[i]))
			return true;
	return false;
}

/* key=value(&key=value)*; a raw '@' may be the end of a password, so it is believed only to known keys. */
static bool is_query(struct wb_sv query)
{
	bool strict = find_any(query, "@") < query.n;
	struct wb_sv piece, value;

	while (query.n) {
		piece = query;
		query.n = 0;
		(void)cut_first(&piece, '&', &query);
		if (!cut_first(&piece, '=', &value) || piece.n == 0 || !all_in(piece, ALNUM "_-.%") ||
		    find_any(value, "?=") < value.n || (strict && !is_known_key(piece)))
			return false;
	}
	return true;
}

static bool is_port(struct wb_sv port)
{
	int64_t n;

	return port.n == 0 || (all_in(port, DIGITS) && wb_sv_i64(port, &n) && n > 0 && n <= 65535);
}

/* One of the hosts: name, address, [v6 address] or coded socket folder, and perhaps a port. */
static bool cut_host(struct wb_sv *hosts, struct wb_sv *ret_host, struct wb_sv *ret_port)
{
	struct wb_sv one = *hosts;

	hosts->n = 0;
	(void)cut_first(&one, ',', hosts);
	*ret_port = wb_sv("", 0);
	if (one.n && one.p[0] == '[') {
		size_t end = find_any(one, "]");

		if (end == one.n || end == 1 || (end + 1 < one.n && one.p[end + 1] != ':'))
			return false;
		*ret_host = wb_sv(one.p + 1, end - 1);
		if (end + 1 < one.n)
			*ret_port = wb_sv(one.p + end + 2, one.n - end - 2);
	} else {
		(void)cut_first(&one, ':', ret_port);
		*ret_host = one;
	}
	return is_port(*ret_port) && find_any(*ret_host, "[]/?#@&= \"'<>\\") == ret_host->n;
}

static bool are_hosts(struct wb_sv hosts)
{
	struct wb_sv host, port;
	bool ends_in_comma = hosts.n && hosts.p[hosts.n - 1] == ',';

	while (hosts.n)
		if (!cut_host(&hosts, &host, &port))
			return false;
	return !ends_in_comma;
}

/* Reads with the query starting at `at` (rest.n: no query), and the last '@' before it ending the user part. */
static bool split(struct wb_sv rest, size_t at, struct parts *ret_parts)
{
	struct parts p = { .has_query = at < rest.n };
	struct wb_sv main = wb_sv(rest.p, at), behind;

	if (p.has_query)
		p.query = wb_sv(rest.p + at + 1, rest.n - at - 1);
	p.hosts = main;
	p.has_user = cut_last(&main, '@', &behind);
	if (p.has_user) {
		p.user = main;
		p.hosts = behind;
		p.has_password = cut_first(&p.user, ':', &p.password);
	}
	p.has_database = cut_first(&p.hosts, '/', &p.database);
	if (!is_query(p.query) || !are_hosts(p.hosts) || find_any(p.user, "/?#") < p.user.n ||
	    find_any(p.database, "?") < p.database.n)
		return false;
	*ret_parts = p;
	return true;
}

/* RFC 3986 ends the part with user and host at the first '/', and would find this '@' in the database's name. */
static bool is_ambiguous(struct wb_sv rest, const struct parts *p)
{
	struct wb_sv main = wb_sv(rest.p, find_any(rest, "/?#")), host = main, path;

	if (!p->has_user || p->has_database || main.n == rest.n || rest.p[main.n] != '/')
		return false;
	path = wb_sv(rest.p + main.n + 1, (size_t)(p->hosts.p - rest.p) - main.n - 1);
	(void)cut_last(&main, '@', &host);
	return p->hosts.p > rest.p + main.n && are_hosts(host) && find_any(path, "/?#") == path.n;
}

/* Each '?' may be the one that begins the parameters, or there are none: tries all. */
static int count_readings(struct wb_sv rest, struct parts *ret_parts)
{
	size_t at = 0;
	int n = 0;

	for (;; at++) {
		at += find_any(wb_sv(rest.p + at, rest.n - at), "?");
		n += split(rest, at, ret_parts);
		if (at == rest.n)
			return n;
	}
}

static int find_parts(struct wb_sv rest, struct parts *ret_parts, struct wb_error *err)
{
	int n = count_readings(rest, ret_parts);

	if (n == 1 && !is_ambiguous(rest, ret_parts))
		return 0;
	(void)wb_err_set(err, WB_EUSAGE, "%s",
			 n > 0 ? "the database URL can be read in two ways" : "the database URL cannot be read");
	wb_err_hint(err,
		    "its form is postgres://user:password@host:port/database?sslmode=require; in a user name, password "
		    "or parameter write @ as %%40, / as %%2F, : as %%3A, ? as %%3F, # as %%23, %% as %%25");
	return WB_EUSAGE;
}

/* Writes the list of parameters: raw but for stray '%' and blanks; secrets masked for show. */
static void add_query(struct wb_str *out, struct wb_sv query, bool safe)
{
	char separator = '?';

	while (query.n) {
		struct wb_sv key = query, value = { "", 0 };
		wb_autostr name = WB_STR_INIT;

		query.n = 0;
		(void)cut_first(&key, '&', &query);
		(void)cut_first(&key, '=', &value);
		add_decoded(&name, key);
		wb_str_addc(out, separator);
		add_coded(out, key, UNRESERVED);
		wb_str_addc(out, '=');
		if (safe && (name.failed || is_secret_key(wb_str_sv(&name))))
			wb_str_add(out, "***");
		else
			add_coded(out, value, UNRESERVED "!$'()*+,;:/");
		separator = '&';
	}
}

static void add_url(struct wb_str *out, const char *scheme, const struct parts *p, bool safe)
{
	wb_str_addf(out, "%s://", scheme);
	if (p->has_user) {
		add_coded(out, p->user, UNRESERVED);
		if (p->has_password)
			wb_str_addc(out, ':');
		if (safe && p->password.n)
			wb_str_add(out, "***");
		else
			add_coded(out, p->password, UNRESERVED);
		wb_str_addc(out, '@');
	}
	add_coded(out, p->hosts, UNRESERVED "[]:,!$&'()*+;=");
	if (p->has_database) {
		wb_str_addc(out, '/');
		add_coded(out, p->database, UNRESERVED);
	}
	add_query(out, p->query, safe);
}

/* Hosts and ports, each joined by commas as libpq's parameters want them; NULL when all are empty. */
static int split_hosts(struct wb_arena *a, struct wb_sv hosts, struct wb_url *u, struct wb_error *err)
{
	wb_autostr names = WB_STR_INIT, ports = WB_STR_INIT;
	bool any_host = false, any_port = false;
	const char *separator = "";
	struct wb_sv host, port;

	while (hosts.n && cut_host(&hosts, &host, &port)) {
		wb_str_add(&names, separator);
		add_decoded(&names, host);
		wb_str_add(&ports, separator);
		wb_str_addsv(&ports, port);
		any_host |= host.n > 0;
		any_port |= port.n > 0;
		separator = ",";
	}
	if (any_host && take(a, &names, &u->host, err))
		return WB_ENOMEM;
	return any_port ? take(a, &ports, &u->port, err) : 0;
}

/* libpq lets a parameter override the same thing in front of it. */
static int put_field(struct wb_arena *a, struct wb_sv key, struct wb_sv value, struct wb_url *u, struct wb_error *err)
{
	const struct {
		const char *key, **field;
	} fields[] = {
		{ "host", &u->host },
		{ "port", &u->port },
		{ "user", &u->user },
		{ "dbname", &u->database },
	};
	size_t i;

	if (wb_sv_eq(key, WB_SV("password")))
		u->has_password = value.n > 0;
	for (i = 0; i < WB_ARRAY_LEN(fields); i++)
		if (value.n && wb_sv_ieq(key, fields[i].key) && !(*fields[i].field = wb_arena_sv(a, value)))
			return wb_err_nomem(err);
	return 0;
}

static int put_query(struct wb_arena *a, struct wb_sv query, struct wb_url *u, struct wb_error *err)
{
	int rc = 0;

	while (query.n && !rc) {
		struct wb_sv key = query, value = { "", 0 };
		wb_autostr name = WB_STR_INIT, text = WB_STR_INIT;

		query.n = 0;
		(void)cut_first(&key, '&', &query);
		(void)cut_first(&key, '=', &value);
		add_decoded(&name, key);
		add_decoded(&text, value);
		rc = name.failed || text.failed ? wb_err_nomem(err)
						: put_field(a, wb_str_sv(&name), wb_str_sv(&text), u, err);
	}
	return rc;
}

static int parse_authority(struct wb_arena *a, const char *scheme, struct wb_sv rest, struct wb_url *u,
			   struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT, safe = WB_STR_INIT;
	struct parts p = { 0 };
	int rc;

	if (!wb_sv_starts(rest, "//")) {
		(void)wb_err_set(err, WB_EUSAGE, "the database URL lacks // behind %s:", scheme);
		return WB_EUSAGE;
	}
	rc = find_parts(wb_sv(rest.p + 2, rest.n - 2), &p, err);
	if (rc)
		return rc;
	u->scheme = scheme;
	u->has_password = p.password.n > 0;
	add_url(&text, scheme, &p, false);
	add_url(&safe, scheme, &p, true);
	if (take(a, &text, &u->text, err) || take(a, &safe, &u->safe, err) || split_hosts(a, p.hosts, u, err))
		return WB_ENOMEM;
	if ((p.user.n && !(u->user = decoded(a, p.user))) || (p.database.n && !(u->database = decoded(a, p.database))))
		return wb_err_nomem(err);
	return put_query(a, p.query, u, err);
}

/* ---- libpq's key = value form ------------------------------------------------------- */

/* The next key and value, unquoted into `value`; false when there is none or it is malformed (*ret_bad). */
static bool next_pair(struct wb_sv *s, struct wb_sv *ret_key, struct wb_str *value, bool *ret_bad)
{
	size_t i = 0, start;
	bool quoted;

	*s = wb_sv_trim(*s);
	if (s->n == 0)
		return false;
	*ret_bad = true;
	start = find_any(*s, "= \t\r\n");
	*ret_key = wb_sv(s->p, start);
	for (i = start; i < s->n && is_in(s->p[i], " \t\r\n"); i++)
		;
	if (start == 0 || !all_in(*ret_key, ALNUM "_") || i == s->n || s->p[i] != '=')
		return false;
	for (i++; i < s->n && is_in(s->p[i], " \t\r\n"); i++)
		;
	quoted = i < s->n && s->p[i] == '\'';
	for (i += quoted; i < s->n && !is_in(s->p[i], quoted ? "'" : " \t\r\n"); i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		wb_str_addc(value, s->p[i]);
	}
	if (quoted && i == s->n)
		return false;
	i += quoted;
	*ret_bad = false;
	*s = wb_sv(s->p + i, s->n - i);
	return true;
}

static void add_pair(struct wb_str *out, struct wb_sv key, struct wb_sv value, bool safe)
{
	size_t i;

	wb_str_addf(out, "%s%.*s='", out->n ? " " : "", WB_SV_ARG(key));
	/* A URL given as database name may hold a password of its own. */
	if (safe && (is_secret_key(key) || (memmem(value.p, value.n, "://", 3) && memchr(value.p, '@', value.n))))
		value = WB_SV("***");
	for (i = 0; i < value.n; i++) {
		if (is_in(value.p[i], "'\\"))
			wb_str_addc(out, '\\');
		wb_str_addc(out, value.p[i]);
	}
	wb_str_addc(out, '\'');
}

static int parse_pairs(struct wb_arena *a, struct wb_sv rest, struct wb_url *u, struct wb_error *err)
{
	wb_autostr value = WB_STR_INIT, text = WB_STR_INIT, safe = WB_STR_INIT;
	struct wb_sv key;
	bool bad = false;

	u->scheme = "postgres";
	while (next_pair(&rest, &key, &value, &bad)) {
		add_pair(&text, key, wb_str_sv(&value), false);
		add_pair(&safe, key, wb_str_sv(&value), true);
		if (value.failed || put_field(a, key, wb_str_sv(&value), u, err))
			return wb_err_nomem(err);
		wb_str_clear(&value);
	}
	if (bad) {
		(void)wb_err_set(err, WB_EUSAGE, "the connection string cannot be read");
		wb_err_hint(err,
			    "its form is host=localhost dbname=app user=me; values with blanks stand in single quotes");
		return WB_EUSAGE;
	}
	if (take(a, &text, &u->text, err))
		return WB_ENOMEM;
	return take(a, &safe, &u->safe, err);
}

/* ---- all of them ---------------------------------------------------------------------- */

static const struct {
	const char *scheme;
	int (*parse)(struct wb_arena *a, const char *scheme, struct wb_sv rest, struct wb_url *u, struct wb_error *err);
} schemes[] = {
	{ "sqlite", parse_sqlite },        { "sqlite3", parse_sqlite },  { "postgres", parse_authority },
	{ "postgresql", parse_authority }, { "neo4j", parse_authority }, { "neo4j+s", parse_authority },
	{ "neo4j+ssc", parse_authority },  { "bolt", parse_authority },  { "bolt+s", parse_authority },
	{ "bolt+ssc", parse_authority },
};

static int unreadable(const char *why, struct wb_error *err)
{
	(void)wb_err_set(err, WB_EUSAGE, "%s", why);
	wb_err_hint(err, "write sqlite:app.db for a file, postgres://user:password@host:port/database for a server");
	return WB_EUSAGE;
}

static int parse(struct wb_arena *a, struct wb_sv s, struct wb_url *u, struct wb_error *err)
{
	struct wb_sv scheme = s, rest = { "", 0 };
	size_t i;

	if (find_any(s, "=") < find_any(s, ":/"))
		return parse_pairs(a, s, u, err);
	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f || coded_byte(wb_sv(s.p + i, s.n - i)) == 0)
			return unreadable("the database URL holds a control character", err);
	if (!cut_first(&scheme, ':', &rest) || !all_in(scheme, ALNUM "+.-"))
		return unreadable("the database URL has no scheme", err);
	for (i = 0; i < WB_ARRAY_LEN(schemes); i++)
		if (wb_sv_ieq(scheme, schemes[i].scheme))
			return schemes[i].parse(a, schemes[i].scheme, rest, u, err);
	return unreadable("the database URL has an unknown scheme", err);
}

int wb_url_parse(struct wb_arena *a, const char *text, struct wb_url *ret_url, struct wb_error *err)
{
	struct wb_sv s = wb_sv_trim(wb_sv_str(text));
	struct wb_url u = { 0 };
	int rc;

	if (s.n == 0)
		return unreadable("the database URL is empty", err);
	u.text = u.safe = wb_arena_sv(a, s);
	if (!u.text)
		return wb_err_nomem(err);
	rc = parse(a, s, &u, err);
	if (rc == 0)
		*ret_url = u;
	return rc;
}
