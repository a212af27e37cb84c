/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about rows: what loses them, what touches all of them at once.
 */
#include "safety/lint.h"

/* Contracting is what loses; who writes the section says that nothing uses it any more. */
static bool is_contract(const struct wb_look *l)
{
	return wb_in_section(l, WB_SEC_CONTRACT);
}

static void drop_table(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool data = op->kind == WB_KIND_TABLE || op->kind == WB_KIND_VIRTUAL_TABLE || op->kind == WB_KIND_FOREIGN_TABLE;
	const struct wb_seen_table *t = wb_seen_find(&l->run->seen, &op->table);
	if (!data || is_contract(l) || wb_is_new(l, &op->table) || (t && t->kind != WB_KIND_TABLE && t->file))
		return;
	const char *table = wb_shown(l, &op->table), *size = wb_size(l, &op->table);
	if (wb_is_kept(l)) {
		wb_find_kept(l, "programs that still use %s fail; its rows%s are set aside (%s)", table, size,
			     l->run->trash);
		return;
	}
	struct wb_lint_finding *f =
		wb_find(l, "the rows of %s%s are lost, and programs that still use it fail", table, size);
	wb_hint(l, f, "rename it first and drop it in a later release; `trash: on` keeps the rows for a while");
}

/* The other half of building a table anew: its rows were copied before. */
static bool is_rebuild(struct wb_look *l)
{
	for (const struct wb_lint_stmt *st = l->file->v; st < l->stmt; st++) {
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *op = &st->ops.v[i];
			if (op->code == WB_OP_INSERT && op->other.name && wb_same_name(l, &op->other, &l->op->table))
				return true;
		}
	}
	return false;
}

static void drop_table_rule(struct wb_look *l)
{
	if (!is_rebuild(l))
		drop_table(l);
}

static void drop_column(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (is_contract(l) || wb_is_new(l, &op->table))
		return;
	if (wb_is_kept(l)) {
		wb_find_kept(l, "programs that still use %s.%s fail; its values are set aside (%s)",
			     wb_shown(l, &op->table), op->object.name, l->run->trash);
		return;
	}
	struct wb_lint_finding *f = wb_find(l, "what %s.%s holds is lost, and programs that still use it fail",
					    wb_shown(l, &op->table), op->object.name);
	wb_hint(l, f,
		"let programs stop using it, then drop it in a later release, in a `-- migrate:contract` section");
}

static void drop_schema(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool schema = op->code == WB_OP_DROP && op->kind == WB_KIND_SCHEMA;
	bool database = op->code == WB_OP_DATABASE && op->expr && !strcmp(op->expr, "drop") && op->noun &&
			!strcmp(op->noun, "database");
	if (!schema && !database)
		return;
	struct wb_lint_finding *f =
		wb_find(l, "all that is in %s %s is lost", schema ? "schema" : "database", wb_shown(l, &op->object));
	wb_hint(l, f, "drop what is in it object by object, so that each is seen");
}

static void cascade(struct wb_look *l)
{
	if (!(l->op->flags & WB_WITH_CASCADE) || is_contract(l))
		return;
	bool rows = l->op->code == WB_OP_TABLE_TRUNCATE;
	struct wb_lint_finding *f = wb_find(l,
					    rows ? "CASCADE empties every table that refers to %s, too"
						 : "CASCADE drops whatever needs %s, whoever made it",
					    wb_shown(l, l->op->object.name ? &l->op->object : &l->op->table));
	if (f && wb_is_kept(l))
		f->loses_data = false; /* what it takes is set aside, or `up` refuses */
	wb_hint(l, f, "name what goes; without CASCADE the database tells what still needs it");
	size_t at = wb_word_at(l, "CASCADE", 0);
	if (at != SIZE_MAX)
		wb_safe(l, f, "%s", wb_without(l, "CASCADE"));
}

