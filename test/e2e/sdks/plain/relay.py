"""Relay answers every GET with what its upstream answers. Not instrumented, and forwards no header."""

import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Relay(BaseHTTPRequestHandler):
    def do_GET(self):
        with urllib.request.urlopen(os.environ["UPSTREAM"] + self.path) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Relay).serve_forever()
