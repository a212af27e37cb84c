/* SPDX-License-Identifier: Apache-2.0
 *
 * Fault points: pure bookkeeping, except for the kill itself. Whether they are
 * used at all is decided where the driver decorator is built.
 */
#include "base/fault.h"

#include <signal.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/sv.h"
#include "base/banned.h"

/* Number of the name in names; -1 when it is none of them. */
static int find_name(struct wb_sv name, const char *const names[], int n)
{
	while (--n >= 0 && !(names[n] && wb_sv_eq(name, wb_sv_str(names[n]))))
		;
	return n;
}

/* "any" stands for the calls of every point and so is good only for counting. */
static bool parse(struct wb_fault *f, struct wb_sv spec)
{
	static const char *const actions[] = {
		[WB_FAULT_KILL] = "kill",
		[WB_FAULT_DROP] = "drop",
		[WB_FAULT_FAIL] = "fail",
		[WB_FAULT_COUNT] = "count",
	};
	static const char *const points[] = {
		[WB_FAULT_BEFORE] = "before",
		[WB_FAULT_SENT] = "sent",
		[WB_FAULT_AFTER] = "after",
	};
	struct wb_sv action, point;
	int64_t n;
	int a, p;

	if (!wb_sv_cut(&spec, '@', &action) || !wb_sv_cut(&spec, ':', &point) || !wb_sv_i64(spec, &n))
		return false;
	a = find_name(action, actions, WB_ARRAY_LEN(actions));
	if (a < 0)
		return false;
	p = a == WB_FAULT_COUNT && wb_sv_eq(point, WB_SV("any")) ? 0 : find_name(point, points, WB_ARRAY_LEN(points));
	if (p < 0 || n < 0 || (n == 0 && a != WB_FAULT_COUNT))
		return false;
	*f = (struct wb_fault){ .action = (enum wb_fault_action)a, .point = (enum wb_fault_point)p, .n = (long)n };
	return true;
}

void wb_fault_init(struct wb_fault *f, const char *spec)
{
	if (!spec || !parse(f, wb_sv_str(spec)))
		*f = (struct wb_fault){ .action = WB_FAULT_NONE };
}

void wb_fault_call(struct wb_fault *f)
{
	f->calls++;
}

enum wb_fault_action wb_fault_at(struct wb_fault *f, enum wb_fault_point point)
{
	if (f->action == WB_FAULT_COUNT || f->calls != f->n || f->point != point)
		return WB_FAULT_NONE;
	if (f->action == WB_FAULT_KILL)
		(void)kill(getpid(), SIGKILL);
	return f->action;
}
