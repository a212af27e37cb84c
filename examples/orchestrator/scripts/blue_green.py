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


END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'live' AND pid <> pg_backend_pid();\n"


def read_only(live, on):
    set_or_reset = "SET default_transaction_read_only = on" if on else "RESET default_transaction_read_only"
    sql('ALTER DATABASE :"live" %s;\n' % set_or_reset + (END_SESSIONS if on else ""), live=live)


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
    sql('BEGIN;\n%sALTER DATABASE :"live" RENAME TO :"old";\nALTER DATABASE :"new" RENAME TO :"live";\nCOMMIT;\n' % END_SESSIONS,
        live=live, old=old, new=new)


def main():
    settings.load()
    live = os.environ["PGDATABASE"]
    green, blue = live + "_green", live + "_blue"
    if sys.argv[1:] == ["back"]:
        orchestrator.ask("This goes back to %s; what was written since the switch stays in %s." % (blue, green), "back")
        switch(live, green, blue)
        read_only(live, False)
        print("back on blue")
        return
    read_only(live, True)
    try:
        prepare(live, green)
        switch(live, blue, green)
    except BaseException:
        sql('DROP DATABASE IF EXISTS :"green" WITH (FORCE);\n', green=green)
        read_only(live, False)
        raise
    print("switched; blue is kept as " + blue)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as e:
        sys.exit("error: %s ended with %d" % (e.cmd[0], e.returncode))