static void truncate(struct wb_look *l)
{
	if (wb_is_new(l, &l->op->table))
		return;
	const char *table = wb_shown(l, &l->op->table), *size = wb_size(l, &l->op->table);
	if (wb_is_kept(l)) {
		wb_find_kept(l, "nobody can use %s while its rows%s are copied; they are set aside (%s)", table, size,
			     l->run->trash);
		return;
	}
	struct wb_lint_finding *f =
		wb_find(l, "the rows of %s%s are lost, and nobody can use it meanwhile", table, size);
	wb_hint(l, f, "delete in batches what has to go; `trash: on` keeps the rows for a while");
}

static void whole_update(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if ((op->flags & WB_WITH_WHERE) || wb_is_new(l, &op->table))
		return;
	struct wb_lint_finding *f = wb_find_at(
		l, wb_by_size(l, &op->table, WB_LINT_WARNING),
		wb_is_lite(l) ? "all rows of %s%s are written in one transaction: nobody else writes to the "
				"database until it ends"
			      : "all rows of %s%s are written in one transaction, and stay locked until it ends",
		wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f,
		"update in batches by key, each in a transaction of its own (transaction:false); name the rows in a "
		"WHERE");
	if (op->n_columns && op->columns[0])
		wb_safe(l, f, "%.*s\n WHERE %s IS NULL AND id BETWEEN … AND …;", WB_SV_ARG(l->stmt->text),
			wb_ident(l, op->columns[0]));
}

static void whole_delete(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if ((op->flags & WB_WITH_WHERE) || wb_is_new(l, &op->table) || is_contract(l))
		return;
	const char *table = wb_shown(l, &op->table), *size = wb_size(l, &op->table);
	if (wb_is_kept(l)) {
		wb_find_kept(l, "every row of %s%s is deleted, and set aside (%s)", table, size, l->run->trash);
		return;
	}
	struct wb_lint_finding *f = wb_find(l, "every row of %s%s is lost", table, size);
	wb_hint(l, f, "say which rows are meant, and delete many in batches");
	wb_safe(l, f, "%.*s\n WHERE …;", WB_SV_ARG(l->stmt->text));
}

/* A column is dropped by the file that copied it: no program had time to follow, and there is no way back, unless its
 * values are set aside: of that drop_column() tells. */
static void drop_with_copy(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (is_contract(l) || wb_is_new(l, &op->table) || wb_is_kept(l))
		return;
	for (const struct wb_lint_stmt *st = l->file->v; st < l->stmt; st++) {
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *copy = &st->ops.v[i];
			bool updates = copy->code == WB_OP_UPDATE && wb_same_name(l, &copy->table, &op->table);
			bool reads = copy->code == WB_OP_INSERT && wb_same_name(l, &copy->other, &op->table);
			if ((!updates && !reads) || !op->object.name ||
			    !memmem(st->text.p, st->text.n, op->object.name, strlen(op->object.name)))
				continue;
			struct wb_lint_finding *f = wb_find(l, "%s.%s is dropped by the file whose line %u copies it",
							    wb_shown(l, &op->table), op->object.name, st->pos.line);
			wb_hint(l, f,
				"drop it in a later migration, when programs read the copy and it has been checked");
			return;
		}
	}
}

static void server_file(struct wb_look *l)
{
	const struct wb_lint_stmt *st = l->stmt;
	bool stdin_ = st->info.copy_in || wb_sql_is_copy_from_stdin(st->text);
	bool stdout_ = l->op->code == WB_OP_COPY_OUT && wb_word_at(l, "STDOUT", 0) != SIZE_MAX;
	if (stdin_ || stdout_)
		return;
	struct wb_lint_finding *f = wb_find(l, "COPY %s a file of the server, which no other database has",
					    l->op->code == WB_OP_COPY_IN ? "reads" : "writes");
	wb_hint(l, f, "put the rows into the migration: INSERT, or COPY … FROM STDIN with its data below");
}

