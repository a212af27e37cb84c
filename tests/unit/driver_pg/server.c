/* SPDX-License-Identifier: Apache-2.0
 *
 * Started as the user postgres when the tests run as root, since the server
 * refuses to be root. The kernel ends the children when their parent dies.
 */
#include "tests/unit/driver_pg/server.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
	char folder[64], bin[256], pooler[96];
	pid_t owner, server, bouncer;
} s;

static void die(const char *what)
{
	fprintf(stderr, "the test server: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void become_postgres(void)
{
	const struct passwd *pw = getuid() ? NULL : getpwnam("postgres");
	if (getuid() == 0 && (!pw || initgroups("postgres", pw->pw_gid) || setgid(pw->pw_gid) || setuid(pw->pw_uid)))
		_exit(98);
}

static pid_t start(const char *const argv[], const char *log)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", s.folder, log);
	pid_t pid = fork();
	if (pid)
		return pid;
	become_postgres();
	prctl(PR_SET_PDEATHSIG, SIGINT);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (chdir(s.folder) || fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(97);
	execv(argv[0], (char *const *)(size_t)argv);
	_exit(96);
}

static void run(const char *const argv[])
{
	int status = 0;
	pid_t pid = start(argv, "setup.log");
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die(argv[0]);
}

static void end(pid_t *pid)
{
	if (*pid > 0 && kill(*pid, SIGINT) == 0)
		waitpid(*pid, NULL, 0);
	*pid = 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void stop(void)
{
	if (getpid() != s.owner)
		return;
	end(&s.bouncer);
	end(&s.server);
	nftw(s.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void stop_on_signal(int sig)
{
	signal(sig, SIG_DFL);
	stop();
	raise(sig);
}

static void find_bin(void)
{
	const char *given = getenv("WHIMBREL_PG_BIN");
	glob_t g = { 0 };
	if (given) {
		snprintf(s.bin, sizeof(s.bin), "%s", given);
	} else if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &g) == 0) {
		snprintf(s.bin, sizeof(s.bin), "%s", g.gl_pathv[g.gl_pathc - 1]);
		globfree(&g);
	} else {
		die("no /usr/lib/postgresql/*/bin, and WHIMBREL_PG_BIN is not set");
	}
}

static void make_folder(void)
{
	const struct passwd *pw = getuid() ? NULL : getpwnam("postgres");
	snprintf(s.folder, sizeof(s.folder), "/tmp/whimbrel-pg-XXXXXX");
	if (!mkdtemp(s.folder) || (pw && chown(s.folder, pw->pw_uid, pw->pw_gid)))
		die("temporary folder");
	s.owner = getpid();
	atexit(stop);
	signal(SIGTERM, stop_on_signal);
	signal(SIGINT, stop_on_signal);
}

static void wait_for(const char *socket, const char *port, const char *database, pid_t pid)
{
	const char *keys[] = { "host", "port", "user", "dbname", NULL };
	const char *values[] = { socket, port, "postgres", database, NULL };
	for (int i = 0; i < 300; i++) {
		if (PQpingParams(keys, values, 0) == PQPING_OK)
			return;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			die("it ended at once");
		nanosleep(&(struct timespec){ 0, 50 * 1000 * 1000 }, NULL);
	}
	die("it does not answer");
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", s.folder, name);
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		die(path);
	const struct passwd *pw = getuid() ? NULL : getpwnam("postgres");
	if (pw && chown(path, pw->pw_uid, pw->pw_gid))
		die(path);
}

const char *server_socket(void)
{
	if (s.server)
		return s.folder;
	char initdb[300], postgres[300], data[96], hba[128];
	find_bin();
	make_folder();
	snprintf(initdb, sizeof(initdb), "%s/initdb", s.bin);
	snprintf(postgres, sizeof(postgres), "%s/postgres", s.bin);
	snprintf(data, sizeof(data), "%s/data", s.folder);
	snprintf(hba, sizeof(hba), "hba_file=%s/hba.conf", s.folder);
	run((const char *[]){ initdb, "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C",
			      NULL });
	write_file("hba.conf", "local all locked scram-sha-256\nlocal all nobody_enters reject\nlocal all all trust\n");
	s.server = start((const char *[]){ postgres, "-D", data, "-k", s.folder, "-c", "listen_addresses=", "-c",
					   "fsync=off", "-c", "wal_level=logical", "-c", "max_prepared_transactions=4",
					   "-c", hba, "-c", "shared_buffers=64MB", NULL },
			 "server.log");
	wait_for(s.folder, "5432", "postgres", s.server);
	return s.folder;
}

const char *server_folder(void)
{
	return server_socket();
}

const char *pooler_socket(void)
{
	char text[600];
	const char *socket = server_socket();
	if (s.bouncer)
		return s.folder;
	write_file("users.txt", "\"postgres\" \"\"\n\"plain\" \"\"\n");
	snprintf(text, sizeof(text),
		 "[databases]\n* = host=%s port=5432\n[pgbouncer]\nlisten_addr=\nlisten_port=6432\nunix_socket_dir=%s\n"
		 "auth_type=trust\nauth_file=%s/"
		 "users.txt\npool_mode=transaction\nmax_client_conn=50\ndefault_pool_size=5\n",
		 socket, s.folder, s.folder);
	write_file("bouncer.ini", text);
	snprintf(text, sizeof(text), "%s/bouncer.ini", s.folder);
	s.bouncer = start((const char *[]){ "/usr/sbin/pgbouncer", text, NULL }, "bouncer.log");
	wait_for(s.folder, "6432", "pgbouncer", s.bouncer);
	return s.folder;
}
