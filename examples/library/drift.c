/* SPDX-License-Identifier: Apache-2.0
 * Prints how a database differs from what it should be: ./drift sqlite:app.db schema.snapshot (or a folder) */
#include <stdio.h>
#include <whimbrel/whimbrel.h>

int main(int argc, char **argv)
{
	struct wb_options options = { .size = sizeof(options), .url = argc > 2 ? argv[1] : "sqlite:app.db" };
	struct wb_context *context = NULL;
	struct wb_schema *expected = NULL, *actual = NULL;
	struct wb_schema_comparison *drift = NULL;
	struct wb_error err = { 0 };
	int rc = wb_open(&options, &context, &err);
	if (rc == 0)
		rc = wb_schema_read(context, argc > 2 ? argv[2] : "migrations", NULL, &expected, &err);
	if (rc == 0)
		rc = wb_schema_read(context, NULL, NULL, &actual, &err);
	if (rc == 0)
		rc = wb_schema_compare(expected, actual, &drift, &err);
	for (size_t i = 0; drift && i < drift->n_differences; i++) {
		const struct wb_schema_difference *d = &drift->differences[i];
		printf("%s: %s %s%s%s\n", d->type, d->kind, d->object, d->attribute ? " " : "",
		       d->attribute ? d->attribute : "");
	}
	if (rc < 0)
		fprintf(stderr, "%s\n", err.message);
	return rc < 0 ? wb_code_exit_status(rc) : drift->n_differences > 0;
}
