#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The former generator's options, for `whimbrel new`: the next migration file
from a template. Exit status 0 or 1."""
import argparse
import subprocess
import sys

import settings


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("description")
    parser.add_argument("-t", "--template", choices=["basic", "table", "alter", "data"], default="basic")
    parser.add_argument("-a", "--author", default="Developer")
    parser.add_argument("--migrations-dir", default="src/db/migrations")
    a = parser.parse_args()
    settings.load()
    made = subprocess.run([settings.whimbrel(), "new", a.description, "--template", a.template, "--author", a.author, "--dir",
                           a.migrations_dir], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if made.returncode:
        sys.stderr.write(made.stderr)
        sys.exit(1)
    print("Created:  %s\nTemplate: %s\nNext:     edit it, then make migrate-dry" % (made.stdout.strip(), a.template))


if __name__ == "__main__":
    main()
