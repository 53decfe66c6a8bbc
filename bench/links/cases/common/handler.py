"""An HTTP server of the standard library, reduced to what the benchmark asks: a label, a path, an answer."""

from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def handler(handle, forwarded=()):
    """A request handler that calls `handle(path, label)` and answers; with those of `forwarded` that came, in pairs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            headers = [(name, self.headers[name]) for name in forwarded if name in self.headers]
            handle(self.path, self.headers["x-label"], *([headers] if forwarded else []))
            self.wfile.write(ANSWER)

        def log_message(self, format, *arguments):
            pass

    return Handler


class ThreadServer(ThreadingHTTPServer):
    request_queue_size = 128


class OneThreadServer(HTTPServer):
    """One connection after the other."""

    request_queue_size = 128
