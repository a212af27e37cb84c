#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Blue is live; green is a copy that is migrated and looked at; then one
transaction gives green the name that the service uses. Blue is kept as
<name>_blue, to go back to. Until the switch, blue answers but takes no writes,
so that green misses none; when anything fails, blue is as it was.

    scripts/blue_green.py [back]
"""
import os
import subprocess
import sys

import orchestrator
import settings
from settings import psql, stop


def sql(text, database="postgres", **names):
    """The names are bound by psql: :"live" in the text is live=… quoted as an identifier, :'live' as a text."""
    arguments = [x for name, value in names.items() for x in ("-v", "%s=%s" % (name, value))]
    psql(*arguments, input=text, text=True, env=dict(os.environ, PGDATABASE=database), stdout=subprocess.DEVNULL)


# Those of the service; a superuser's are not ours to end, and the server ends its own workers where they are in the way.
END_SESSIONS = """SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
 WHERE a.datname = :'live' AND a.backend_type = 'client backend' AND NOT r.rolsuper AND a.pid <> pg_backend_pid();
"""


def read_only(live):
    sql('ALTER DATABASE :"live" SET default_transaction_read_only = on;\n' + END_SESSIONS, live=live)


def as_ever(name):
    sql('ALTER DATABASE :"name" RESET default_transaction_read_only;\nALTER DATABASE :"name" CONNECTION LIMIT -1;\n', name=name)


def copy(live, green):
    sql('CREATE DATABASE :"green";\n', green=green)
    dump = subprocess.Popen(["pg_dump"], env=dict(os.environ, PGDATABASE=live), stdout=subprocess.PIPE)
    psql("-1", stdin=dump.stdout, stdout=subprocess.DEVNULL, env=dict(os.environ, PGDATABASE=green))
    if dump.wait():
        stop("pg_dump failed")


def prepare(live, green):
    copy(live, green)
    os.environ["POSTGRES_DB"] = os.environ["PGDATABASE"] = green
    orchestrator.migrate()
    orchestrator.migrate_validate()
    orchestrator.check_data()
    orchestrator.ask("Green is migrated and sound.", "switch")


def switch(live, old, new):
    """Nobody comes in between: for that moment the name takes no connections."""
    sql('ALTER DATABASE :"live" CONNECTION LIMIT 0;\n%sBEGIN;\nALTER DATABASE :"live" RENAME TO :"old";\n'
        'ALTER DATABASE :"new" RENAME TO :"live";\nCOMMIT;\n' % END_SESSIONS, live=live, old=old, new=new)
    sql('ALTER DATABASE :"old" CONNECTION LIMIT -1;\n', old=old)


def back(live, green, blue):
    orchestrator.ask("This goes back to %s; what was written since the switch stays in %s." % (blue, green), "back")
    try:
        switch(live, green, blue)
    finally:
        as_ever(live)
    print("back on blue")


def main():
    settings.load()
    live = os.environ["PGDATABASE"]
    green, blue = live + "_green", live + "_blue"
    if sys.argv[1:] == ["back"]:
        back(live, green, blue)
        return
    read_only(live)
    try:
        prepare(live, green)
        switch(live, blue, green)
    except BaseException:
        sql('DROP DATABASE IF EXISTS :"green" WITH (FORCE);\n', green=green)
        as_ever(live)
        raise
    print("switched; blue is kept as " + blue)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as e:
        sys.exit("error: %s ended with %d" % (e.cmd[0], e.returncode))
