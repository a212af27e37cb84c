/* SPDX-License-Identifier: Apache-2.0
 *
 * URLs: what each form means, what is refused, and that no password is ever
 * told. Expected values are written down, not computed.
 */
#include "tests.h"

static bool same(const char *got, const char *expected)
{
	return got && expected ? strcmp(got, expected) == 0 : !got && !expected;
}

static void show(const char *input, const char *what, const char *got, const char *expected)
{
	print_error("%s: %s is %s, expected %s\n", input, what, got ? got : "(null)", expected ? expected : "(null)");
}

struct expectation {
	const char *input, *text, *safe, *scheme, *database, *host, *port, *user;
	bool has_password;
};

static void check(const struct expectation *x)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error err = { 0 };
	struct wb_url u = { 0 };
	bool good = true;

	assert_ok(wb_url_parse(&a, x->input, &u, &err), &err);
#define X(field) \
	if (!same(u.field, x->field)) \
		show(x->input, #field, u.field, x->field), good = false;
	X(text)
	X(safe)
	X(scheme)
	X(database)
	X(host)
	X(port)
	X(user)
#undef X
	assert_true(good);
	assert_int_equal(u.has_password, x->has_password);
}

static void test_sqlite(void **state)
{
	static const char *const paths[][2] = {
		{ "sqlite:app.db", "app.db" },
		{ "sqlite:./a/b.db", "./a/b.db" },
		{ "sqlite:/abs/app.db", "/abs/app.db" },
		{ "sqlite:///abs/app.db", "/abs/app.db" },
		{ "sqlite://rel/app.db", "rel/app.db" },
		{ "sqlite3:app.db", "app.db" },
		{ "SQLite:app.db", "app.db" },
		{ " sqlite:app.db\n", "app.db" },
		{ "sqlite:my%20app.db", "my app.db" },
		{ "sqlite:my app.db", "my app.db" },
		{ "sqlite:100%.db", "100%.db" },
		{ "sqlite:50%25.db", "50%.db" },
		{ "sqlite:what%3F.db", "what?.db" },
		{ "sqlite:a%23b", "a#b" },
		{ "sqlite:c:/x", "c:/x" },
		{ "sqlite:a@b=c", "a@b=c" },
		{ "sqlite::memory:", ":memory:" },
		{ "sqlite://:memory:", ":memory:" },
		{ "sqlite:///:memory:", ":memory:" },
		{ "sqlite:\xc3\xa9.db", "\xc3\xa9.db" },
		{ "sqlite:%C3%A9.db", "\xc3\xa9.db" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(paths); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		struct wb_error err = { 0 };
		struct wb_url u = { 0 };

		assert_ok(wb_url_parse(&a, paths[i][0], &u, &err), &err);
		assert_string_equal(u.database, paths[i][1]);
		assert_true(wb_sv_starts(wb_sv_str(u.scheme), "sqlite"));
		assert_string_equal(u.text, u.safe);
		assert_false(u.has_password);
		assert_null(u.host);
		assert_null(u.user);
	}
}

static void test_postgres(void **state)
{
	static const struct expectation x[] = {
		{ "postgres://u:pw@h:5432/d", "postgres://u:pw@h:5432/d", "postgres://u:***@h:5432/d", "postgres", "d",
		  "h", "5432", "u", true },
		{ "POSTGRESQL://h", "postgresql://h", "postgresql://h", "postgresql", NULL, "h", NULL, NULL, false },
		{ "postgres://", "postgres://", "postgres://", "postgres", NULL, NULL, NULL, NULL, false },
		{ "postgres:///d", "postgres:///d", "postgres:///d", "postgres", "d", NULL, NULL, NULL, false },
		{ "postgres://u@h/", "postgres://u@h/", "postgres://u@h/", "postgres", NULL, "h", NULL, "u", false },
		{ "postgres://u:@h/d", "postgres://u:@h/d", "postgres://u:@h/d", "postgres", "d", "h", NULL, "u",
		  false },
		{ "postgres://h1:1,h2,h3:3/d", "postgres://h1:1,h2,h3:3/d", "postgres://h1:1,h2,h3:3/d", "postgres",
		  "d", "h1,h2,h3", "1,,3", NULL, false },
		{ "postgres://[::1]:5433/d", "postgres://[::1]:5433/d", "postgres://[::1]:5433/d", "postgres", "d",
		  "::1", "5433", NULL, false },
		{ "postgres://[fe80::1%eth0]/d", "postgres://[fe80::1%25eth0]/d", "postgres://[fe80::1%25eth0]/d",
		  "postgres", "d", "fe80::1%eth0", NULL, NULL, false },
		{ "postgres://%2Fvar%2Frun:5/d", "postgres://%2Fvar%2Frun:5/d", "postgres://%2Fvar%2Frun:5/d",
		  "postgres", "d", "/var/run", "5", NULL, false },
		{ "postgres:///d?host=/var/run&port=5&user=me", "postgres:///d?host=/var/run&port=5&user=me",
		  "postgres:///d?host=/var/run&port=5&user=me", "postgres", "d", "/var/run", "5", "me", false },
		{ "postgres://h/d?sslmode=require&application_name=a%20b",
		  "postgres://h/d?sslmode=require&application_name=a%20b",
		  "postgres://h/d?sslmode=require&application_name=a%20b", "postgres", "d", "h", NULL, NULL, false },
		{ "postgres://h/d?user=u@x&password=s%26t", "postgres://h/d?user=u%40x&password=s%26t",
		  "postgres://h/d?user=u%40x&password=***", "postgres", "d", "h", NULL, "u@x", true },
		{ "postgres://u:p@h/d?user=a@b&sslmode=require", "postgres://u:p@h/d?user=a%40b&sslmode=require",
		  "postgres://u:***@h/d?user=a%40b&sslmode=require", "postgres", "d", "h", NULL, "a@b", true },
		{ "postgres://h/d?pass%77ord=x&sslpassword=y", "postgres://h/d?pass%77ord=x&sslpassword=y",
		  "postgres://h/d?pass%77ord=***&sslpassword=***", "postgres", "d", "h", NULL, NULL, true },
		{ "postgres://h/d?options=-c a", "postgres://h/d?options=-c%20a", "postgres://h/d?options=-c%20a",
		  "postgres", "d", "h", NULL, NULL, false },
		{ "postgres://h/d?dbname=e&future_key=1", "postgres://h/d?dbname=e&future_key=1",
		  "postgres://h/d?dbname=e&future_key=1", "postgres", "e", "h", NULL, NULL, false },
		{ "postgres://h/a%2Fb%20c", "postgres://h/a%2Fb%20c", "postgres://h/a%2Fb%20c", "postgres", "a/b c",
		  "h", NULL, NULL, false },
		{ "neo4j+s://u:pw@h:7474/d", "neo4j+s://u:pw@h:7474/d", "neo4j+s://u:***@h:7474/d", "neo4j+s", "d", "h",
		  "7474", "u", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(x); i++)
		check(&x[i]);
}

static void test_raw_passwords(void **state)
{
	static const struct expectation x[] = {
		{ "postgres://user:p@ss/w?rd#%@host/db", "postgres://user:p%40ss%2Fw%3Frd%23%25@host/db",
		  "postgres://user:***@host/db", "postgres", "db", "host", NULL, "user", true },
		{ "postgres://u:a@b@h/d", "postgres://u:a%40b@h/d", "postgres://u:***@h/d", "postgres", "d", "h", NULL,
		  "u", true },
		{ "postgres://u:a/b@h", "postgres://u:a%2Fb@h", "postgres://u:***@h", "postgres", NULL, "h", NULL, "u",
		  true },
		{ "postgres://u:a:b@h:1/d", "postgres://u:a%3Ab@h:1/d", "postgres://u:***@h:1/d", "postgres", "d", "h",
		  "1", "u", true },
		{ "postgres://u:a?b@h/d?sslmode=require", "postgres://u:a%3Fb@h/d?sslmode=require",
		  "postgres://u:***@h/d?sslmode=require", "postgres", "d", "h", NULL, "u", true },
		{ "postgres://u:p?user=x@h/d", "postgres://u:p%3Fuser%3Dx@h/d", "postgres://u:***@h/d", "postgres", "d",
		  "h", NULL, "u", true },
		{ "postgres://u:100%@h/d", "postgres://u:100%25@h/d", "postgres://u:***@h/d", "postgres", "d", "h",
		  NULL, "u", true },
		{ "postgres://u:%41%zz@h/d", "postgres://u:%41%25zz@h/d", "postgres://u:***@h/d", "postgres", "d", "h",
		  NULL, "u", true },
		{ "postgres://u:p w@h/d", "postgres://u:p%20w@h/d", "postgres://u:***@h/d", "postgres", "d", "h", NULL,
		  "u", true },
		{ "postgres://u@azure:p@h/d", "postgres://u%40azure:p@h/d", "postgres://u%40azure:***@h/d", "postgres",
		  "d", "h", NULL, "u@azure", true },
		{ "postgres://u:12/34@h/d", "postgres://u:12%2F34@h/d", "postgres://u:***@h/d", "postgres", "d", "h",
		  NULL, "u", true },
		{ "postgres://u:#?/[]@h/d", "postgres://u:%23%3F%2F%5B%5D@h/d", "postgres://u:***@h/d", "postgres", "d",
		  "h", NULL, "u", true },
		{ "postgres://u:\xc3\xa4@h/d", "postgres://u:%C3%A4@h/d", "postgres://u:***@h/d", "postgres", "d", "h",
		  NULL, "u", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(x); i++)
		check(&x[i]);
}

static void test_pairs(void **state)
{
	static const struct expectation x[] = {
		{ "host=h dbname=d user=u port=5", "host='h' dbname='d' user='u' port='5'",
		  "host='h' dbname='d' user='u' port='5'", "postgres", "d", "h", "5", "u", false },
		{ "password = 'it\\'s a \\\\ secret'\thost=/run", "password='it\\'s a \\\\ secret' host='/run'",
		  "password='***' host='/run'", "postgres", NULL, "/run", NULL, NULL, true },
		{ "password=a:b/c@d host=h", "password='a:b/c@d' host='h'", "password='***' host='h'", "postgres", NULL,
		  "h", NULL, NULL, true },
		{ "dbname=postgres://u:pw@h/d", "dbname='postgres://u:pw@h/d'", "dbname='***'", "postgres",
		  "postgres://u:pw@h/d", NULL, NULL, NULL, false },
		{ "host='' user=", "host='' user=''", "host='' user=''", "postgres", NULL, NULL, NULL, NULL, false },
		{ "user=a\\ b", "user='a b'", "user='a b'", "postgres", NULL, NULL, NULL, "a b", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(x); i++)
		check(&x[i]);
}

/* Each holds SECRET where a password could be. */
static const char *const refused[] = {
	"",
	"  ",
	"SECRET",
	"app.db",
	"SECRET:x",
	"mysql://u:SECRET@h/d",
	"sqlite:",
	"sqlite://",
	"sqlite:a?mode=SECRET",
	"sqlite:a#b",
	"sqlite:a%00b",
	"sqlite:a\nb",
	"postgres:u:SECRET@h",
	"postgres:/h/d",
	"postgres://h:SECRET/d",
	"postgres://h:0/d",
	"postgres://h:65536/d",
	"postgres://u:SECRET@h:x/d",
	"postgres://h,/d",
	"postgres://[::1/d",
	"postgres://[]/d",
	"postgres://[::1]5/d",
	"postgres://h/d?sslmode",
	"postgres://h/d?=SECRET",
	"postgres://h/d?a=SECRET=c",
	"postgres://h/d?a=b&&c=d",
	"postgres://h/SECRET@d",
	"postgres://h:5432/SECRET@d",
	"postgres://u:SECRET@h/x@y",
	"postgres://u:12?user=SECRET@h/d",
	"postgres://u:SECRET@/a?user=SECRET@h/d",
	"postgres://u/SECRET@h/d",
	"postgres://u:SECRET%00@h/d",
	"postgres://u:SECRET\x7f@h/d",
	"host=h SECRET",
	"=SECRET",
	"password='SECRET",
	"pass word=SECRET",
	"pass-word=SECRET",
};

static void test_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(refused); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		struct wb_error err = { 0 };
		struct wb_url u = { .text = "untouched" };
		int rc = wb_url_parse(&a, refused[i], &u, &err);

		if (rc != WB_EUSAGE)
			print_error("accepted: %s as %s\n", refused[i], u.text);
		assert_int_equal(rc, WB_EUSAGE);
		assert_string_equal(u.text, "untouched");
		assert_true(err.message[0]);
		assert_null(strstr(err.message, "SECRET"));
		assert_null(strstr(err.detail, "SECRET"));
		assert_null(strstr(err.hint, "SECRET"));
	}
	assert_int_equal(wb_url_parse(&(struct wb_arena)WB_ARENA_INIT, NULL, &(struct wb_url){ 0 }, NULL), WB_EUSAGE);
}

static int parse_for_oom(void *user)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_url u;

	return wb_url_parse(&a, user, &u, NULL);
}

static void test_memory(void **state)
{
	static char urls[][80] = {
		"postgres://us%20er:p@ss@h1:1,h2/d?sslmode=require&user=a&password=x",
		"host=h dbname=d user=u password='x y'",
		"sqlite:a%20b",
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(urls); i++)
		assert_true(wb_oom_run(parse_for_oom, urls[i]) > 0);
}

static void test_with_database(void **state)
{
	static const char *const inputs[][2] = {
		{ "postgres://u:p@h/d", "other" },
		{ "postgres://u:p?w@h/d?sslmode=require", "other" },
		{ "host=h dbname=d", "other" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(inputs); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		struct wb_error err = { 0 };
		struct wb_url u, v;
		char *text;

		assert_ok(wb_url_parse(&a, inputs[i][0], &u, &err), &err);
		text = wb_url_with_database(&a, &u, inputs[i][1]);
		assert_non_null(text);
		assert_ok(wb_url_parse(&a, text, &v, &err), &err);
		assert_string_equal(v.database, inputs[i][1]);
		assert_string_equal(v.host, "h");
	}
}

int test_url(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sqlite),        cmocka_unit_test(test_postgres),
		cmocka_unit_test(test_raw_passwords), cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_refused),       cmocka_unit_test(test_memory),
		cmocka_unit_test(test_with_database),
	};

	return RUN_GROUP("url");
}
