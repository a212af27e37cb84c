/* SPDX-License-Identifier: Apache-2.0
 *
 * The base room, whole: what every other room may include.
 */
#ifndef WB_BASE_BASE_H
#define WB_BASE_BASE_H

#include "compiler.h"
#include "sv.h"
#include "arena.h"
#include "str.h"
#include "vec.h"
#include "map.h"
#include "err.h"
#include "log.h"
#include "clock.h"
#include "retry.h"
#include "fault.h"
#include "sha256.h"
#include "crc32.h"
#include "crypto.h"
#include "fs.h"
#include "proc.h"
#include "banned.h"

/* An answer that may be missing. */
enum wb_tri { WB_UNKNOWN, WB_UNSET = WB_UNKNOWN, WB_NO, WB_YES };

#endif
