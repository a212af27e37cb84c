/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts on times that are made up: a machine with noise, bursts and drift,
 * where nothing has changed, or something has by a factor.
 */
#include "tests.h"

#include <math.h>

#define RUNS 20

struct world {
	uint64_t chance;
	double noise, bursts, drift; /* of a run; share of runs that are disturbed; the machine now to then */
	double factor; /* of the query */
	bool unseen; /* the calibration does not notice what disturbs */
};

static double bell(uint64_t *chance)
{
	return sqrt(-2 * log(1 - wb_stats_uniform(chance))) * cos(2 * acos(-1) * wb_stats_uniform(chance));
}

static struct sample make(struct world *w, double ms, double machine, unsigned series)
{
	double slow = wb_stats_uniform(&w->chance) < w->bursts ? 1 + wb_stats_uniform(&w->chance) : 1;
	struct sample s = { .series = series };

	s.ms = ms * machine * slow * exp(w->noise * bell(&w->chance));
	s.speed_ms = machine * (w->unseen ? 1 : slow) * exp(w->noise * bell(&w->chance) / 2);
	s.quiet = s.speed_ms <= machine * 1.15;
	return s;
}

/* The verdict that up to four series come to. */
static enum wb_bench_verdict verdict(struct world *w)
{
	static double ms[RUNS], speed[RUNS];
	static bool counts[RUNS];
	static struct sample samples[4 * RUNS];
	const struct wb_bench_set saved = { .ms = ms, .speed_ms = speed, .counts = counts, .n = RUNS };
	const struct wb_bench_query q = { .name = "q" };
	const struct wb_bench_suite suite = { .queries = &q, .n_queries = 1 };
	const struct wb_bench_options o = { .size = sizeof(o) };
	struct query query = { .q = &q };
	struct cell cell = { .query = &query, .saved = &saved, .samples = { { .v = samples } } };
	struct bench b = { .suite = &suite, .o = &o, .queries = &query, .n_sides = 1 };
	bool more = true;

	query.cells = &cell;
	query.n_cells = 1;
	for (size_t i = 0; i < RUNS; i++) {
		struct sample s = make(w, 5, 1, 0);

		ms[i] = s.ms;
		speed[i] = s.speed_ms;
		counts[i] = s.quiet;
	}
	for (b.series = 1; more && b.series <= 4; b.series++) {
		for (size_t i = 0; i < RUNS; i++)
			samples[cell.samples[0].n++] = make(w, 5 * w->factor, w->drift, b.series);
		assert_int_equal(bench_vote(&b, &more, NULL), 0);
	}
	return query.settled ? query.change.verdict : WB_BENCH_INCONCLUSIVE;
}

static void count(struct world w, size_t times, size_t got[WB_BENCH_INCONCLUSIVE + 1])
{
	memset(got, 0, sizeof(*got) * (WB_BENCH_INCONCLUSIVE + 1));
	w.chance = 42;
	for (size_t i = 0; i < times; i++)
		got[verdict(&w)]++;
}

static void nothing_has_changed(void **state)
{
	static const struct world worlds[] = {
		{ .noise = 0.02, .drift = 1, .factor = 1 },
		{ .noise = 0.1, .drift = 1, .factor = 1 },
		{ .noise = 0.05, .bursts = 0.4, .drift = 1, .factor = 1 },
		{ .noise = 0.05, .bursts = 0.3, .drift = 1, .factor = 1, .unseen = true },
		{ .noise = 0.03, .drift = 1.3, .factor = 1 },
		{ .noise = 0.03, .drift = 0.7, .factor = 1 },
	};
	size_t got[WB_BENCH_INCONCLUSIVE + 1];

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(worlds); i++) {
		count(worlds[i], 300, got);
		assert_int_equal(got[WB_BENCH_REGRESSED], 0);
		assert_int_equal(got[WB_BENCH_IMPROVED], 0);
		if (i == 0)
			assert_int_equal(got[WB_BENCH_UNCHANGED], 300);
	}
}

static void changes_are_found(void **state)
{
	static const struct world slower[] = {
		{ .noise = 0.02, .drift = 1, .factor = 1.2 },
		{ .noise = 0.05, .drift = 1, .factor = 1.2 },
		{ .noise = 0.02, .drift = 1.03, .factor = 1.2 },
		{ .noise = 0.03, .bursts = 0.3, .drift = 1, .factor = 1.2 },
		{ .noise = 0.1, .bursts = 0.4, .drift = 1.3, .factor = 10 },
	};
	const struct world faster = { .noise = 0.03, .drift = 1, .factor = 1 / 1.2 };
	size_t got[WB_BENCH_INCONCLUSIVE + 1];

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(slower); i++) {
		count(slower[i], 200, got);
		/* What bursts hide may be inconclusive, but nothing else. */
		if (got[WB_BENCH_REGRESSED] + got[WB_BENCH_INCONCLUSIVE] != 200 ||
		    got[WB_BENCH_INCONCLUSIVE] > (slower[i].bursts > 0 ? 10 : 0))
			fail_msg("world %zu: %zu of 200", i, got[WB_BENCH_REGRESSED]);
	}
	count(faster, 200, got);
	assert_int_equal(got[WB_BENCH_IMPROVED], 200);
}

/* As much as the machine has changed by: nobody can tell, and nobody says so. */
static void drift_hides_what_is_not_larger(void **state)
{
	const struct world w = { .noise = 0.02, .drift = 0.84, .factor = 1.2 };
	size_t got[WB_BENCH_INCONCLUSIVE + 1];

	(void)state;
	count(w, 100, got);
	assert_int_equal(got[WB_BENCH_INCONCLUSIVE], 100);
}

int test_compare(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_has_changed),
		cmocka_unit_test(changes_are_found),
		cmocka_unit_test(drift_hides_what_is_not_larger),
	};

	return RUN_GROUP("compare");
}
