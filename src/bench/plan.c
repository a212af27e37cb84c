/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans of queries: what is told of them as a whole, a fingerprint that costs
 * and times do not change, and in which way one differs from another.
 */
#include "bench/bench.h"

#include <math.h>

#include "base/banned.h"

/* ---- as a whole ---------------------------------------------------------------------------------- */

static int take_indexes(struct wb_arena *a, struct wb_query_plan *p, struct wb_error *err)
{
	const char **v = wb_arena_array(a, p->n_nodes + 1, sizeof(*v));
	size_t n = 0;
	if (!v)
		return wb_err_nomem(err);
	for (size_t i = 0; i < p->n_nodes; i++) {
		const char *index = p->nodes[i].index;
		size_t k = 0;
		while (index && k < n && strcmp(v[k], index) != 0)
			k++;
		if (index && k == n)
			v[n++] = index;
	}
	p->indexes = (struct wb_texts){ v, n };
	return 0;
}

/* Below a LIMIT fewer rows than expected are what was wanted. */
static double estimate_of(const struct wb_query_node *n, bool limited)
{
	double expected = n->rows_estimated * n->loops, real = n->rows;
	if (n->rows_estimated < 0 || n->rows < 0 || n->loops <= 0 || (limited && real < expected))
		return 0;
	expected = fmax(expected, 1);
	real = fmax(real, 1);
	return fmax(expected / real, real / expected);
}

static void take_estimates(struct wb_query_plan *p)
{
	int limit = INT32_MAX; /* depth of the LIMIT that we are below */
	for (size_t i = 0; i < p->n_nodes; i++) {
		const struct wb_query_node *n = &p->nodes[i];
		if (n->depth <= limit)
			limit = INT32_MAX;
		p->worst_estimate = fmax(p->worst_estimate, estimate_of(n, limit != INT32_MAX));
		if (limit == INT32_MAX && !strcmp(n->type, "Limit"))
			limit = n->depth;
	}
}

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

static int take_fingerprint(struct wb_arena *a, struct wb_query_plan *p, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_sha256 hash;
	unsigned char digest[32];
	char sum[WB_CHECKSUM_SIZE];
	for (size_t i = 0; i < p->n_nodes; i++) {
		const struct wb_query_node *n = &p->nodes[i];
		wb_str_addf(&text, "%d\t%s\t%s\t%s\t%s\t%s\n", n->depth, n->type, or_nothing(n->relation),
			    or_nothing(n->index), or_nothing(n->join), or_nothing(n->keys));
	}
	if (text.failed)
		return wb_err_nomem(err);
	wb_sha256_init(&hash);
	wb_sha256_add(&hash, text.p, text.n);
	wb_sha256_final(&hash, digest);
	wb_checksum_text(digest, sum);
	p->fingerprint = wb_arena_str(a, sum);
	return p->fingerprint ? 0 : wb_err_nomem(err);
}

int wb_bench_explain(struct wb_conn *c, const struct wb_bench_call *call, bool analyze, struct wb_arena *a,
		     struct wb_query_plan **ret_plan, struct wb_error *err)
{
	struct wb_query_plan *p = wb_arena_alloc(a, sizeof(*p));
	int rc = p ? wb_bench_ask_plan(c, call, analyze, a, p, err) : wb_err_nomem(err);
	if (rc < 0)
		return rc;
	if (p->n_nodes) {
		const struct wb_query_node *top = &p->nodes[0];
		p->cost = top->cost;
		p->blocks_hit = top->blocks_hit;
		p->blocks_read = top->blocks_read;
		p->temp_read = top->temp_read;
		p->temp_written = top->temp_written;
	}
	for (size_t i = 0; i < p->n_nodes; i++)
		p->spilled |= p->nodes[i].spilled_kb > 0;
	p->spilled |= p->temp_written > 0;
	take_estimates(p);
	rc = take_indexes(a, p, err);
	if (rc == 0)
		rc = take_fingerprint(a, p, err);
	if (rc == 0)
		*ret_plan = p;
	return rc;
}

/* ---- one and another -------------------------------------------------------------------------------- */

static bool has_index(const struct wb_query_plan *p, const char *index)
{
	for (size_t i = 0; i < p->indexes.n; i++) {
		if (!strcmp(p->indexes.v[i], index))
			return true;
	}
	return false;
}

static bool is_scan_of_all(const struct wb_query_node *n)
{
	return !strcmp(n->type, "Seq Scan") || !strcmp(n->type, "SCAN");
}

/* How often a word is in the types of nodes, of one relation (NULL: any). */
static size_t count_of(const struct wb_query_plan *p, const char *word, const char *relation)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_nodes; i++)
		n += strstr(p->nodes[i].type, word) &&
		     (!relation || (p->nodes[i].relation && !strcmp(p->nodes[i].relation, relation)));
	return n;
}

static size_t whole_scans(const struct wb_query_plan *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_nodes; i++)
		n += is_scan_of_all(&p->nodes[i]);
	return n;
}

static bool is_lost_index(const struct wb_query_plan *was, const struct wb_query_plan *is)
{
	for (size_t i = 0; i < was->indexes.n; i++) {
		if (!has_index(is, was->indexes.v[i]))
			return true;
	}
	return false;
}

static size_t sorts(const struct wb_query_plan *p)
{
	return count_of(p, "Sort", NULL) + count_of(p, "TEMP B-TREE", NULL);
}

static size_t index_only(const struct wb_query_plan *p)
{
	return count_of(p, "Index Only Scan", NULL) + count_of(p, "COVERING", NULL);
}

static size_t joins(const struct wb_query_plan *p, const char *kind)
{
	return count_of(p, kind, NULL);
}

static bool other_joins(const struct wb_query_plan *was, const struct wb_query_plan *is)
{
	return joins(was, "Nested Loop") != joins(is, "Nested Loop") ||
	       joins(was, "Hash Join") != joins(is, "Hash Join") || joins(was, "Merge Join") != joins(is, "Merge Join");
}

int wb_bench_plan_change(const struct wb_query_plan *was, const struct wb_query_plan *is, struct wb_arena *a,
			 struct wb_texts *ret, struct wb_error *err)
{
	const char **v = wb_arena_array(a, 12, sizeof(*v));
	size_t n = 0;
	*ret = (struct wb_texts){ v, 0 };
	if (!v)
		return wb_err_nomem(err);
	if (!was || !is)
		return 0;
	const bool same = !strcmp(was->fingerprint, is->fingerprint);
	if (!same && whole_scans(is) > whole_scans(was))
		v[n++] = "seq_scan";
	if (!same && whole_scans(is) < whole_scans(was))
		v[n++] = "no_seq_scan";
	if (!same && is_lost_index(was, is))
		v[n++] = "lost_index";
	if (!same && is_lost_index(is, was))
		v[n++] = "new_index";
	if (!same && index_only(is) < index_only(was))
		v[n++] = "lost_index_only";
	if (!same && sorts(is) > sorts(was))
		v[n++] = "new_sort";
	if (!same && other_joins(was, is))
		v[n++] = "join";
	if (!same && n == 0)
		v[n++] = "shape";
	if (is->spilled && !was->spilled)
		v[n++] = "new_spill";
	if (!is->spilled && was->spilled)
		v[n++] = "no_spill";
	if (was->worst_estimate > 0 && is->worst_estimate > 10 && is->worst_estimate > 4 * was->worst_estimate)
		v[n++] = "worse_estimate";
	ret->n = n;
	return 0;
}
