/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about programs that run while the migration does, and about what it
 * promises them.
 */
#include "safety/lint.h"

static void rename_relation(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool relation = op->kind == WB_KIND_TABLE || op->kind == WB_KIND_VIEW ||
			op->kind == WB_KIND_MATERIALIZED_VIEW || op->kind == WB_KIND_FOREIGN_TABLE;
	const struct wb_name to = { op->table.schema, op->expr };
	/* The table that takes its place was dropped before: this is the end of building it anew. */
	const struct wb_seen_table *place = wb_seen_find(&l->run->seen, &to);
	if (!relation || wb_is_new(l, &op->table) || (place && place->dropped))
		return;
	const char *from = wb_ref(l, &op->table), *name = op->expr ? wb_ident(l, op->expr) : "?";
	struct wb_lint_finding *f =
		wb_find(l, "programs that know %s by its name fail from the commit on", wb_shown(l, &op->table));
	wb_hint(l, f,
		wb_is_lite(l)
			? "a view of the old name, in the same migration, answers programs that read; for those that "
			  "write it needs INSTEAD OF triggers"
			: "leave a view of the old name, in the same migration, until no program uses it");
	wb_safe(l, f, "%.*s;\nCREATE VIEW %s AS SELECT * FROM %s;", WB_SV_ARG(l->stmt->text), from, name);
}

static void rename_column(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (op->kind != WB_KIND_COLUMN || wb_is_new(l, &op->table))
		return;
	const char *table = wb_ref(l, &op->table), *to = op->expr ? wb_ident(l, op->expr) : "?";
	struct wb_lint_finding *f = wb_find(l, "statements of running programs that name %s.%s fail from the commit on",
					    wb_shown(l, &op->table), op->object.name);
	wb_hint(l, f,
		"add the new column, keep both the same (a trigger), fill it in batches, let programs move over, drop "
		"the old");
	wb_safe(l, f, "ALTER TABLE %s ADD COLUMN %s …;", table, to);
}

static void move_schema(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool schema = op->code == WB_OP_RENAME && op->kind == WB_KIND_SCHEMA;
	bool relation = op->code == WB_OP_SET_SCHEMA && op->table.name;
	if ((!schema && !relation) || (relation && wb_is_new(l, &op->table)))
		return;
	struct wb_lint_finding *f = wb_find(l, "programs that look for %s where it was fail from the commit on",
					    wb_shown(l, schema ? &op->object : &op->table));
	wb_hint(l, f, "leave views in the old place, in the same migration");
}

static void rename_value(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const char *type = wb_ref(l, &op->object);
	struct wb_lint_finding *f =
		wb_find(l, "programs that write or compare '%s' fail from the commit on", op->expr ? op->expr : "?");
	wb_hint(l, f,
		"add the new value, let programs understand both, change the rows, then leave the old one unused");
	wb_safe(l, f, "ALTER TYPE %s ADD VALUE '%s' AFTER '%s';", type, op->type ? op->type : "…",
		op->expr ? op->expr : "…");
}

static void drop_not_null(struct wb_look *l)
{
	if (wb_is_new(l, &l->op->table))
		return;
	struct wb_lint_finding *f = wb_find(l, "running programs may meet NULL in %s.%s, which could not be there",
					    wb_shown(l, &l->op->table), l->op->object.name);
	wb_hint(l, f, "let programs that read it expect NULL first");
}

static void change_default(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (wb_is_new(l, &op->table))
		return;
	/* A column that this file adds has no programs yet. */
	for (const struct wb_lint_stmt *st = l->file->v; st < l->stmt; st++) {
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *add = &st->ops.v[i];
			if (add->code == WB_OP_COLUMN_ADD && wb_same_name(l, &add->table, &op->table) &&
			    add->object.name && op->object.name && !strcmp(add->object.name, op->object.name))
				return;
		}
	}
	struct wb_lint_finding *f = wb_find(
		l, "programs that insert the old default themselves go on doing so, beside those that leave it out");
	wb_hint(l, f, "let programs name the value in every INSERT until all know the new default");
}

static void privileges(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	struct wb_lint_finding *f;
	if (op->code == WB_OP_PRIVILEGES && (op->flags & WB_WITH_REVERSE))
		f = wb_find(l, "what running programs may do is taken away");
	else if (op->code != WB_OP_PRIVILEGES && !wb_is_new(l, &op->table))
		f = wb_find(l, "which rows of %s programs see changes with the commit", wb_shown(l, &op->table));
	else
		return;
	wb_hint(l, f, "let somebody look who knows the roles; try it with the application's role on a copy");
}

