"""A web service that nobody instrumented and that knows nothing but Unix sockets. Usage: unix_app.py FOLDER

Each connection has a thread. A request for /ID asks PostgreSQL for a column of that name and Redis for a command that
follows from the number in it; below /new/ over a connection to Redis of its own.
"""

import os
import queue
import socketserver
import sys
from http.server import BaseHTTPRequestHandler

import psycopg
import redis

FOLDER = sys.argv[1]
COMMANDS = ["GET", "EXISTS", "STRLEN", "TTL"]


class Pool:
    def __init__(self, connect):
        self._connect = connect
        self._idle = queue.LifoQueue()

    def borrow(self):
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._connect()

    def give_back(self, connection):
        self._idle.put(connection)


def connect_redis():
    return redis.Redis(unix_socket_path=FOLDER + "/redis.sock", lib_name=None, lib_version=None)


databases = Pool(
    lambda: psycopg.connect(
        host=FOLDER + "/postgres", port=int(os.environ["PGPORT"]), user="shop", dbname="postgres", autocommit=True
    )
)
caches = Pool(connect_redis)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.rsplit("/", 1)[1]
        database = databases.borrow()
        database.execute(f"SELECT 1 AS {name}").fetchone()
        databases.give_back(database)
        new = self.path.startswith("/new/")
        cache = connect_redis() if new else caches.borrow()
        cache.execute_command(COMMANDS[int(name[1:]) % len(COMMANDS)], "key")
        if new:
            cache.close()
        else:
            caches.give_back(cache)
        body = name.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


path = FOLDER + "/app.sock"
server = Server(path, Handler)
os.chmod(path, 0o777)
server.serve_forever()
