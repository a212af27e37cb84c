/* SPDX-License-Identifier: Apache-2.0
 *
 * progress URL FOLDER: runs a folder of migrations and draws its own progress
 * from the events: a bar for the whole, and beside it what runs at the moment.
 * Ctrl-C stops between two instructions of the database; nothing is lost.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <whimbrel/whimbrel.h>

enum { WIDTH = 30 };

/* What the picture needs to remember between two events. */
struct picture {
	int finished, of;
	long long statements;
};

static struct wb_context *running;

static void on_signal(int number)
{
	(void)number;
	wb_cancel(running);
}

static void draw(const struct picture *p, const char *what, const char *which)
{
	int filled = p->of > 0 ? p->finished * WIDTH / p->of : 0;
	printf("\r[%.*s%*s] %d/%d  %-12s %-20.20s", filled, "##############################", WIDTH - filled, "",
	       p->finished, p->of, what, which ? which : "");
	fflush(stdout);
}

static void on_event(void *user, const struct wb_event *event)
{
	struct picture *p = (struct picture *)user;
	char text[64];
	switch (event->type) {
	case WB_EVENT_MIGRATION_STARTED:
		p->of = event->migrations;
		draw(p, "running", event->version);
		break;
	case WB_EVENT_STEP_PROGRESS:
		if (event->total > 0) {
			snprintf(text, sizeof(text), "%d%% of %s", (int)(event->done * 100 / event->total),
				 event->unit ? event->unit : "it");
			draw(p, "running", text);
		}
		break;
	case WB_EVENT_MIGRATION_COMPLETED:
		p->finished++;
		p->statements += event->steps > 0 ? (long long)event->steps : 0;
		draw(p, "done", event->version);
		break;
	case WB_EVENT_LOCK_WAITING:
		draw(p, "waiting for", "another run");
		break;
	case WB_EVENT_BLOCKED:
	case WB_EVENT_RETRY:
		draw(p, event->name, event->message);
		break;
	default:
		break; /* more types may come with a newer library */
	}
}

int main(int argc, char **argv)
{
	struct picture picture = { 0, 0, 0 };
	struct wb_options options;
	struct wb_error err;
	if (argc != 3) {
		fprintf(stderr, "usage: progress URL FOLDER\n");
		return 64;
	}
	memset(&options, 0, sizeof(options));
	options.size = sizeof(options);
	options.url = argv[1];
	options.dir = argv[2];
	options.event = on_event;
	options.event_user = &picture;
	int rc = wb_open(&options, &running, &err);
	if (rc == 0) {
		signal(SIGINT, on_signal);
		rc = wb_up(running, NULL, NULL, &err);
		signal(SIGINT, SIG_DFL);
	}
	printf("%s%d migrations, %lld statements\n", picture.of ? "\n" : "", picture.finished, picture.statements);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", wb_code_name(rc), err.message);
	wb_close(running);
	return wb_code_exit_status(rc);
}
