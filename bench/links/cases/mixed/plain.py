"""A thread a connection, not instrumented: hands each request on, with the headers that FORWARDED names.

With SHARE given it hands these on with that share of the requests only, chosen at random.
"""

import os
import random

import calls
import handler

upstream = calls.Upstream(int(os.environ["UPSTREAM"]))
FORWARDED = os.environ["FORWARDED"].split()
SHARE = float(os.environ["SHARE"])


class Relay(handler.handler(None)):
    def do_GET(self):
        forwarded = FORWARDED if random.random() < SHARE else []
        kept = [(name, self.headers[name]) for name in forwarded if name in self.headers]
        upstream.get(self.path, calls.call_label(self.headers["x-label"], 2), kept)
        self.wfile.write(handler.ANSWER)


handler.ThreadServer(("127.0.0.1", int(os.environ["PORT"])), Relay).serve_forever()
