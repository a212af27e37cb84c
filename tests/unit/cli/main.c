/* SPDX-License-Identifier: Apache-2.0
 *
 * The unit tests of the cli room: parsers, tables, and which value counts.
 */
#include "tests.h"

#include "base/banned.h"

void cli_done(struct cli *cli)
{
	cli_config_free(cli->config);
	cli_env_done(&cli->env);
	wb_out_done(&cli->out);
	wb_out_done(&cli->note);
	wb_out_done(&cli->events);
	wb_arena_done(&cli->arena);
	*cli = (struct cli)FRESH_CLI;
}

int parse(struct cli *cli, const char *line, struct wb_error *err)
{
	struct wb_sv rest = wb_sv_str(line), word;
	char *argv[32];
	int argc = 0, i, rc;

	argv[argc++] = strdup("whimbrel");
	while (wb_sv_cut(&rest, ' ', &word) && argc < 31)
		argv[argc++] = strndup(word.p, word.n);
	argv[argc] = NULL;
	/* What is kept must not point into the arguments' copies after they are gone, so they live in the arena. */
	for (i = 0; i < argc; i++) {
		char *copy = wb_arena_str(&cli->arena, argv[i]);

		free(argv[i]);
		argv[i] = copy;
		assert_non_null(copy);
	}
	rc = cli_parse(cli, argc, argv, err);
	return rc;
}

int configure(struct cli *cli, const char *yaml, struct wb_error *err)
{
	return cli_config_parse(wb_sv_str(yaml), "whimbrel.yaml", &cli->config, err);
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
