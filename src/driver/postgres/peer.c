/* SPDX-License-Identifier: Apache-2.0
 *
 * The advisory locks that other tools take while they migrate, held beside ours
 * once such a tool's history was taken over, so that the two never work at the
 * same time. The keys are facts about those tools; a tool that is not in the
 * table takes none.
 */
#include "driver/postgres/pg.h"

#define KEYS_MAX 2

/* What goes into a key. */
struct names {
	const char *database, *schema, *table;
};

struct tool {
	const char *name;
	int64_t number;
	int (*keys)(const struct tool *t, const struct names *n, int64_t ret_keys[KEYS_MAX]); /* NULL: the number */
};

static uint32_t crc(const char *text)
{
	return wb_crc32(0, text, strlen(text));
}

/* Java's String.hashCode() of "schema"."table" is added; both are ASCII in any sane database. */
static int flyway_keys(const struct tool *t, const struct names *n, int64_t ret_keys[KEYS_MAX])
{
	wb_autostr name = WB_STR_INIT;
	uint32_t hash = 0;
	wb_pg_name_sql(n->schema, n->table, &name);
	for (size_t i = 0; i < name.n; i++)
		hash = hash * 31 + (unsigned char)name.p[i];
	ret_keys[0] = t->number + (int32_t)hash;
	return name.failed ? WB_ENOMEM : 1;
}

/* The command line opens by URL and keeps the slash before the database's name, a program that gives its own connection
 * has none: both are taken. */
static int golang_migrate_keys(const struct tool *t, const struct names *n, int64_t ret_keys[KEYS_MAX])
{
	static const char *const slashes[KEYS_MAX] = { "", "/" };
	for (int i = 0; i < KEYS_MAX; i++) {
		uint32_t sum = wb_crc32(0, n->schema, strlen(n->schema) + 1);
		sum = wb_crc32(sum, n->table, strlen(n->table) + 1);
		sum = wb_crc32(sum, slashes[i], strlen(slashes[i]));
		sum = wb_crc32(sum, n->database, strlen(n->database));
		ret_keys[i] = (uint32_t)(sum * (uint32_t)t->number);
	}
	return KEYS_MAX;
}

static int database_keys(const struct tool *t, const struct names *n, int64_t ret_keys[KEYS_MAX])
{
	ret_keys[0] = t->number * (int64_t)crc(n->database);
	return 1;
}

/* FNV-1 of the lock's name. */
static int atlas_keys(const struct tool *t, const struct names *n, int64_t ret_keys[KEYS_MAX])
{
	uint32_t hash = (uint32_t)t->number;
	(void)n;
	for (const char *p = "atlas_migrate_execute"; *p; p++)
		hash = hash * 16777619u ^ (unsigned char)*p;
	ret_keys[0] = hash;
	return 1;
}

static const struct tool tools[] = {
	{ "flyway", 77431708279161, flyway_keys },
	{ "golang-migrate", 1486364155, golang_migrate_keys },
	{ "goose", 4097083626, NULL },
	{ "sqitch", 75474063, NULL },
	{ "tern", 9628173550095224, NULL },
	{ "sqlx", 0x3d32ad9e, database_keys },
	{ "rails", 2053462845, database_keys },
	{ "graphile-migrate", 4727445306447283, NULL },
	{ "atlas", 2166136261, atlas_keys },
};

static int find_keys(const struct wb_pg *c, const struct wb_peer *peer, int64_t ret_keys[KEYS_MAX])
{
	struct names n = { PQdb(c->pg), peer->schema ? peer->schema : "public", peer->table };
	for (size_t i = 0; i < WB_ARRAY_LEN(tools); i++) {
		if (strcmp(tools[i].name, peer->tool))
			continue;
		ret_keys[0] = tools[i].number;
		return tools[i].keys ? tools[i].keys(&tools[i], &n, ret_keys) : 1;
	}
	return 0;
}

static int busy(const struct wb_peer *peer, struct wb_error *err)
{
	wb_err_set(err, WB_EBUSY, "%s is migrating this database: it holds its lock", peer->tool);
	wb_err_hint(err, "wait for it to end (--lock-wait)");
	return WB_EBUSY;
}

static int release_keys(struct wb_pg *c, const int64_t *keys, int n, struct wb_error *err)
{
	int rc = 0;
	for (int i = 0; rc == 0 && i < n; i++) {
		struct wb_value key = wb_v_int(keys[i]);
		rc = wb_pg_ask(c, WB_PG_SQL_LOCK_RELEASE, &key, 1, NULL, NULL, err);
	}
	return rc;
}

int wb_pg_peer_try(struct wb_conn *conn, const struct wb_peer *peer, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	int64_t keys[KEYS_MAX] = { 0 }, got = 1;
	int n = conn->pooled ? 0 : find_keys(c, peer, keys);
	int rc = n < 0 ? wb_err_nomem(err) : 0;
	for (int i = 0; rc == 0 && i < n; i++) {
		struct wb_value key = wb_v_int(keys[i]);
		rc = wb_pg_number(c, WB_PG_SQL_PEER_TRY, &key, 1, 0, &got, err);
		if (rc == 0 && !got) {
			rc = release_keys(c, keys, i, err);
			rc = rc < 0 ? rc : busy(peer, err);
		}
	}
	return rc;
}

int wb_pg_peer_release(struct wb_conn *conn, const struct wb_peer *peer, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	int64_t keys[KEYS_MAX] = { 0 };
	int n = conn->pooled || conn->lost ? 0 : find_keys(c, peer, keys);
	if (n < 0)
		return wb_err_nomem(err);
	c->deaf = true;
	int rc = release_keys(c, keys, n, err);
	c->deaf = false;
	return rc;
}
