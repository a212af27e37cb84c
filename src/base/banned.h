/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that do not compile here: no bounds, no error report, or hidden
 * state. Included last, after the system's headers have declared them.
 */
#ifndef WB_BASE_BANNED_H
#define WB_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison atoi atol atoll atof strcpy strcat strncpy strncat sprintf vsprintf gets strtok strtol strtoul \
	strtoll strtoull mktemp tmpnam asctime ctime gmtime localtime system popen

#endif
