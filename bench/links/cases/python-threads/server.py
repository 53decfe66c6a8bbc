"""A thread a connection. Each request makes CALLS calls in sequence on the thread that read it."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import calls

upstream = calls.Upstream(int(os.environ["UPSTREAM"]))
CALLS = int(os.environ["CALLS"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        label = self.headers["x-label"]
        for call in range(1, CALLS + 1):
            upstream.get(self.path, calls.call_label(label, call))
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    def log_message(self, format, *arguments):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
