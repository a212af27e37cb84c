/* SPDX-License-Identifier: Apache-2.0
 *
 * Whimbrel: takes SQLite and PostgreSQL databases from one schema version to
 * the next without losing a row. Umbrella over the headers of this folder.
 *
 *	struct wb_options o = { .size = sizeof o, .url = "sqlite:app.db", .dir = "migrations" };
 *	struct wb_context *ctx;
 *	struct wb_error err;
 *	if (wb_open(&o, &ctx, &err) == 0)
 *		wb_up(ctx, NULL, NULL, &err);
 *
 * A context is used by one thread at a time. The library never prints, never
 * exits and keeps no global state; threads of its own, which read files, have
 * ended when a call returns. Functions return 0 or a
 * negative WB_E… code; outputs (ret_…) are written only on success unless said
 * otherwise, and freed with the function named beside them.
 */
#ifndef WHIMBREL_WHIMBREL_H
#define WHIMBREL_WHIMBREL_H

#include "error.h"
#include "event.h"
#include "context.h"
#include "status.h"
#include "plan.h"
#include "run.h"
#include "admin.h"
#include "adopt.h"
#include "backup.h"
#include "squash.h"
#include "schema.h"
#include "release.h"
#include "lint.h"
#include "transform.h"
#include "check.h"
#include "bench.h"
#include "test.h"
#include "advise.h"
#include "trash.h"

#endif
