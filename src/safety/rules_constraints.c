/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about constraints on tables that have rows.
 */
#include "safety/lint.h"

/* The constraint's name, or the one that PostgreSQL would make up. */
static const char *constraint_name(struct wb_look *l, const char *suffix)
{
	const struct wb_operation *op = l->op;
	if (op->object.name && op->code != WB_OP_COLUMN_ADD)
		return op->object.name;
	const char *column = op->code == WB_OP_COLUMN_ADD ? op->object.name : op->n_columns ? op->columns[0] : NULL;
	return wb_texts(l, "%s_%s%s%s", op->table.name, column ? column : "", column ? "_" : "", suffix);
}

static const char later[] = "-- in the next migration, or in this one with transaction:false\n";

static void say_not_valid(struct wb_look *l, struct wb_lint_finding *f, const char *constraint, const char *name)
{
	const char *table = wb_ref(l, &l->op->table);
	wb_hint(l, f, "add it NOT VALID, which is short, and validate it in another transaction");
	wb_safe(l, f, "ALTER TABLE %s %s NOT VALID;\n%sALTER TABLE %s VALIDATE CONSTRAINT %s;", table, constraint,
		later, table, wb_ident(l, name));
}

static void foreign_key(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool column = op->code == WB_OP_COLUMN_ADD;
	/* A column that begins empty refers to nothing: PostgreSQL does not look. */
	if ((op->flags & (WB_WITH_NOT_VALID | WB_WITH_NOT_ENFORCED | WB_WITH_INLINE)) || wb_is_new(l, &op->table) ||
	    (column && (op->flags & (WB_WITH_REFERENCES | WB_WITH_DEFAULT)) != (WB_WITH_REFERENCES | WB_WITH_DEFAULT)))
		return;
	const struct wb_seen_table *t = wb_made(l, &op->table);
	struct wb_lint_finding *f = wb_find_at(
		l, wb_by_size(l, &op->table, WB_LINT_ERROR), "writes to %s%s and %s wait while every row is looked up",
		wb_shown(l, &op->table), wb_size(l, &op->table), wb_shown(l, &op->other));
	if (t && t->partitioned && !(wb_server(l) >= 180000))
		wb_hint(l, f,
			"before PostgreSQL 18 a partitioned table takes no NOT VALID foreign key: add it to each "
			"partition NOT VALID, validate these, then add it to the table");
	else if (column)
		wb_hint(l, f, "add the column without REFERENCES, then the foreign key NOT VALID, then validate it");
	else
		say_not_valid(l, f, wb_texts(l, "%.*s", WB_SV_ARG(wb_clause(l))), constraint_name(l, "fkey"));
}

static void check(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool column = op->code == WB_OP_COLUMN_ADD;
	if ((op->flags & (WB_WITH_NOT_VALID | WB_WITH_NOT_ENFORCED | WB_WITH_INLINE)) || wb_is_new(l, &op->table) ||
	    (column && !(op->flags & WB_WITH_CHECK)))
		return;
	struct wb_lint_finding *f = wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR),
					       "nobody can use %s%s while every row is checked",
					       wb_shown(l, &op->table), wb_size(l, &op->table));
	const char *name = constraint_name(l, "check");
	if (column)
		wb_hint(l, f, "add the column without CHECK, then the constraint NOT VALID, then validate it");
	else
		say_not_valid(l, f,
			      op->object.name
				      ? wb_texts(l, "%.*s", WB_SV_ARG(wb_clause(l)))
				      : wb_texts(l, "ADD CONSTRAINT %s CHECK (%s)", wb_ident(l, name), op->expr),
			      name);
}

static void validate(struct wb_look *l)
{
	const struct wb_lint_stmt *st = NULL;
	for (st = l->stmt; st-- > l->file->v;) {
		if (!st->transaction || st->transaction != l->stmt->transaction)
			continue;
		for (size_t i = 0; i < st->ops.n; i++) {
			const struct wb_operation *op = &st->ops.v[i];
			bool adds = op->code == WB_OP_CHECK_ADD || op->code == WB_OP_FOREIGN_KEY_ADD ||
				    op->code == WB_OP_NOT_NULL_ADD || op->code == WB_OP_COLUMN_ADD;
			if (!adds || !wb_same_name(l, &op->table, &l->op->table) || wb_is_new(l, &op->table))
				continue;
			struct wb_lint_finding *f = wb_find_at(
				l, wb_by_size(l, &op->table, WB_LINT_ERROR),
				"%s is validated in the transaction of line %u, under its lock: NOT VALID is no help",
				wb_shown(l, &l->op->object), st->pos.line);
			wb_hint(l, f, "put it into the next migration, or write `-- migrate:up transaction:false`");
			return;
		}
	}
}

