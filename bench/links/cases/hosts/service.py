"""A thread a connection; each request makes one call to UPSTREAM, if that is given, and hands `traceparent` on."""

import os

import calls
import handler

host, port = os.environ["LISTEN"].split(":")
upstream = None
if "UPSTREAM" in os.environ:
    upstream_host, upstream_port = os.environ["UPSTREAM"].split(":")
    upstream = calls.Upstream(int(upstream_port), upstream_host)
call = int(os.environ.get("CALL", 0))


def handle(path, label, headers):
    if upstream:
        upstream.get(path, calls.call_label(label, call), headers)


server = handler.ThreadServer((host, int(port)), handler.handler(handle, forwarded=["traceparent"]))
server.serve_forever()
