#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets a real PostgreSQL server claim another version: passes everything through,
but rewrites server_version in the ParameterStatus messages of the greeting.

    old_server.py SOCKET_OF_SERVER SOCKET_TO_LISTEN_ON VERSION

Serves one connection at a time and ends when it is killed, or after a minute.
"""
import re
import select
import socket
import sys
import time

target, listen, version = sys.argv[1], sys.argv[2], sys.argv[3].encode()
server = socket.socket(socket.AF_UNIX)
server.bind(listen)
server.listen(5)
server.settimeout(60)


def rewrite(data):
    def new(match):
        body = b"server_version\0" + version + b"\0"
        return b"S" + (len(body) + 4).to_bytes(4, "big") + body
    return re.sub(rb"S\0\0\0.server_version\0[^\0]*\0", new, data, flags=re.S)


def serve(client, end):
    upstream = socket.socket(socket.AF_UNIX)
    upstream.connect(target)
    while time.monotonic() < end:
        ready, _, _ = select.select([client, upstream], [], [], 1)
        for side in ready:
            data = side.recv(65536)
            if not data:
                return
            (client if side is upstream else upstream).sendall(rewrite(data) if side is upstream else data)


end = time.monotonic() + 60
while time.monotonic() < end:
    try:
        client, _ = server.accept()
        serve(client, end)
        client.close()
    except OSError:
        break