/* "(email IS NOT NULL)", in whatever way it is written. */
static bool says_not_null(const char *expr, const char *column)
{
	static const char tail[] = "isnotnull";
	const char *want = column;
	bool in_tail = false;
	for (; expr && *expr; expr++) {
		char c = *expr;
		if (strchr(" \t\r\n()\"", c))
			continue;
		c = c >= 'A' && c <= 'Z' && in_tail ? (char)(c + 32) : c;
		if (!*want && !in_tail) {
			in_tail = true;
			want = tail;
			c = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		}
		if (!*want || c != *want++)
			return false;
	}
	return in_tail && !*want;
}

static bool is_checked(struct wb_look *l, bool *ret_valid)
{
	const struct wb_seen_table *t = wb_seen_find(&l->run->seen, &l->op->table);
	for (const struct wb_seen_constraint *c = t ? t->constraints : NULL; c; c = c->next) {
		bool check = c->code == WB_OP_CHECK_ADD && says_not_null(c->expr, l->op->object.name);
		bool own = c->code == WB_OP_NOT_NULL_ADD && c->n && c->columns[0] &&
			   !strcmp(c->columns[0], l->op->object.name);
		if (!check && !own)
			continue;
		*ret_valid = c->valid;
		return true;
	}
	return false;
}

static void set_not_null(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_column *c = wb_seen_column(wb_made(l, &op->table), op->object.name);
	const char *table = wb_ref(l, &op->table), *column = wb_ident(l, op->object.name), *name;
	bool valid = false, checked = is_checked(l, &valid);
	if (wb_is_new(l, &op->table) || (checked && valid && wb_since(l, 120000)) || (c && c->not_null) ||
	    wb_ask(l, WB_ASK_NOT_NULL) == WB_YES)
		return;
	struct wb_lint_finding *f = wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR),
					       "nobody can use %s%s while every row is looked at",
					       wb_shown(l, &op->table), wb_size(l, &op->table));
	name = wb_ident(l, wb_texts(l, "%s_%s_not_null", op->table.name, op->object.name));
	wb_hint(l, f,
		checked ? "validate the CHECK that is there first: then no row is looked at again"
			: "a valid CHECK (… IS NOT NULL) makes it short; each step commits before the next");
	wb_safe(l, f,
		"ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID;\nALTER TABLE %s VALIDATE "
		"CONSTRAINT "
		"%s;\nALTER TABLE %s ALTER COLUMN %s SET NOT NULL;\nALTER TABLE %s DROP CONSTRAINT %s;",
		table, name, column, table, name, table, column, table, name);
}

static void unique(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool column = op->code == WB_OP_COLUMN_ADD;
	if ((op->flags & (WB_WITH_USING_INDEX | WB_WITH_INLINE)) || wb_is_new(l, &op->table) ||
	    (column && !(op->flags & WB_WITH_UNIQUE)))
		return;
	const char *table = wb_ref(l, &op->table), *name = wb_ident(l, constraint_name(l, "key"));
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR), "nobody can use %s%s while the index is built",
			   wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f, "build the index concurrently first; ADD CONSTRAINT … USING INDEX is then short");
	wb_safe(l, f,
		"CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s);\nALTER TABLE %s ADD CONSTRAINT %s UNIQUE USING INDEX "
		"%s;",
		name, table, column ? wb_ident(l, op->object.name) : wb_columns(l, op), table, name, name);
}

static void primary_key(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool column = op->code == WB_OP_COLUMN_ADD;
	if ((op->flags & (WB_WITH_USING_INDEX | WB_WITH_INLINE)) || wb_is_new(l, &op->table) ||
	    (column && !(op->flags & WB_WITH_PRIMARY_KEY)))
		return;
	const char *table = wb_ref(l, &op->table);
	const char *name =
		wb_ident(l, op->object.name && !column ? op->object.name : wb_texts(l, "%s_pkey", op->table.name));
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->table, WB_LINT_ERROR),
			   "nobody can use %s%s while the index is built and every row checked for NULL",
			   wb_shown(l, &op->table), wb_size(l, &op->table));
	wb_hint(l, f, "build the index concurrently and make the columns NOT NULL first");
	wb_safe(l, f,
		"CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s);\nALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY USING "
		"INDEX "
		"%s;",
		name, table, column ? wb_ident(l, op->object.name) : wb_columns(l, op), table, name, name);
}

