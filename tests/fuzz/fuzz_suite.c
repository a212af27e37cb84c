/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a suite of checks: what is taken has a name, a kind and a place
 * for every check, what is refused has a message and a place in the file; and
 * any bytes as a line that a program prints.
 */
#include <stdint.h>
#include <stdio.h>

#include "cli/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void check_line(struct wb_arena *a, const uint8_t *data, size_t size)
{
	const char *text = wb_arena_sv(a, wb_sv((const char *)data, size));
	struct wb_check_line line = { .severity = WB_CHECK_ERROR };

	check(text != NULL, "memory");
	if (cli_suite_line(a, text, &line) == 0)
		check(line.message && line.severity <= WB_CHECK_CRITICAL, "a line has a message");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error err = { .code = 0 };
	struct cli_suite s;
	int rc;

	if (size > 64 * 1024)
		return 0;
	check_line(&a, data, size);
	rc = cli_suite_parse(&a, wb_sv((const char *)data, size), "fuzz.yaml", &s, &err);
	if (rc < 0) {
		check(rc == WB_EINPUT && err.message[0] != '\0', "what is refused says why");
		check(strcmp(err.file, "fuzz.yaml") == 0 && err.line <= size + 1, "and where");
		check(err.caret <= strlen(err.excerpt), "the caret stands under the line");
		return 0;
	}
	check(s.suite.name != NULL, "a suite has a name");
	for (size_t i = 0; i < s.suite.n_checks; i++) {
		const struct wb_check *c = &s.suite.checks[i];

		check(c->name && c->group && c->kind > WB_CHECK_KIND_NONE && c->kind < WB_CHECK_KIND_COUNT,
		      "a check is whole");
		check(c->line >= 1 && c->line <= size + 1 && c->severity <= WB_CHECK_CRITICAL, "a check has a place");
		err.code = WB_EINPUT;
		wb_err_place(&err, "fuzz.yaml", c->line, c->column);
		cli_suite_excerpt(&s, &err);
	}
	return 0;
}
