#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Private PostgreSQL clusters and poolers for tests and benchmarks.

A cluster lives in a folder of its own and is reached over a Unix socket in it;
nothing outside that folder is touched. PostgreSQL and PgBouncer refuse to run
as root: there they run as the user postgres. Used as a module by the Python
tests, and as a program by tests/lib/servers.bash:

    servers.py start DIR [--fsync] [--tcp PORT] [--set NAME=VALUE]...
    servers.py stop DIR | restart DIR [fast|immediate]
    servers.py pool-start DIR | pool-stop DIR
    servers.py standby DIR STANDBY_DIR
"""
import argparse
import contextlib
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SUPERUSER = "postgres"


def bin_dir():
    """PostgreSQL 15 in Debian's layout, the next newer one, or what PATH holds."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"), key=lambda p: int(p.split("/")[4]))
    if found:
        return os.path.dirname(found[0])
    path = shutil.which("pg_ctl")
    if not path:
        sys.exit("servers.py: no PostgreSQL server is installed")
    return os.path.dirname(path)


def as_server_user(argv):
    if os.geteuid() == 0:
        return ["runuser", "-u", SUPERUSER, "--"] + argv
    return argv


def clean_env():
    """The environment without libpq's variables: they would lead elsewhere."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    env["LC_ALL"] = "C.UTF-8"
    return env


def run(argv, **kw):
    result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/",
                            env=clean_env(), **kw)
    if result.returncode != 0:
        raise RuntimeError("%s failed (%d):\n%s" % (" ".join(argv), result.returncode, result.stdout))
    return result.stdout


class Cluster:
    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "server.log")
        self.pool = os.path.join(self.folder, "pool")

    def _ctl(self, *args):
        return run(as_server_user([os.path.join(bin_dir(), "pg_ctl"), "-D", self.data, "-s", "-w", "-t", "60"] +
                                  list(args)))

    def create(self, fsync=False, tcp=None, settings=()):
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, SUPERUSER)
        run(as_server_user([os.path.join(bin_dir(), "initdb"), "-D", self.data, "-U", SUPERUSER, "--auth=trust",
                            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]))
        lines = ["unix_socket_directories = '%s'" % self.folder, "max_connections = 200", "shared_buffers = 64MB",
                 "log_min_messages = warning", "max_prepared_transactions = 5",
                 "listen_addresses = '%s'" % ("127.0.0.1" if tcp else ""), "port = %d" % (tcp or 5432)]
        if not fsync:
            lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
        lines += list(settings)
        with open(os.path.join(self.data, "postgresql.auto.conf"), "a") as f:
            f.write("\n".join(lines) + "\n")
        return self

    def create_standby(self, primary):
        """A hot standby that follows the cluster, from a backup of it."""
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, SUPERUSER)
        run(as_server_user([os.path.join(bin_dir(), "pg_basebackup"), "-D", self.data, "-R", "-X", "stream", "-c", "fast",
                            "-h", primary.folder, "-p", primary.port(), "-U", SUPERUSER]))
        with open(os.path.join(self.data, "postgresql.auto.conf"), "a") as f:
            f.write("unix_socket_directories = '%s'\nport = 5432\nhot_standby = on\n" % self.folder)
        return self

    def start(self):
        self._ctl("-l", self.log, "start")
        return self

    def stop(self, mode="immediate"):
        self.pool_stop()
        if os.path.exists(os.path.join(self.data, "postmaster.pid")):
            self._ctl("-m", mode, "stop")

    def restart(self, mode="fast"):
        """`immediate` aborts every backend without a checkpoint: recovery runs on start."""
        self._ctl("-m", mode, "-l", self.log, "restart")

    def port(self):
        with open(os.path.join(self.data, "postgresql.auto.conf")) as f:
            return [line.split("=")[1].strip() for line in f if line.startswith("port")][-1]

    def url(self, database, pooled=False):
        host, port = (self.pool, 6432) if pooled else (self.folder, self.port())
        return "postgres:///%s?host=%s&port=%s&user=%s" % (database, host, port, SUPERUSER)

    def psql(self, sql, database="postgres", check=True):
        result = subprocess.run([os.path.join(bin_dir(), "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database)],
                                input=sql, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_env())
        if check and result.returncode != 0:
            raise RuntimeError("psql: %s\n%s" % (result.stderr, sql))
        return result.stdout.strip()

    def create_database(self, name):
        self.psql('CREATE DATABASE "%s" TEMPLATE template0' % name)

    def drop_database(self, name):
        self.psql('DROP DATABASE IF EXISTS "%s" WITH (FORCE)' % name)

    def dump(self, database, *options):
        return run([os.path.join(bin_dir(), "pg_dump"), "-d", self.url(database)] + list(options))

    def pool_start(self):
        """PgBouncer in transaction mode before this cluster."""
        os.makedirs(self.pool, exist_ok=True)
        users = os.path.join(self.pool, "users.txt")
        config = os.path.join(self.pool, "pgbouncer.ini")
        with open(users, "w") as f:
            f.write('"%s" ""\n' % SUPERUSER)
        with open(config, "w") as f:
            f.write("[databases]\n* = host=%s port=%s\n[pgbouncer]\nunix_socket_dir = %s\nlisten_port = 6432\n"
                    "listen_addr =\nauth_type = trust\nauth_file = %s\npool_mode = transaction\n"
                    "max_client_conn = 500\ndefault_pool_size = 40\nlogfile = %s/pgbouncer.log\n"
                    "pidfile = %s/pgbouncer.pid\nignore_startup_parameters = extra_float_digits\n"
                    "admin_users = %s\n" %
                    (self.folder, self.port(), self.pool, users, self.pool, self.pool, SUPERUSER))
        if os.geteuid() == 0:
            for path in (self.pool, users, config):
                shutil.chown(path, SUPERUSER)
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        run(as_server_user([program, "-q", "-d", config]))
        deadline = time.monotonic() + 20
        while not os.path.exists(os.path.join(self.pool, ".s.PGSQL.6432")):
            if time.monotonic() > deadline:
                raise RuntimeError("pgbouncer did not start; see %s/pgbouncer.log" % self.pool)
            time.sleep(0.05)
        return self

    def pool_stop(self):
        pidfile = os.path.join(self.pool, "pgbouncer.pid")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            with open(pidfile) as f:
                pid = int(f.read())
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + 10
            while os.path.exists("/proc/%d" % pid) and time.monotonic() < deadline:
                time.sleep(0.02)


@contextlib.contextmanager
def cluster(fsync=False, tcp=None, settings=(), pooled=False, folder=None):
    """A running cluster in a temporary folder, gone afterwards."""
    base = folder or tempfile.mkdtemp(prefix="wb-pg-")
    c = Cluster(base)
    try:
        c.create(fsync=fsync, tcp=tcp, settings=settings).start()
        if pooled:
            c.pool_start()
        yield c
    finally:
        c.stop()
        shutil.rmtree(base, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["start", "stop", "restart", "pool-start", "pool-stop", "standby"])
    parser.add_argument("dir")
    parser.add_argument("mode", nargs="?", default="fast", help="fast or immediate; of standby: its folder")
    parser.add_argument("--fsync", action="store_true")
    parser.add_argument("--tcp", type=int)
    parser.add_argument("--set", action="append", default=[])
    a = parser.parse_args()
    c = Cluster(a.dir)
    if a.verb == "start":
        c.create(fsync=a.fsync, tcp=a.tcp, settings=a.set).start()
    elif a.verb == "stop":
        c.stop()
    elif a.verb == "standby":
        Cluster(a.mode).create_standby(c).start()
    elif a.verb == "restart":
        c.restart(a.mode)
    elif a.verb == "pool-start":
        c.pool_start()
    else:
        c.pool_stop()


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(str(e))
