/* SPDX-License-Identifier: Apache-2.0 — what differs: ./drift sqlite:app.db EXPECTED (a snapshot, folder or URL) */
#include <stdio.h>
#include <whimbrel/whimbrel.h>

int main(int argc, char **argv)
{
	static struct wb_options options; /* all zero: the defaults */
	struct wb_context *context = NULL;
	struct wb_schema *expected = NULL, *actual = NULL;
	struct wb_schema_comparison *drift = NULL;
	struct wb_error err;
	options.size = sizeof(options);
	options.url = argc == 3 ? argv[1] : "";
	int rc = wb_open(&options, &context, &err), found = 0;
	if (rc == 0 && (rc = wb_schema_read(context, argv[2], NULL, &expected, &err)) == 0 &&
	    (rc = wb_schema_read(context, NULL, NULL, &actual, &err)) == 0)
		rc = wb_schema_compare(expected, actual, &drift, &err);
	for (size_t i = 0; drift && i < drift->n_differences; i++, found = 1) {
		const struct wb_schema_difference *d = &drift->differences[i];
		printf("%s: %s %s %s\n", d->type, d->kind, d->object, d->attribute ? d->attribute : "");
	}
	if (rc < 0)
		fprintf(stderr, "%s\n", err.message);
	wb_schema_comparison_free(drift);
	wb_schema_free(actual);
	wb_schema_free(expected);
	wb_close(context);
	return rc < 0 ? wb_code_exit_status(rc) : found;
}
