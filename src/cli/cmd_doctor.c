/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel doctor: is everything well?
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

static int run(struct cli *cli, struct wb_error *err)
{
	struct wb_doctor *doctor = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_open_one(cli, &context, err), status;

	if (rc == 0)
		rc = wb_doctor(context, &doctor, err);
	if (rc < 0)
		return rc;
	rc = wb_report_doctor(&cli->out, (enum wb_format)cli->g.output, doctor, err);
	status = strcmp(doctor->verdict, "OK") == 0 ? 0 : strcmp(doctor->verdict, "DEGRADED") == 0 ? 1 : 2;
	wb_doctor_free(doctor);
	return rc < 0 ? rc : status;
}

static const struct cli_example examples[] = { { "doctor", "all checks" }, { .command = NULL } };
static const struct cli_exit exits[] = { { 0, "OK" }, { 1, "DEGRADED" }, { 2, "FAILED" }, { -1, NULL } };

const struct cli_command cmd_doctor = {
	.name = "doctor",
	.summary = "connectivity, integrity, versions, privileges, performance",
	.about = "Looks at everything that a run would depend on, changes nothing, and says what to do about what it "
		 "finds.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_USES_DIR,
	.formats = CLI_TEXT_AND_JSON,
	.examples = examples,
	.exits = exits,
	.run = run,
};