static void row_security(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_name *table = &op->table;
	if (wb_word_at(l, "ENABLE", 0) == SIZE_MAX || wb_is_new(l, table))
		return;
	for (size_t i = 0; i < l->file->n; i++) {
		for (size_t k = 0; k < l->file->v[i].ops.n; k++) {
			const struct wb_operation *policy = &l->file->v[i].ops.v[k];
			if (policy->code == WB_OP_POLICY_CREATE && wb_same_name(l, &policy->table, table))
				return;
		}
	}
	struct wb_lint_finding *f =
		wb_find(l, "no policy is made here: but for its owner everybody sees %s empty", wb_shown(l, table));
	wb_hint(l, f, "make the policies in the same migration, before row level security is switched on");
}

static void extension(struct wb_look *l)
{
	struct wb_lint_finding *f =
		wb_find(l, "what an update of extension %s does is not written here", wb_shown(l, &l->op->object));
	wb_hint(l, f, "try it on a copy; name the version: UPDATE TO '…'");
}

static void replica_identity(struct wb_look *l)
{
	if (wb_is_new(l, &l->op->table))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "subscribers get other old keys of %s from the commit on", wb_shown(l, &l->op->table));
	wb_hint(l, f, "NOTHING makes UPDATE and DELETE of published tables fail; FULL writes whole rows to the log");
}

static void value_in_use(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (!op->expr || !l->stmt->transaction)
		return;
	const char *literal = wb_texts(l, "'%s'", op->expr);
	const struct wb_lint_stmt *end = l->file->v + l->file->n;
	for (const struct wb_lint_stmt *st = l->stmt + 1; st < end; st++) {
		if (st->transaction != l->stmt->transaction || st->ops.n == 0 ||
		    st->ops.v[0].code == WB_OP_ENUM_ADD_VALUE || st->ops.v[0].code == WB_OP_COMMENT ||
		    !memmem(st->text.p, st->text.n, literal, strlen(literal)))
			continue;
		struct wb_lint_finding *f =
			wb_find(l,
				"line %u uses %s in the same transaction: PostgreSQL refuses a new value until it is "
				"committed",
				st->pos.line, literal);
		wb_hint(l, f, "put ADD VALUE into a migration of its own, or write `-- migrate:up transaction:false`");
		return;
	}
}

static bool breaks(const struct wb_operation *op)
{
	static const enum wb_op codes[] = { WB_OP_COLUMN_DROP, WB_OP_COLUMN_SET_NOT_NULL, WB_OP_SET_SCHEMA,
					    WB_OP_ENUM_RENAME_VALUE };
	for (size_t i = 0; i < WB_ARRAY_LEN(codes); i++) {
		if (op->code == codes[i])
			return true;
	}
	bool relation = op->kind == WB_KIND_TABLE || op->kind == WB_KIND_COLUMN || op->kind == WB_KIND_VIEW;
	return relation && (op->code == WB_OP_RENAME || op->code == WB_OP_DROP);
}

static void marked_harmless(struct wb_look *l)
{
	const struct wb_migration *m = l->file->m;
	if (!m || m->header.breaking != WB_NO || !breaks(l->op) || wb_is_new(l, &l->op->table))
		return;
	struct wb_lint_finding *f = wb_find(l, "the file says `Breaking: false`, but programs that use %s may fail",
					    wb_shown(l, l->op->table.name ? &l->op->table : &l->op->object));
	wb_hint(l, f, "write `-- Breaking: true`; `validate --breaking` tells for certain");
}

static void expands(struct wb_look *l)
{
	if (!wb_in_section(l, WB_SEC_EXPAND) || !breaks(l->op) || wb_is_new(l, &l->op->table))
		return;
	struct wb_lint_finding *f = wb_find(l, "an expand section only adds: programs of before still run");
	wb_hint(l, f, "move it to the `-- migrate:contract` section, which runs when they are gone");
}

