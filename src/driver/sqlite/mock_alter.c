/* SPDX-License-Identifier: Apache-2.0
 *
 * ALTER TABLE in the forms that sqlite3 lacks, on a mock: the table's text is taken
 * apart, altered, written again, and the table made of it, as a run builds it anew.
 */
#include "driver/sqlite/mock.h"
#include "driver/sqlite/parse.h"

#include <strings.h>

/* ---- writing a table ---------------------------------------------------------------------- */

static void add_column(struct wb_str *out, const struct wb_sqlite_column *c)
{
	wb_quote_ident(out, wb_sv_str(c->name));
	if (c->type)
		wb_str_addf(out, " %s", c->type);
	if (c->key)
		wb_str_addf(out, " %s", c->key);
	if (c->not_null)
		wb_str_add(out, " NOT NULL");
	if (c->value)
		wb_str_addf(out, " DEFAULT %s", c->value);
	if (c->collate)
		wb_str_addf(out, " COLLATE %s", c->collate);
	if (c->generated)
		wb_str_addf(out, " AS (%s) %s", c->generated, c->stored ? "STORED" : "VIRTUAL");
}

static void add_constraint(struct wb_str *out, const struct wb_sqlite_constraint *k)
{
	if (k->name) {
		wb_str_add(out, "CONSTRAINT ");
		wb_quote_ident(out, wb_sv_str(k->name));
		wb_str_addc(out, ' ');
	}
	wb_str_add(out, k->type);
	wb_str_addf(out, " (%s%s)", k->expression ? k->expression : k->columns,
		    k->autoincrement ? " AUTOINCREMENT" : "");
	if (k->references)
		wb_str_addf(out, " REFERENCES %s", k->references);
}

/* What is missing (actions of foreign keys, conflicts) changes nothing that could be refused. */
static void add_table(struct wb_str *out, const char *name, const struct wb_sqlite_table *t)
{
	wb_str_add(out, "CREATE TABLE ");
	wb_quote_ident(out, wb_sv_str(name));
	for (size_t i = 0; i < t->n_columns; i++) {
		wb_str_add(out, i ? ", " : " (");
		add_column(out, &t->columns[i]);
	}
	for (size_t i = 0; i < t->n_constraints; i++) {
		wb_str_add(out, ", ");
		add_constraint(out, &t->constraints[i]);
	}
	wb_str_addf(out, ")%s%s%s", t->without_rowid ? " WITHOUT ROWID" : "", t->without_rowid && t->strict ? "," : "",
		    t->strict ? " STRICT" : "");
}

/* ---- making it anew -------------------------------------------------------------------------- */

struct texts {
	WB_VEC(const char *) v;
};

/* Indexes and triggers, which go with the table. */
static int keep_texts(struct wb_sqlite_mock *m, struct wb_arena *a, const char *table, struct texts *ret_texts)
{
	static const char sql[] =
		"SELECT sql FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL "
		"AND type IN ('index', 'trigger') ORDER BY rowid";
	wb_autostmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(m->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *text = wb_arena_str(a, (const char *)sqlite3_column_text(stmt, 0));
		rc = text && wb_vec_push(&ret_texts->v, text) ? SQLITE_OK : SQLITE_NOMEM;
	}
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Views and triggers are not looked through as they would be by a rename; an index on what is gone is gone. */
static int replace(struct wb_sqlite_mock *m, const char *name, const struct wb_sqlite_table *t)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr drop = WB_STR_INIT, make = WB_STR_INIT;
	struct texts texts = { 0 };
	int rc = keep_texts(m, &a, name, &texts);

	wb_str_add(&drop, "DROP TABLE main.");
	wb_quote_ident(&drop, wb_sv_str(name));
	add_table(&make, name, t);
	if (rc == SQLITE_OK)
		rc = drop.failed || make.failed ? SQLITE_NOMEM : wb_sqlite_mock_run(m, wb_str_sv(&drop));
	if (rc == SQLITE_OK)
		rc = wb_sqlite_mock_run(m, wb_str_sv(&make));
	for (size_t i = 0; rc == SQLITE_OK && i < texts.v.n; i++)
		(void)wb_sqlite_mock_run(m, wb_sv_str(texts.v.v[i]));
	wb_vec_done(&texts.v);
	return rc;
}

static int alter_text(struct wb_sqlite_mock *m, struct wb_arena *a, struct wb_sqlite_alter *alter, const char *text,
		      struct wb_error *err)
{
	struct wb_sqlite_tokens tokens = { 0 };
	struct wb_sqlite_table table = { 0 };
	int rc = wb_sqlite_tokens_read(&tokens, wb_sv_str(text)) ? 0 : wb_err_nomem(err);
	int understood = rc ? rc : wb_sqlite_parse_table(a, &tokens, &table);

	if (understood == 0)
		rc = wb_err_set(err, WB_EUNSUPPORTED, "the table is not understood");
	else
		rc = understood < 0 ? wb_err_nomem(err) : wb_sqlite_alter_apply(a, alter, alter->table, &table, err);
	if (rc == 0 && replace(m, alter->table, &table) != SQLITE_OK)
		rc = wb_sqlite_mock_doubt(m, wb_sv_str(alter->table), err);
	wb_sqlite_table_done(&table);
	wb_vec_done(&tokens);
	return rc;
}

/* Of a table that is not there, or not as it will be, only the form counts. */
static int check_form(struct wb_arena *a, struct wb_sqlite_alter *alter, struct wb_error *err)
{
	struct wb_sqlite_table any = { 0 };
	int rc = wb_sqlite_alter_apply(a, alter, NULL, &any, err);

	wb_sqlite_table_done(&any);
	return rc;
}

int wb_sqlite_mock_alter(struct wb_sqlite_mock *m, struct wb_sv sql, size_t *ret_offset, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_sqlite_alter alter = { 0 };
	int rc = wb_sqlite_alter_read(&a, sql, &alter, err);
	const char *text = rc == 0 && alter.table ? wb_sqlite_mock_text(m, alter.table) : NULL;

	if (rc == 0 && text && !wb_sqlite_mock_doubted(m, wb_sv_str(alter.table)))
		rc = alter_text(m, &a, &alter, text, err);
	else if (rc == 0)
		rc = check_form(&a, &alter, err);
	*ret_offset = rc ? alter.offset : *ret_offset;
	if (rc == 0 && !text && !alter.if_exists)
		rc = alter.table ? wb_err_set(err, WB_ENOTFOUND, "no such table: %s", alter.table)
				 : wb_err_set(err, WB_EUNSUPPORTED, "it is in another database");
	wb_sqlite_alter_done(&alter);
	return rc;
}
