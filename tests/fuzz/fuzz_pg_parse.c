/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements for PostgreSQL, as any bytes: classified and checked without a
 * crash, by a stack of ordinary size, and the answers agree with each other.
 */
#include "sql/pg_parse.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static void check_text(const char *text, size_t size)
{
	require(memchr(text, '\0', size) != NULL, "a text without end");
}

static void check_info(const struct wb_pg_info *i)
{
	check_text(i->schema, sizeof(i->schema));
	check_text(i->name, sizeof(i->name));
	check_text(i->rel_schema, sizeof(i->rel_schema));
	check_text(i->rel_name, sizeof(i->rel_name));
	check_text(i->object_type, sizeof(i->object_type));
	check_text(i->command, sizeof(i->command));
	require((unsigned)i->kind <= WB_PG_SET, "an unknown kind");
	require(i->reason || (i->kind != WB_PG_UNKNOWN && i->kind != WB_PG_FORBIDDEN), "no reason given");
	require(!i->refuses_transaction || i->kind != WB_PG_PLAIN, "plain, and refuses a transaction");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wb_sv text = { (const char *)data, size };
	struct wb_pg_info info, again;
	struct wb_error err = { 0 };
	size_t offset = 0;
	bool checked = true;
	int rc;

	wb_pg_classify(text, &info);
	check_info(&info);
	wb_pg_classify(text, &again);
	require(info.kind == again.kind && strcmp(info.name, again.name) == 0, "another answer the second time");
	rc = wb_pg_syntax(text, &checked, &offset, &err);
	require(rc == 0 || (rc == WB_EINPUT && checked && offset <= size && err.message[0]),
		"an error without words or place");
	return 0;
}
