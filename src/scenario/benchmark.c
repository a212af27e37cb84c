/* SPDX-License-Identifier: Apache-2.0
 *
 * The benchmark: all migrations one after the other, where every table has so
 * many made-up rows when the next one comes. What counts is the migrations'
 * own time, not that of filling.
 */
#include "scenario.h"

#include <stdio.h>

struct bench {
	struct bed *b;
	const struct job *j;
	struct trip_rows rows;
	struct verdict *v;
	int64_t us, bytes, slowest_us;
	const struct wb_migration *slowest;
	size_t without; /* migrations that made-up rows were in the way of */
};

/* Rows that are in the way are taken out again. */
static int timed(struct bench *k, const struct point *p, struct wb_error *err)
{
	int64_t began = wb_now_us(), us;
	int rc = bed_up(k->b, p->to, NULL, err);
	if (rc < 0 && !could_not_look(rc) && k->rows.filled.n) {
		wb_trip_empty(k->b->c, &k->rows);
		wb_trip_rows_done(&k->rows);
		k->rows = (struct trip_rows){ .arena = WB_ARENA_INIT, .wanted = k->j->size };
		k->without++;
		began = wb_now_us();
		rc = bed_up(k->b, p->to, NULL, err);
	}
	us = wb_now_us() - began;
	k->us += us;
	if (us > k->slowest_us && p->m) {
		k->slowest_us = us;
		k->slowest = p->m;
	}
	return rc;
}

static int one(struct bench *k, const struct point *p, struct wb_error *err)
{
	struct wb_model *m = NULL;
	int64_t before = 0, after = 0;
	int rc = bed_model(k->b, &m, err);
	if (rc == 0)
		rc = wb_trip_fill(k->b->c, m, &k->rows, err);
	if (rc == 0)
		rc = bed_size(k->b, &before, err);
	if (rc == 0)
		rc = timed(k, p, err);
	if (rc == 0)
		rc = bed_size(k->b, &after, err);
	k->bytes += after - before;
	wb_model_free(m);
	return rc;
}

static int count(struct bench *k, struct wb_error *err)
{
	struct counts counts = { .arena = WB_ARENA_INIT };
	struct wb_model *m = NULL;
	int rc = bed_model(k->b, &m, err);
	if (rc == 0)
		rc = counts_take(k->b, m, false, &counts, err);
	k->v->rows = counts.rows;
	wb_model_free(m);
	counts_done(&counts);
	return rc;
}

static void tell(struct bench *k)
{
	struct verdict *v = k->v;
	char slowest[160] = "", without[64] = "";
	v->migration_ms = k->us / 1000;
	v->rows_per_s = k->us ? v->rows * 1000000 / k->us : 0;
	v->growth_kb = k->bytes / 1024;
	v->peak_rss_kb = wb_proc_peak_rss_kb();
	if (k->slowest)
		(void)snprintf(slowest, sizeof(slowest), "; slowest %.100s, %lld ms", k->slowest->version,
			       (long long)(k->slowest_us / 1000));
	if (k->without)
		(void)snprintf(without, sizeof(without), "; rows were in the way of %zu", k->without);
	verdict_say(v, WB_TEST_PASSED, "%lld rows, %lld ms, %lld rows/s, %.1f MB of memory, %.1f MB more on disk%s%s",
		    (long long)v->rows, (long long)v->migration_ms, (long long)v->rows_per_s,
		    (double)v->peak_rss_kb / 1024, (double)v->growth_kb / 1024, slowest, without);
}

int benchmark_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	struct bench k = { .b = b, .j = j, .v = v, .rows = { .arena = WB_ARENA_INIT, .wanted = j->size } };
	int rc = 0;
	for (size_t i = 1; rc == 0 && i < j->n_points; i++)
		rc = one(&k, &j->points[i], err);
	if (rc == 0)
		rc = count(&k, err);
	if (rc == 0) {
		tell(&k);
		rc = within(&b->o->limits, v, err);
	}
	if (rc == WB_ENO && k.slowest)
		wb_err_place(err, k.slowest->file, 0, 0);
	wb_trip_rows_done(&k.rows);
	return rc;
}