static void primary_key_nullable(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_name index = { op->table.schema, op->expr };
	const struct wb_seen_table *t = op->expr ? wb_seen_of_index(&l->run->seen, &index) : NULL;
	const struct wb_seen_index *ix = t ? t->indexes : NULL;
	enum wb_tri asked = wb_ask(l, WB_ASK_KEY_NOT_NULL);
	if (!(op->flags & WB_WITH_USING_INDEX) || wb_is_new(l, &op->table) || asked == WB_YES)
		return;
	while (ix && (!ix->name || strcmp(ix->name, op->expr) != 0))
		ix = ix->next;
	if (asked == WB_NO) {
		struct wb_lint_finding *f =
			wb_find(l, "its columns allow NULL: every row of %s%s is looked at while nobody can use it",
				wb_shown(l, &op->table), wb_size(l, &op->table));
		wb_hint(l, f, "make them NOT NULL before, by way of a validated CHECK (see set-not-null)");
		return;
	}
	if (!ix || !t->file) {
		wb_unknown(l, "which columns allow NULL");
		return;
	}
	for (size_t i = 0; i < ix->n; i++) {
		const struct wb_seen_column *c = wb_seen_column(t, ix->columns[i]);
		if (!c || c->not_null)
			continue;
		struct wb_lint_finding *f =
			wb_find(l, "%s allows NULL: every row of %s is looked at while nobody can use it",
				ix->columns[i], wb_shown(l, &op->table));
		wb_hint(l, f, "make it NOT NULL before, by way of a validated CHECK (see set-not-null)");
	}
}

static void exclude(struct wb_look *l)
{
	if ((l->op->flags & WB_WITH_INLINE) || wb_is_new(l, &l->op->table))
		return;
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &l->op->table, WB_LINT_ERROR),
			   "nobody can use %s%s while the index is built, and there is no concurrent form",
			   wb_shown(l, &l->op->table), wb_size(l, &l->op->table));
	wb_hint(l, f, "make a new table that has it and move the rows in batches, or plan for downtime");
}

/* When all files are read: the index may come later than the key. */
static void foreign_key_index(struct wb_look *l)
{
	const struct wb_seen *s = &l->run->seen;
	for (size_t i = 0; i < s->tables.n; i++) {
		const struct wb_seen_table *t = s->tables.entries[i].value;
		for (const struct wb_seen_constraint *c = t->constraints; c && !t->dropped; c = c->next) {
			if (c->code != WB_OP_FOREIGN_KEY_ADD || !c->file || !c->n ||
			    wb_seen_indexed(t, c->columns, c->n))
				continue;
			l->run->ignored += c->told;
			if (c->told)
				continue;
			wb_lint_levels(l->run, l->run->paths.v[c->file - 1]);
			struct wb_lint_finding *f = wb_find(l, "no index begins with %s.%s, which refers to %s", t->key,
							    c->columns[0], c->other ? c->other : "another table");
			if (!f)
				continue;
			((struct wb_found *)(void *)f)->file = c->file;
			f->file = l->run->paths.v[c->file - 1];
			f->line = c->line;
			f->column = c->column;
			f->excerpt = c->excerpt;
			f->caret = c->caret;
			f->statement = c->statement;
			wb_hint(l, f, "each DELETE or UPDATE of a key there reads all of %s", t->key);
			const struct wb_operation columns = { .columns = c->columns, .n_columns = c->n };
			wb_safe(l, f, "CREATE INDEX %sON %s (%s);",
				l->run->driver->dialect == WB_DIALECT_POSTGRES
					? "CONCURRENTLY "
					: wb_texts(l, "%s_%s ", t->key, c->columns[0]),
				t->key, wb_columns(l, &columns));
		}
	}
}

static void drop_foreign_key(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_constraint *c =
		wb_seen_constraint(wb_seen_find(&l->run->seen, &op->table), op->object.name);
	bool by_name = op->object.name && wb_sv_ends(wb_sv_str(op->object.name), "_fkey");
	if (wb_is_new(l, &op->table) || (c ? c->code != WB_OP_FOREIGN_KEY_ADD : !by_name))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "readers of %s and of the table it refers to%s%s wait while this waits for its locks",
			wb_shown(l, &op->table), c && c->other ? ", " : "", c && c->other ? c->other : "");
	wb_hint(l, f, "keep it in a migration of its own; from then on nothing keeps the rows together");
}