static const struct wb_rule rules[] = {
	{ "drop-table",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_LOSES,
	  WB_EACH_OPERATION,
	  { WB_OP_DROP },
	  drop_table_rule,
	  "No table with rows is dropped at once",
	  "Its rows are lost, and every program that still reads it fails. Renamed first, it can be had back. In a `-- "
	  "migrate:contract` section, for a table that the same file made or whose rows it copied before, nothing is "
	  "said; with `trash: on` the rows are kept, and this is a remark.",
	  "DROP TABLE old_orders;",
	  "-- migrate:contract\nDROP TABLE old_orders;" },
	{ "drop-column",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_LOSES,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_DROP },
	  drop_column,
	  "No column is dropped before programs have stopped using it",
	  "What it holds is lost, and statements that name it fail. Programs leave it first; it is dropped in a later "
	  "release, in a "
	  "`-- migrate:contract` section. With `trash: on` its values are kept, and this is a remark.",
	  "ALTER TABLE users DROP COLUMN nickname;",
	  "-- migrate:contract\nALTER TABLE users DROP COLUMN nickname;" },
	{ "drop-schema",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_LOSES,
	  WB_EACH_OPERATION,
	  { WB_OP_DROP, WB_OP_DATABASE },
	  drop_schema,
	  "No schema and no database is dropped",
	  "All that is in it goes with it, unseen.",
	  "DROP SCHEMA audit;",
	  "ALTER SCHEMA audit RENAME TO audit_old;" },
	{ "drop-cascade",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_LOSES | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_DROP, WB_OP_COLUMN_DROP, WB_OP_CONSTRAINT_DROP, WB_OP_TABLE_TRUNCATE, WB_OP_INDEX_DROP },
	  cascade,
	  "No CASCADE",
	  "CASCADE takes with it whatever depends on the object on the database where it runs: views, foreign keys, "
	  "columns, and with "
	  "TRUNCATE the rows of other tables. The file does not say which.",
	  "DROP VIEW active_users CASCADE;",
	  "DROP VIEW active_users;" },
	{ "truncate",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_LOSES,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_TRUNCATE },
	  truncate,
	  "No TRUNCATE",
	  "All rows are lost, under ACCESS EXCLUSIVE, without triggers for each row. With `trash: on` they are kept, "
	  "and "
	  "this is a remark.",
	  "TRUNCATE sessions;",
	  "DELETE FROM sessions WHERE ended < now() - interval '30 days';" },
	{ "update-without-where",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_UPDATE },
	  whole_update,
	  "No UPDATE of a whole table",
	  "It writes every row in one transaction, and cannot be taken up where it stopped. On PostgreSQL each row "
	  "stays "
	  "locked until it ends, and the table grows to twice its size; on SQLite nobody else writes to the database.",
	  "UPDATE users SET state = 'active';",
	  "UPDATE users SET state = 'active' WHERE state IS NULL AND id BETWEEN 1 AND 10000;" },
	{ "delete-without-where",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_LOSES | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_DELETE },
	  whole_delete,
	  "No DELETE of a whole table",
	  "All rows are lost; the WHERE may have been forgotten. With `trash: on` they are kept, and this is a remark.",
	  "DELETE FROM sessions;",
	  "DELETE FROM sessions WHERE ended < '2020-01-01';" },
	{ "drop-with-copy",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_LOSES,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_DROP },
	  drop_with_copy,
	  "A column is not dropped by the migration that copies it",
	  "If the copy was wrong there is nothing to copy again from, and programs had no moment in which both were "
	  "there.",
	  "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL;\nALTER TABLE users "
	  "DROP COLUMN "
	  "first_name;",
	  "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL;" },
	{ "copy-server-file",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_COPY_IN, WB_OP_COPY_OUT },
	  server_file,
	  "No COPY from or to a file of the server",
	  "The file has to lie on every server that the migration will ever run on, and the role may read all its "
	  "files.",
	  "COPY countries FROM '/srv/countries.csv' CSV;",
	  "INSERT INTO countries (code, name) VALUES ('PT', 'Portugal');" },
};
const struct wb_rules wb_rules_data = { rules, WB_ARRAY_LEN(rules) };
