"""Serves GET /in/LABEL by a call GET /out/LABEL that a thread of a pool makes: PORT UPSTREAM_PORT WORKERS MODE."""

import http.client
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, upstream, workers, mode = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
pool = ThreadPoolExecutor(workers)
mine = threading.local()


def call(label):
    if not hasattr(mine, 'connection'):
        mine.connection = http.client.HTTPConnection('127.0.0.1', upstream)
    mine.connection.request('GET', f'/out/{label}')
    return mine.connection.getresponse().read()


def compute():
    return sum(i * i for i in range(20_000))


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        label = self.path.removeprefix('/in/')
        if mode == 'result':
            pool.submit(call, label).result()
        elif mode == 'timed':
            pool.submit(call, label).result(30)
        elif mode == 'busy':
            compute()
            pool.submit(call, label).result()
            compute()
        elif mode == 'map':
            list(pool.map(call, [label, label]))
        elif mode == 'threads':
            threads = [threading.Thread(target=call, args=(label,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        else:
            raise ValueError(mode)
        self.send_response(200)
        self.send_header('Content-Length', '2')
        self.end_headers()
        self.wfile.write(b'ok')

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 1024


server = Server(('127.0.0.1', port), Handler)
print('ready', flush=True)
server.serve_forever()
