/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about partitioned tables.
 */
#include "safety/lint.h"

static void detach(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if ((op->flags & WB_WITH_CONCURRENTLY) || wb_is_new(l, &op->table) || !wb_since(l, 140000))
		return;
	struct wb_lint_finding *f =
		wb_find(l, "nobody can use %s while %s is detached, and while this waits for its lock",
			wb_shown(l, &op->table), wb_shown(l, &op->other));
	wb_hint(l, f, "CONCURRENTLY cannot run in a transaction, and is refused where there is a default partition");
	wb_safe(l, f, "%.*s CONCURRENTLY;", WB_SV_ARG(l->stmt->text));
}

static void attach(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_table *t = wb_seen_find(&l->run->seen, &op->other);
	if (wb_is_new(l, &op->table) || (t && wb_is_new(l, &op->other) && !t->filled) ||
	    wb_ask(l, WB_ASK_BOUND_IMPLIED) == WB_YES)
		return;
	for (const struct wb_seen_constraint *c = t ? t->constraints : NULL; c; c = c->next) {
		if (c->code == WB_OP_CHECK_ADD && c->valid)
			return;
	}
	const char *partition = wb_ref(l, &op->other);
	struct wb_lint_finding *f =
		wb_find_at(l, wb_by_size(l, &op->other, WB_LINT_WARNING),
			   "nobody can use %s%s, nor a default partition, while their rows are looked at",
			   wb_shown(l, &op->other), wb_size(l, &op->other));
	wb_hint(l, f,
		"a validated CHECK on it that says the same as the bounds saves looking; the default partition needs "
		"the "
		"opposite");
	wb_safe(l, f,
		"ALTER TABLE %s ADD CONSTRAINT bounds CHECK (…) NOT VALID;\nALTER TABLE %s VALIDATE CONSTRAINT "
		"bounds;\n%.*s;",
		partition, partition, WB_SV_ARG(l->stmt->text));
}

static void create(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	if (!(op->flags & WB_WITH_PARTITION) || wb_is_new(l, &op->other))
		return;
	const char *parent = wb_ref(l, &op->other), *own = wb_ref(l, &op->table);
	size_t at = wb_word_at(l, "FOR", 0), other = wb_word_at(l, "DEFAULT", 0);
	struct wb_sv s = l->stmt->text;
	at = at == SIZE_MAX ? other : at;
	struct wb_lint_finding *f =
		wb_find(l, "nobody can use %s while this waits for its lock, and until the migration commits",
			wb_shown(l, &op->other));
	wb_hint(l, f, "a table made beside it and attached takes SHARE UPDATE EXCLUSIVE only");
	if (at != SIZE_MAX)
		wb_safe(l, f, "CREATE TABLE %s (LIKE %s INCLUDING ALL);\nALTER TABLE %s ATTACH PARTITION %s %.*s;", own,
			parent, parent, own, WB_SV_ARG(wb_sv(s.p + at, s.n - at)));
}

static void drop(struct wb_look *l)
{
	const struct wb_operation *op = l->op;
	const struct wb_seen_table *t = wb_seen_find(&l->run->seen, &op->table);
	bool partition = (t && t->parent) || wb_ask(l, WB_ASK_PARTITION) == WB_YES;
	if (op->kind != WB_KIND_TABLE || !partition || wb_is_new(l, &op->table))
		return;
	const char *parent = t && t->parent ? t->parent : "its parent";
	struct wb_lint_finding *f = wb_find(l, "%s is a partition: nobody can use %s while this waits for its lock",
					    wb_shown(l, &op->table), parent);
	wb_hint(l, f, "detach it concurrently first, then drop it");
	wb_safe(l, f, "ALTER TABLE %s DETACH PARTITION %s CONCURRENTLY;\n%.*s;", parent, wb_ref(l, &op->table),
		WB_SV_ARG(l->stmt->text));
}

static void look(struct wb_look *l)
{
	if (l->op->code == WB_OP_DROP)
		drop(l);
	else
		create(l);
}

static const struct wb_rule rules[] = {
	{ "detach-concurrently",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_LOCK,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_DETACH },
	  detach,
	  "A partition is detached concurrently",
	  "DETACH PARTITION takes ACCESS EXCLUSIVE on the partitioned table. Since PostgreSQL 14, DETACH PARTITION … "
	  "CONCURRENTLY "
	  "lets everybody go on.",
	  "ALTER TABLE logs DETACH PARTITION logs_2020;",
	  "-- migrate:up transaction:false\nALTER TABLE logs DETACH PARTITION logs_2020 CONCURRENTLY;" },
	{ "attach-partition-check",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_ATTACH },
	  attach,
	  "A partition with rows has a CHECK like its bounds before it is attached",
	  "ATTACH PARTITION reads all rows of the partition, and of the default partition, under ACCESS EXCLUSIVE, "
	  "unless a valid "
	  "CHECK already says that they fit. An empty table made in the same file has nothing to read.",
	  "ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
	  "CREATE TABLE logs_2026 (LIKE logs INCLUDING ALL);\nALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES "
	  "FROM "
	  "('2026-01-01') TO ('2027-01-01');" },
	{ "partition-locks-parent",
	  WB_LINT_WARNING,
	  WB_RULE_POSTGRES | WB_RULE_LOCK,
	  WB_EACH_OPERATION,
	  { WB_OP_TABLE_CREATE, WB_OP_DROP },
	  look,
	  "Partitions are made and dropped beside the table, not in it",
	  "CREATE TABLE … PARTITION OF, and DROP TABLE of a partition, take ACCESS EXCLUSIVE on the partitioned table: "
	  "every query of "
	  "any partition waits behind it. A table made on its own and attached (SHARE UPDATE EXCLUSIVE), or detached "
	  "concurrently and "
	  "then dropped, keeps nobody away.",
	  "CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
	  "CREATE TABLE logs_2026 (LIKE logs INCLUDING ALL);\nALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES "
	  "FROM "
	  "('2026-01-01') TO ('2027-01-01');" },
};
const struct wb_rules wb_rules_partitions = { rules, WB_ARRAY_LEN(rules) };