static const struct wb_rule rules[] = {
	{ "rename-table",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_RENAME },
	  rename_relation,
	  "A table in use keeps its name",
	  "A rename is quick, but every statement of a running program that names the table fails from "
	  "then on. A view of the old name lets them go on (of SQLite those that read: to write through a view takes "
	  "INSTEAD OF triggers).",
	  "ALTER TABLE users RENAME TO accounts;",
	  "CREATE VIEW accounts AS SELECT * FROM users;" },
	{ "rename-column",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_RENAME },
	  rename_column,
	  "A column in use keeps its name",
	  "A rename is quick, but no order of releases suits it: either the old programs or the new ones "
	  "name a column that is not there.",
	  "ALTER TABLE users RENAME COLUMN name TO full_name;",
	  "ALTER TABLE users ADD COLUMN full_name text;" },
	{ "move-schema",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_SET_SCHEMA, WB_OP_RENAME },
	  move_schema,
	  "What is in use stays in its schema",
	  "Programs that name the schema, and those whose search_path has only the old one, do not find "
	  "it any more.",
	  "ALTER TABLE users SET SCHEMA accounts;",
	  "CREATE VIEW accounts.users AS SELECT * FROM public.users;" },
	{ "rename-enum-value",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_SAFER,
	  WB_EACH_OPERATION,
	  { WB_OP_ENUM_RENAME_VALUE },
	  rename_value,
	  "A value of an enum keeps its name",
	  "Rows follow a rename by themselves; programs do not.",
	  "ALTER TYPE state RENAME VALUE 'open' TO 'active';",
	  "ALTER TYPE state ADD VALUE 'active' AFTER 'open';" },
	{ "drop-not-null",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_DROP_NOT_NULL },
	  drop_not_null,
	  "Programs expect NULL before it may come",
	  "Code that reads the column was written when it could not be NULL.",
	  "ALTER TABLE users ALTER COLUMN email DROP NOT NULL;",
	  "CREATE TABLE users (email text NOT NULL);\nALTER TABLE users ALTER COLUMN email DROP NOT NULL;" },
	{ "change-default",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_SET_DEFAULT },
	  change_default,
	  "A default is changed in two releases",
	  "Some object-relational mappers remember the default that they saw at start, and write it "
	  "themselves: for a while rows get the old one and the new one.",
	  "ALTER TABLE users ALTER COLUMN state SET DEFAULT 'new';",
	  "ALTER TABLE users ADD COLUMN state text;\nALTER TABLE users ALTER COLUMN state SET DEFAULT 'new';" },
	{ "access-change",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_PRIVILEGES, WB_OP_POLICY_CREATE, WB_OP_POLICY_ALTER },
	  privileges,
	  "Who may see what is reviewed",
	  "REVOKE and policies change what running programs can do, and tests that run as the owner do not notice.",
	  "REVOKE SELECT ON users FROM app;",
	  "GRANT SELECT ON users TO app;" },
	{ "row-security-policy",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_ROW_SECURITY },
	  row_security,
	  "Row level security comes with its policies",
	  "Switched on without a policy it hides every row from everybody but the owner.",
	  "ALTER TABLE documents ENABLE ROW LEVEL SECURITY;",
	  "CREATE POLICY own ON documents USING (owner = current_user);\nALTER TABLE documents ENABLE ROW LEVEL "
	  "SECURITY;" },
	{ "extension-update",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_EXTENSION_UPDATE },
	  extension,
	  "An extension is updated by itself, after a rehearsal",
	  "Its script runs with the rights of a superuser and may rewrite or lock anything.",
	  "ALTER EXTENSION postgis UPDATE;",
	  "CREATE EXTENSION IF NOT EXISTS postgis;" },
	{ "replica-identity",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_REPLICA_IDENTITY },
	  replica_identity,
	  "The replica identity of a published table is reviewed",
	  "It decides which old values logical replication sends for UPDATE and DELETE.",
	  "ALTER TABLE users REPLICA IDENTITY NOTHING;",
	  "CREATE TABLE users (id bigint PRIMARY KEY);\nALTER TABLE users REPLICA IDENTITY FULL;" },
	{ "enum-value-in-use",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_ENUM_ADD_VALUE },
	  value_in_use,
	  "A new value of an enum is used in a later transaction",
	  "PostgreSQL allows ADD VALUE in a transaction since 12, but refuses the value "
	  "until that has committed (55P04).",
	  "ALTER TYPE state ADD VALUE 'paused' AFTER 'open';\nUPDATE jobs SET state = 'paused' WHERE stopped;",
	  "-- migrate:up transaction:false\nALTER TYPE state ADD VALUE 'paused' AFTER 'open';\nUPDATE jobs SET state = "
	  "'paused' WHERE "
	  "stopped;" },
	{ "breaking-not-marked",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_DROP, WB_OP_COLUMN_SET_NOT_NULL, WB_OP_SET_SCHEMA, WB_OP_ENUM_RENAME_VALUE, WB_OP_RENAME,
	    WB_OP_DROP },
	  marked_harmless,
	  "A header that says `Breaking: false` is true",
	  "Whoever reads the header decides by it whether programs have to be released first.",
	  "-- Migration: drop the name\n-- ID: 042\n-- Breaking: false\nALTER TABLE users RENAME COLUMN name TO "
	  "full_name;",
	  "-- Migration: drop the name\n-- ID: 042\n-- Breaking: true\nALTER TABLE users RENAME COLUMN name TO "
	  "full_name;" },
	{ "expand-only-adds",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_DROP, WB_OP_COLUMN_SET_NOT_NULL, WB_OP_SET_SCHEMA, WB_OP_ENUM_RENAME_VALUE, WB_OP_RENAME,
	    WB_OP_DROP },
	  expands,
	  "An expand section only adds",
	  "It runs while programs of the version before are at work, and for as long as they are.",
	  "-- migrate:expand\nALTER TABLE users DROP COLUMN nickname;",
	  "-- migrate:contract\nALTER TABLE users DROP COLUMN nickname;" },
};
const struct wb_rules wb_rules_clients = { rules, WB_ARRAY_LEN(rules) };
