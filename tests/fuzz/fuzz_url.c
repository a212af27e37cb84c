/* SPDX-License-Identifier: Apache-2.0
 *
 * Database URLs. What is accepted must read the same when it is read again, and
 * what is shown of it, or of a refusal, must not hold the password.
 */
#include "driver/driver.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static void check_again(const struct wb_url *u)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_url v = { 0 }, shown = { 0 };

	require(wb_url_parse(&a, u->text, &v, NULL) == 0, "what was put together cannot be read");
	require(same(u->text, v.text) && same(u->safe, v.safe), "the text changes when read again");
	require(same(u->database, v.database) && same(u->host, v.host) && same(u->port, v.port) &&
			same(u->user, v.user) && u->has_password == v.has_password,
		"the meaning changes when read again");
	require(wb_url_parse(&a, u->safe, &shown, NULL) == 0, "what is shown cannot be read");
}

/* The input as a password: whatever else it is taken for, no message may hold it. */
static void check_password(const char *text)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error err = { 0 };
	struct wb_url u = { 0 };
	char *url = wb_arena_printf(&a, "postgres://user:<<%s>>@host:5432/database", text);
	int rc;

	require(url != NULL, "no memory");
	rc = wb_url_parse(&a, url, &u, &err);
	if (rc == 0)
		require(!strstr(u.safe, "<<") && !strstr(u.safe, "%3C%3C"), "the password is shown");
	else
		require(!strstr(err.message, "<<") && !strstr(err.detail, "<<") && !strstr(err.hint, "<<"),
			"the password is told");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error err = { 0 };
	struct wb_url u = { 0 };
	char *text = wb_arena_sv(&a, wb_sv((const char *)data, size));

	if (!text || strlen(text) != size)
		return 0;
	if (wb_url_parse(&a, text, &u, &err) == 0)
		check_again(&u);
	else
		require(err.code == WB_EUSAGE && err.message[0], "a refusal without words");
	check_password(text);
	return 0;
}
