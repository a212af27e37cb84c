# SPDX-License-Identifier: Apache-2.0
"""Where the database is, and what else the environment says.

The real environment counts before .env.<ENVIRONMENT>, that before .env, that
before the defaults. Programs get the result by their own variables, so that no
password stands in an argument list."""
import os
import re
import shutil
import subprocess
import sys
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEFAULTS = {"POSTGRES_HOST": "localhost", "POSTGRES_PORT": "5432", "POSTGRES_DB": "agent_orchestrator",
            "POSTGRES_USER": "agent", "POSTGRES_PASSWORD": "password", "DB_SCHEMA": "orchestrator",
            "DB_MAX_CONNECTIONS": "10", "DB_SSL_MODE": "prefer", "MIGRATION_TIMEOUT": "300", "MIGRATION_LOCK_TIMEOUT": "60"}
FALLBACKS = {"POSTGRES_HOST": "DB_HOST", "POSTGRES_PORT": "DB_PORT", "POSTGRES_DB": "DB_NAME", "POSTGRES_USER": "DB_USER",
             "POSTGRES_PASSWORD": "DB_PASSWORD"}
LIBPQ = {"PGHOST": "POSTGRES_HOST", "PGPORT": "POSTGRES_PORT", "PGDATABASE": "POSTGRES_DB", "PGUSER": "POSTGRES_USER",
         "PGPASSWORD": "POSTGRES_PASSWORD", "PGSSLMODE": "DB_SSL_MODE"}
ENVIRONMENTS = ("development", "staging", "production")


def stop(message, status=1):
    print("error: " + message, file=sys.stderr)
    sys.exit(status)


def read_env_file(name):
    """NAME=value lines, quotes around the value taken off; what is set already wins."""
    try:
        with open(os.path.join(ROOT, name), encoding="utf-8") as f:
            lines = f.read().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$", line)
        if match:
            value = match.group(2)
            quoted = re.fullmatch(r"(['\"])(.*?)\1\s*(?:#.*)?", value)
            os.environ.setdefault(match.group(1), quoted.group(2) if quoted else value.split(" #")[0].rstrip())


def take_url():
    """DATABASE_URL counts before its parts; from here on only the parts are used."""
    url = urllib.parse.urlsplit(os.environ.pop("DATABASE_URL", "") or "")
    if not url.scheme:
        return
    query = dict(urllib.parse.parse_qsl(url.query))
    parts = {"POSTGRES_HOST": url.hostname or query.get("host"), "POSTGRES_PORT": url.port or query.get("port"),
             "POSTGRES_DB": url.path.lstrip("/"), "POSTGRES_USER": url.username or query.get("user"),
             "POSTGRES_PASSWORD": url.password, "DB_SSL_MODE": query.get("sslmode")}
    for name, value in parts.items():
        if value:
            os.environ[name] = urllib.parse.unquote(str(value))


def load():
    """Everything into os.environ; returns the name of the environment."""
    os.chdir(ROOT)
    if "ENVIRONMENT" in os.environ:
        read_env_file(".env." + os.environ["ENVIRONMENT"])
    read_env_file(".env")
    environment = os.environ.setdefault("ENVIRONMENT", "development")
    if environment not in ENVIRONMENTS:
        stop("ENVIRONMENT is %r; it is one of %s" % (environment, ", ".join(ENVIRONMENTS)))
    take_url()
    for name, value in DEFAULTS.items():
        os.environ[name] = os.environ.get(name) or os.environ.get(FALLBACKS.get(name, ""), "") or value
    for name, source in LIBPQ.items():
        os.environ[name] = os.environ[source]
    # whimbrel.yaml puts the parts between quotes.
    for name in ("POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"):
        os.environ[name] = os.environ[name].replace("\\", "\\\\").replace("'", "\\'")
    os.environ["WHIMBREL_ENV"] = environment
    return environment


def whimbrel():
    """The program: $WHIMBREL, that of this source tree, or the installed one."""
    built = os.path.join(ROOT, "../../build/whimbrel")
    path = os.environ.get("WHIMBREL") or (built if os.path.exists(built) else shutil.which("whimbrel"))
    if not path:
        stop("whimbrel is neither built (make -C ../.. build) nor installed; WHIMBREL=/path/to/it names another")
    return os.path.abspath(path)


def run(*args, **kw):
    """Whimbrel with these arguments; its exit status."""
    sys.stdout.flush()
    return subprocess.run([whimbrel()] + list(args), **kw).returncode


def psql(*args, **kw):
    kw.setdefault("check", True)
    return subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"] + list(args), **kw)
