/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a migration file: sections lie in order inside the file, what
 * the load says of statements is what streaming them gives, and line ends do not
 * change the checksums.
 */
#include <stdint.h>
#include <stdio.h>

#include "source/source.h"

#define ALL ((1u << WB_SEC_COUNT) - 1)
#define UPS (1u << WB_SEC_UP | 1u << WB_SEC_EXPAND | 1u << WB_SEC_BACKFILL | 1u << WB_SEC_CONTRACT)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static struct wb_source *load(const char *text, enum wb_dialect dialect)
{
	struct wb_embedded file = { "V1__x.sql", text };
	struct wb_source_options o = { .embedded = &file, .n_embedded = 1, .dialect = dialect };
	struct wb_source *s = NULL;
	struct wb_error err;

	check(wb_source_open(&o, &s, &err) == 0, "a single file never fails a load");
	check(s->n == 1, "the file is there");
	return s;
}

static bool is_understood(const struct wb_source *s)
{
	for (size_t i = 0; i < s->n_problems; i++)
		if (!s->problems[i].warning && strcmp(s->problems[i].kind, "empty") != 0)
			return false;
	return true;
}

static void check_sections(const struct wb_migration *m, size_t size)
{
	uint64_t at = 0;

	for (size_t i = 0; i < m->n_sections; i++) {
		const struct wb_section *s = &m->sections[i];
		check(s->heading >= at, "sections rise");
		check(s->start.offset >= s->heading && s->end >= s->start.offset,
		      "a section is no shorter than nothing");
		check(s->end <= size, "a section ends in the file");
		check(i + 1 == m->n_sections || m->sections[i + 1].heading == s->end, "sections touch");
		at = s->end;
	}
	check(m->n_sections > 0 && at == size, "the last section ends with the file");
}

/* The number of statements of kinds; -1 when the text cannot be read. */
static long count(const struct wb_migration *m, unsigned kinds, enum wb_dialect dialect, size_t size)
{
	static const struct wb_variable variables[] = { { "a", "value" }, { "b", "" } };
	struct wb_stmt_options o = { dialect, variables, 2, true };
	struct wb_statements *s = NULL;
	struct wb_item item;
	struct wb_error err;
	long n = 0;
	int rc = wb_statements_open(m, kinds, &o, &s, NULL);

	while (rc == 0) {
		memset(&err, 0, sizeof(err));
		rc = wb_statements_next(s, &item, NULL, &err);
		if (rc || item.kind == WB_ITEM_END)
			break;
		check(item.pos.offset < size && item.end.offset <= size, "an item lies in the file");
		wb_statements_place(s, item.text.n / 2, &err);
		n++;
	}
	check(rc == 0 || rc == WB_EINPUT, "only wrong text stops the statements");
	check(rc == 0 || err.line > 0, "an error has a place");
	wb_statements_close(s);
	return rc ? -1 : n;
}

/* The same text with CRLF. */
static void check_line_ends(const char *text, const struct wb_source *s, enum wb_dialect dialect)
{
	wb_autostr crlf = WB_STR_INIT;
	struct wb_source *other;

	for (const char *p = text; *p; p++)
		wb_str_addn(&crlf, *p == '\n' ? "\r\n" : p, *p == '\n' ? 2 : 1);
	check(!crlf.failed, "memory");
	other = load(crlf.p, dialect);
	check(memcmp(s->v[0]->checksum, other->v[0]->checksum, 32) == 0, "CRLF keeps the checksum");
	check(memcmp(s->v[0]->down_checksum, other->v[0]->down_checksum, 32) == 0, "CRLF keeps the down checksum");
	wb_source_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum wb_dialect dialect = size && data[0] & 1 ? WB_DIALECT_SQLITE : WB_DIALECT_POSTGRES;
	char *text = calloc(size + 1, 1); /* the input is no string: strndup may look one byte beyond it */
	struct wb_source *s;
	const struct wb_migration *m;
	size_t n;

	check(text != NULL, "memory");
	if (size > 1)
		memcpy(text, data + 1, size - 1);
	n = strlen(text);
	s = load(text, dialect);
	m = s->v[0];
	check_sections(m, n);
	long ups = count(m, UPS, dialect, n), all = count(m, ALL, dialect, n);
	if (is_understood(s)) {
		check(ups < 0 || (ups > 0) == m->has_up, "has_up");
		check(all < 0 || all >= ups, "all sections hold no less than some");
		if (!strchr(text, '\r'))
			check_line_ends(text, s, dialect);
	}
	wb_source_free(s);
	free(text);
	return 0;
}