static void domain(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const char *name = wb_ref(l, &op->object);
	if (op->code == WB_OP_CREATE) {
		if (op->kind == WB_KIND_DOMAIN && (op->flags & (WB_WITH_CHECK | WB_WITH_NOT_NULL)))
			wb_find_at(l, WB_LINT_INFO,
				   "to change the constraint of domain %s later, every table that uses it is read",
				   wb_shown(l, &op->object));
		return;
	}
	if (op->flags & WB_WITH_NOT_VALID || wb_ask(l, WB_ASK_USED) == WB_NO)
		return;
	struct wb_lint_finding *f =
		wb_find(l, "writes wait while every table that uses %s is read", wb_shown(l, &op->object));
	wb_hint(l, f,
		"add it NOT VALID; validating it keeps writes away as well, but for one constraint you choose when");
	if (!(op->flags & WB_WITH_NOT_NULL))
		wb_safe(l, f, "%.*s NOT VALID;\nALTER DOMAIN %s VALIDATE CONSTRAINT …;", WB_SV_ARG(l->stmt->text),
			name);
}

static void create_foreign_key(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	bool column = op->code == WB_OP_COLUMN_ADD;
	if (!(op->flags & WB_WITH_INLINE) || (column && !(op->flags & WB_WITH_REFERENCES)) || !op->other.name ||
	    wb_is_new(l, &op->other) || wb_same_name(l, &op->table, &op->other))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "writes to %s wait while this waits for its lock", wb_shown(l, &op->other));
	wb_hint(l, f, "nothing is read: it is short, as long as nothing in the same transaction takes time");
}

