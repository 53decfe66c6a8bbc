"""Pre-forked processes that accept on one socket; each serves one connection at a time."""

import os
import signal
import sys

import calls
import handler

upstream = calls.Upstream(int(os.environ["UPSTREAM"]))
server = handler.OneThreadServer(
    ("127.0.0.1", int(os.environ["PORT"])),
    handler.handler(lambda path, label: upstream.get(path, calls.call_label(label, 1))),
)
children = []
for _ in range(int(os.environ["WORKERS"])):
    pid = os.fork()
    if pid == 0:
        server.serve_forever()
    children.append(pid)


def stop(*_):
    for child in children:
        os.kill(child, signal.SIGKILL)
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.pause()
