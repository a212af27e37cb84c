/* SPDX-License-Identifier: Apache-2.0
 *
 * SIGINT and SIGTERM: the running call of the library is cancelled; it records
 * where it stopped, releases its lock and returns. Some shells and runners
 * send a signal twice, so only the third one ends the program at once (which
 * is safe, but leaves the tidying to the next run).
 */
#include "cli/cli.h"

#include <signal.h>
#include <unistd.h>

#include "base/banned.h"

#define PATIENCE 3

/* A signal handler can reach nothing else. */
static struct wb_context *volatile running;
static volatile sig_atomic_t arrived, count;

static void handle(int number)
{
	static const char text[] = "\nwhimbrel: stopping; it records where it stopped\n";
	struct wb_context *context = running;

	if (!context || ++count >= PATIENCE)
		_exit(128 + number);
	arrived = number;
	wb_cancel(context);
	if (count == 1 && isatty(STDERR_FILENO) && write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		return;
}

void cli_signals_init(void)
{
	struct sigaction action = { .sa_handler = handle };

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGINT);
	sigaddset(&action.sa_mask, SIGTERM);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &action, NULL);
}

void cli_signals_context(struct wb_context *context)
{
	running = context;
}

int cli_signal(void)
{
	return arrived;
}