static const struct wb_rule rules[] = {
	{ "foreign-key-not-valid",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_FOREIGN_KEY_ADD, WB_OP_COLUMN_ADD },
	  foreign_key,
	  "A foreign key is added NOT VALID, then validated",
	  "ADD FOREIGN KEY takes SHARE ROW EXCLUSIVE on both tables and keeps it while every row is looked up. NOT "
	  "VALID takes "
	  "the same locks for a moment; VALIDATE CONSTRAINT, in another transaction, lets reads and writes through. A "
	  "column "
	  "added with REFERENCES and no default has nothing to look up, and is not meant.",
	  "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id);",
	  "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id) NOT "
	  "VALID;" },
	{ "check-not-valid",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_CHECK_ADD, WB_OP_COLUMN_ADD },
	  check,
	  "A CHECK is added NOT VALID, then validated",
	  "ADD CHECK holds ACCESS EXCLUSIVE while it checks every row: nobody reads or writes. NOT VALID is short, and "
	  "counts "
	  "for rows to come; VALIDATE CONSTRAINT then lets everybody through.",
	  "ALTER TABLE orders ADD CONSTRAINT orders_positive CHECK (amount > 0);",
	  "ALTER TABLE orders ADD CONSTRAINT orders_positive CHECK (amount > 0) NOT VALID;" },
	{ "validate-separately",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_CONSTRAINT_VALIDATE },
	  validate,
	  "VALIDATE CONSTRAINT is another transaction than NOT VALID",
	  "The lock that ADD CONSTRAINT took is held until the transaction ends. Validated in the same transaction, "
	  "the rows are "
	  "read under it.",
	  "ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;\nALTER TABLE orders VALIDATE "
	  "CONSTRAINT "
	  "positive;",
	  "-- migrate:up transaction:false\nALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT "
	  "VALID;\nALTER TABLE "
	  "orders VALIDATE CONSTRAINT positive;" },
	{ "set-not-null",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_COLUMN_SET_NOT_NULL },
	  set_not_null,
	  "SET NOT NULL follows a validated CHECK",
	  "SET NOT NULL looks at every row under ACCESS EXCLUSIVE. Since PostgreSQL 12 it looks at none when a valid "
	  "CHECK (column "
	  "IS NOT NULL) says it already; the CHECK goes afterwards. PostgreSQL 18 also has ADD … NOT NULL … NOT VALID.",
	  "ALTER TABLE users ALTER COLUMN email SET NOT NULL;",
	  "-- migrate:up transaction:false\nALTER TABLE users ADD CONSTRAINT users_email_not_null CHECK (email IS NOT "
	  "NULL) NOT "
	  "VALID;\nALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;\nALTER TABLE users ALTER COLUMN email "
	  "SET NOT "
	  "NULL;\nALTER TABLE users DROP CONSTRAINT users_email_not_null;" },
	{ "unique-using-index",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_UNIQUE_ADD, WB_OP_COLUMN_ADD },
	  unique,
	  "A unique constraint takes over an index built concurrently",
	  "ADD UNIQUE builds its index under ACCESS EXCLUSIVE. An index built concurrently before becomes the "
	  "constraint in a "
	  "moment.",
	  "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);",
	  "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;" },
	{ "primary-key-using-index",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_PRIMARY_KEY_ADD, WB_OP_COLUMN_ADD },
	  primary_key,
	  "A primary key takes over an index built concurrently",
	  "ADD PRIMARY KEY builds its index under ACCESS EXCLUSIVE, and looks for NULL in every row unless the columns "
	  "are NOT "
	  "NULL already.",
	  "ALTER TABLE events ADD PRIMARY KEY (id);",
	  "ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY USING INDEX events_pkey;" },
	{ "primary-key-nullable",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_PRIMARY_KEY_ADD },
	  primary_key_nullable,
	  "The columns of a primary key are NOT NULL before",
	  "PRIMARY KEY USING INDEX is short only where the columns are NOT NULL. Else it makes them so, and looks at "
	  "every row "
	  "under ACCESS EXCLUSIVE.",
	  NULL,
	  NULL },
	{ "exclusion-constraint",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_EXCLUDE_ADD },
	  exclude,
	  "No exclusion constraint on a table in use",
	  "ADD EXCLUDE builds its index under ACCESS EXCLUSIVE; it can be neither built concurrently nor added NOT "
	  "VALID.",
	  "ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&);",
	  "CREATE TABLE bookings (during tstzrange, EXCLUDE USING gist (during WITH &&));" },
	{ "foreign-key-index",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH,
	  WB_EACH_FOLDER,
	  { 0 },
	  foreign_key_index,
	  "The referring columns of a foreign key have an index",
	  "When a row that is referred to goes, or its key changes, the database looks for rows that refer to it. "
	  "Without an "
	  "index that begins with their columns it reads the whole table, for each row. An index in a later file "
	  "counts.",
	  "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id "
	  "bigint "
	  "REFERENCES customers (id));",
	  "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id "
	  "bigint "
	  "REFERENCES customers (id));\nCREATE INDEX orders_customer ON orders (customer_id);" },
	{ "drop-foreign-key",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_LOCK,
	  WB_EACH_OPERATION,
	  { WB_OP_CONSTRAINT_DROP },
	  drop_foreign_key,
	  "A foreign key is dropped by itself",
	  "DROP CONSTRAINT of a foreign key takes ACCESS EXCLUSIVE on both tables, also on the one that is referred "
	  "to.",
	  "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;",
	  "ALTER TABLE orders DROP CONSTRAINT orders_positive;" },
	{ "domain-constraint",
	  WB_LINT_ERROR,
	  WB_RULE_POSTGRES | WB_RULE_DOWN,
	  WB_EACH_OPERATION,
	  { WB_OP_DOMAIN_CONSTRAINT_ADD, WB_OP_CREATE },
	  domain,
	  "Constraints stand on tables, not on domains",
	  "A constraint added to a domain reads every table that uses it under a SHARE lock; validating one does the "
	  "same. A "
	  "CHECK on the table can be validated while everybody works.",
	  "ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');",
	  "ALTER TABLE users ADD CONSTRAINT email_has_at CHECK (email LIKE '%@%') NOT VALID;" },
	{ "create-table-foreign-key",
	  WB_LINT_INFO,
	  WB_RULE_POSTGRES | WB_RULE_LOCK,
	  WB_EACH_OPERATION,
	  { WB_OP_FOREIGN_KEY_ADD, WB_OP_COLUMN_ADD },
	  create_foreign_key,
	  "A new table's foreign key locks the old one",
	  "CREATE TABLE with a foreign key takes SHARE ROW EXCLUSIVE on the table referred to. Nothing is read; but "
	  "writers wait "
	  "behind it while it waits for its lock, and until the migration has committed.",
	  "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\nCREATE INDEX notes_user "
	  "ON notes "
	  "(user_id);",
	  "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint);" },
};
const struct wb_rules wb_rules_constraints = { rules, WB_ARRAY_LEN(rules) };
