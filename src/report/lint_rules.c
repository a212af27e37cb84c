/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules of lint: one as `explain` shows it, all as a list, as SARIF wants them,
 * and as docs/rules.md.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

static json_t *rule_value(struct wb_json *j, const struct wb_lint_rule *r)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "rule", r->id);
	wb_json_set_text(j, o, "severity", wb_lint_level_name(r->level));
	wb_json_set_text(j, o, "engines", r->engines);
	wb_json_set(j, o, "loses_data", wb_json_bool(r->loses_data));
	wb_json_set_text(j, o, "title", r->title);
	wb_json_set_text(j, o, "reason", r->reason);
	wb_json_set_text(j, o, "example", r->example);
	wb_json_set_text(j, o, "safe", r->safe);
	return o;
}

/* ---- text ---- */

/* Words in lines of at most 92 columns, behind two blanks. */
static void wrapped(struct wb_out *out, const char *text)
{
	struct wb_sv rest = wb_sv_str(text), word;
	unsigned column = 0;

	while (wb_sv_cut(&rest, ' ', &word)) {
		unsigned width = wb_text_width(word);

		if (column && column + 1 + width > 92) {
			wb_out_add(out, "\n");
			column = 0;
		}
		wb_out_add(out, column ? " " : "  ");
		wb_out_addn(out, word.p, word.n);
		column += width + (column ? 1 : 2);
	}
	wb_out_add(out, "\n");
}

static void sql(struct wb_out *out, const char *title, enum wb_style style, const char *text)
{
	struct wb_sv rest = wb_sv_str(text), line;

	if (!text)
		return;
	wb_out_styled(out, style, "\n%s\n", title);
	while (wb_sv_cut(&rest, '\n', &line)) {
		wb_out_add(out, "  ");
		wb_out_addn(out, line.p, line.n);
		wb_out_add(out, "\n");
	}
}

static void rule_text(struct wb_out *out, const struct wb_lint_rule *r)
{
	wb_out_styled(out, WB_BOLD, "%s", r->id);
	wb_out_addf(out, " - %s%s, %s\n", wb_lint_level_name(r->level), r->loses_data ? ", loses data" : "",
		    r->engines);
	wb_out_addf(out, "%s.\n\n", r->title);
	wrapped(out, r->reason);
	sql(out, "It finds", WB_RED, r->example);
	sql(out, "It wants", WB_GREEN, r->safe);
	wb_out_addf(
		out,
		"\nIn a file: -- whimbrel:ignore %s why\nFor all:   lint: { rules: { %s: off } } in whimbrel.yaml\n",
		r->id, r->id);
}

/* ---- Markdown ---- */

static void rule_markdown(struct wb_out *out, const struct wb_lint_rule *r, const char *heading)
{
	wb_out_addf(out, "%s %s\n\n%s. **%s**%s, %s.\n\n%s\n", heading, r->id, r->title, wb_lint_level_name(r->level),
		    r->loses_data ? ", loses data" : "", r->engines, r->reason);
	if (r->example)
		wb_out_addf(out, "\n```sql\n-- finds\n%s\n```\n", r->example);
	if (r->safe)
		wb_out_addf(out, "\n```sql\n-- wants\n%s\n```\n", r->safe);
}

int wb_report_rule(struct wb_out *out, enum wb_format format, const struct wb_lint_rule *rule, struct wb_error *err)
{
	struct wb_json j = { false };

	if (format == WB_FORMAT_JSON)
		return wb_json_print(&j, out, rule_value(&j, rule), err);
	if (format == WB_FORMAT_MARKDOWN)
		rule_markdown(out, rule, "#");
	else
		rule_text(out, rule);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

/* ---- all ---- */

static int rules_json(struct wb_out *out, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *all = wb_json_array(&j);
	struct wb_lint_rule r;
	size_t i;

	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &r);
		wb_json_append(&j, all, rule_value(&j, &r));
	}
	wb_json_set(&j, o, "rules", all);
	return wb_json_print(&j, out, o, err);
}

static void rules_text(struct wb_out *out)
{
	static const struct wb_column columns[] = { { "Rule", false, false },
						    { "Severity", false, false },
						    { "Wants", false, true } };
	struct wb_lint_rule r;
	struct wb_table t;
	size_t i;

	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &r);
		wb_table_add(&t, WB_BOLD, r.id);
		wb_table_add(&t, WB_PLAIN, wb_lint_level_name(r.level));
		wb_table_add(&t, WB_PLAIN, r.title);
	}
	wb_table_print(&t, out, out->columns);
	wb_table_done(&t);
}

