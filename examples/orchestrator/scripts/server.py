#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL for development and tests: `make up`, `make down`,
and `make clean`, which also removes its data.

It lives in a temporary folder and listens where POSTGRES_HOST and POSTGRES_PORT
say: on that address, or, when the host is a folder, only on a socket in it.
Passwords are asked for; roles: the one that migrates (POSTGRES_USER, may create
databases, is no superuser) and orchestrator_app, which may only use the data.

    scripts/server.py up [--tls] | down | remove
"""
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

import settings


def folder():
    if os.environ["POSTGRES_HOST"].startswith("/"):
        return os.environ["POSTGRES_HOST"]
    mark = "%s:%s:%d" % (settings.ROOT, os.environ["POSTGRES_PORT"], os.geteuid())
    return os.path.join(tempfile.gettempdir(), "orchestrator-" + hashlib.sha256(mark.encode()).hexdigest()[:12])


def program(name):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + name), key=lambda p: int(p.split("/")[4]))
    path = found[-1] if found else shutil.which(name)
    return path or settings.stop("no PostgreSQL server is installed (Debian: postgresql)")


def as_server(argv, **kw):
    """PostgreSQL refuses to run as root; there it runs as the user postgres."""
    if os.geteuid() == 0:
        argv = ["runuser", "-u", "postgres", "--"] + argv
    result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/", **kw)
    if result.returncode:
        settings.stop("%s failed:\n%s" % (os.path.basename(argv[-1] if argv[0] == "runuser" else argv[0]), result.stdout))


def secret_file(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
        f.write(text)
    if os.geteuid() == 0:
        shutil.chown(path, "postgres")


def certificate(data):
    """A self-signed one, for sslmode=require."""
    key, crt = os.path.join(data, "server.key"), os.path.join(data, "server.crt")
    as_server(["openssl", "req", "-new", "-x509", "-days", "7", "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", crt])
    os.chmod(key, 0o600)


def create(base, tls):
    data, words = os.path.join(base, "data"), os.path.join(base, "password")
    os.makedirs(base, exist_ok=True)
    os.chmod(base, 0o755)
    if os.geteuid() == 0:
        shutil.chown(base, "postgres")
    secret_file(words, os.environ["PGPASSWORD"])
    as_server([program("initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", words, "-E", "UTF8",
               "--locale=C.UTF-8", "--no-sync"])
    os.remove(words)
    host = os.environ["POSTGRES_HOST"]
    lines = ["unix_socket_directories = '%s'" % base, "port = %s" % os.environ["POSTGRES_PORT"], "fsync = off",
             "listen_addresses = '%s'" % ("" if host.startswith("/") else host), "shared_buffers = 64MB"]
    if tls:
        certificate(data)
        lines.append("ssl = on")
    with open(os.path.join(data, "postgresql.auto.conf"), "a") as f:
        f.write("\n".join(lines) + "\n")


def roles(base):
    """As the superuser, over the socket; the password goes by standard input, not by an argument."""
    user = os.environ["PGUSER"]
    if user == "postgres":
        return
    sql = """\\set user `printenv AGENT`
\\set word `printenv PGPASSWORD`
SELECT format('CREATE ROLE %I LOGIN CREATEDB PASSWORD %L', :'user', :'word') \\gexec
CREATE ROLE orchestrator_app NOLOGIN;
"""
    env = dict(os.environ, PGHOST=base, PGUSER="postgres", PGDATABASE="postgres", AGENT=user)
    settings.psql(input=sql, text=True, env=env)


def up(tls):
    base = folder()
    data = os.path.join(base, "data")
    fresh = not os.path.exists(data)
    if fresh:
        create(base, tls)
    elif os.path.exists(os.path.join(data, "postmaster.pid")):
        print("PostgreSQL runs in %s already." % base)
        return
    as_server([program("pg_ctl"), "-D", data, "-s", "-w", "-t", "60", "-l", os.path.join(base, "server.log"), "start"])
    if fresh:
        roles(base)
    print("PostgreSQL runs in %s (host %s, port %s)." % (base, os.environ["POSTGRES_HOST"], os.environ["POSTGRES_PORT"]))


def down(remove=False):
    base = folder()
    data = os.path.join(base, "data")
    if not os.path.exists(os.path.join(data, "PG_VERSION")):
        settings.stop("there is no private PostgreSQL in " + base)
    if os.path.exists(os.path.join(data, "postmaster.pid")):
        as_server([program("pg_ctl"), "-D", data, "-s", "-w", "-m", "fast", "stop"])
    if remove:
        shutil.rmtree(data)
        os.remove(os.path.join(base, "server.log"))
        if not os.listdir(base):
            os.rmdir(base)
    print("PostgreSQL is stopped%s." % ("; its folder is gone" if remove else ""))


def main():
    settings.load()
    if sys.argv[1:2] == ["up"]:
        up("--tls" in sys.argv[2:])
    elif sys.argv[1:] in (["down"], ["remove"]):
        down(sys.argv[1] == "remove")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