int wb_report_rules(struct wb_out *out, enum wb_format format, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return rules_json(out, err);
	if (format == WB_FORMAT_MARKDOWN)
		wb_report_rules_page(out);
	else
		rules_text(out);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

static const char intro[] = "# Rules of lint\n\n"
			    "`whimbrel lint` reads migrations as PostgreSQL's and SQLite's own parsers do, and tells "
			    "what is unsafe on a database in use, why,\n"
			    "and the SQL that does the same safely. `whimbrel explain RULE` prints a section of this "
			    "page. What a table made by the same file\n"
			    "(or, with a database, `--changed-since` or `--staged`, by one of the files that are new "
			    "together) goes through is no finding: nobody\n"
			    "uses it yet, and it is empty.\n\n"
			    "- **error**: others wait for as long as the table is large, it fails when it runs, or "
			    "rows are lost. `lint` answers 1, and 2 where data is\n"
			    "  lost. On tables that the database knows to have fewer than 1,000 rows, waiting is only "
			    "worth a remark (info).\n"
			    "- **warning**: it is short but breaks programs, may be slow, or will hurt later. "
			    "**info**: worth knowing. **off**: a matter of taste.\n\n"
			    "## Taking findings back\n\n"
			    "```sql\n"
			    "-- whimbrel:ignore rename-table nothing reads it yet\n"
			    "ALTER TABLE drafts RENAME TO notes;\n"
			    "DROP INDEX drafts_at; -- whimbrel:ignore drop-index-concurrently the table has ten rows\n"
			    "```\n\n"
			    "On the line above the statement, or on a line of it; several rules are joined by commas. "
			    "Before the first statement of the file, with an\n"
			    "empty line or a section heading between, for the whole file. The reason is wanted: "
			    "without one the comment does not count and is a finding\n"
			    "itself; so is one that takes nothing back.\n\n"
			    "For many files, in `whimbrel.yaml`:\n\n"
			    "```yaml\n"
			    "lint:\n"
			    "  fail_on: warning\n"
			    "  rules:\n"
			    "    varchar-limit: warning\n"
			    "    missing-down: off\n"
			    "  overrides:\n"
			    "    legacy:\n"
			    "      files: \"V00*\"\n"
			    "      reason: applied everywhere before anybody linted\n"
			    "      rules: { index-concurrently: off, timestamp-type: info }\n"
			    "```\n\n"
			    "## The rules\n\n| rule | severity | engines | wants |\n|---|---|---|---|\n";

static void cell(struct wb_out *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			wb_out_add(out, "\\");
		wb_out_addn(out, text, 1);
	}
}

void wb_report_rules_page(struct wb_out *out)
{
	struct wb_lint_rule r;
	size_t i;

	wb_out_add(out, intro);
	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &r);
		wb_out_addf(out, "| [%s](#%s) | %s | %s | ", r.id, r.id, wb_lint_level_name(r.level), r.engines);
		cell(out, r.title);
		wb_out_add(out, " |\n");
	}
	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &r);
		wb_out_add(out, "\n");
		rule_markdown(out, &r, "###");
	}
}

/* ---- SARIF ---- */

static json_t *sarif_text(struct wb_json *j, const char *text)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "text", text);
	return o;
}

static json_t *sarif_rule(struct wb_json *j, const struct wb_lint_rule *r)
{
	static const char *const levels[] = { "none", "note", "warning", "error" };
	json_t *o = wb_json_object(j), *configuration = wb_json_object(j), *help = wb_json_object(j);
	struct wb_out page = WB_OUT_MEMORY;

	rule_markdown(&page, r, "#");
	j->failed |= page.buf.failed;
	wb_json_set_text(j, o, "id", r->id);
	wb_json_set(j, o, "shortDescription", sarif_text(j, r->title));
	wb_json_set(j, o, "fullDescription", sarif_text(j, r->reason));
	wb_json_set_text(j, help, "text", r->reason);
	wb_json_set_text(j, help, "markdown", page.buf.p);
	wb_json_set(j, o, "help", help);
	wb_json_set_text(j, configuration, "level", levels[r->level]);
	wb_json_set(j, o, "defaultConfiguration", configuration);
	wb_out_done(&page);
	return o;
}

static bool is_used(const struct wb_lint *lint, const char *id)
{
	size_t i = 0;

	while (i < lint->n_findings && strcmp(lint->findings[i].rule, id) != 0)
		i++;
	return i < lint->n_findings;
}

json_t *wb_report_lint_rules(struct wb_json *j, const struct wb_lint *lint)
{
	json_t *all = wb_json_array(j);
	struct wb_lint_rule r;
	size_t i;

	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &r);
		if (is_used(lint, r.id))
			wb_json_append(j, all, sarif_rule(j, &r));
	}
	return all;
}
