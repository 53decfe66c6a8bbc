"""How much of an order is in stock: nothing but the standard library serves HTTP here, and nothing is instrumented.

Each connection has a thread. A request asks PostgreSQL, Redis and the `price` service, and passes on to `price` the headers
that FORWARDED names: none by default.
"""

import http.client
import json
import os
import queue
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import ledger
import psycopg

PRICE_PORT = int(os.environ["PRICE_PORT"])
FORWARDED = os.environ.get("FORWARDED", "").split()


class Pool:
    """Connections that threads borrow and give back, the last one used first."""

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


class Database:
    """One PostgreSQL connection."""

    def __init__(self):
        self._connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        with socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as copy:
            self._local, self._remote = copy.getsockname()[1], copy.getpeername()[1]
        self._sequence = 0

    def quantity(self, order):
        start = ledger.unix_nano()
        row = self._connection.execute("SELECT quantity FROM order_lines WHERE order_id = %s", [order]).fetchone()
        self._sequence += 1
        ledger.write(
            kind="client",
            system="postgresql",
            operation="SELECT",
            label=order,
            localPort=self._local,
            remotePort=self._remote,
            sequence=self._sequence,
            startUnixNano=start,
            endUnixNano=ledger.unix_nano(),
        )
        return row[0] if row else 0


class Price:
    """One kept-alive HTTP connection to the `price` service."""

    def __init__(self):
        self._http = http.client.HTTPConnection("127.0.0.1", PRICE_PORT)
        self._http.connect()
        self._sequence = 0

    def ask(self, order, context):
        start = ledger.unix_nano()
        local = self._http.sock.getsockname()[1]
        body = json.dumps({"order": order})
        self._http.request("POST", "/price", body, {"Content-Type": "application/json", **context})
        answer = json.loads(self._http.getresponse().read())
        self._sequence += 1
        ledger.write(
            kind="client",
            system="http",
            operation="POST /price",
            label=order,
            localPort=local,
            remotePort=PRICE_PORT,
            sequence=self._sequence,
            startUnixNano=start,
            endUnixNano=ledger.unix_nano(),
        )
        return answer["cents"]


databases = Pool(Database)
prices = Pool(Price)
redis_client = ledger.redis_client(int(os.environ["REDIS_PORT"]))


def borrowed(pool, use):
    connection = pool.borrow()
    result = use(connection)
    pool.give_back(connection)
    return result


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body of an answer are two writes; without this the second waits for an acknowledgement.
    disable_nagle_algorithm = True
    sequence = 0

    def do_POST(self):
        start = ledger.unix_nano()
        self.sequence += 1
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["order"]

        quantity = borrowed(databases, lambda database: database.quantity(order))
        reserved = int(ledger.redis_get(redis_client, f"reserved:{order}", order) or 0)
        cents = borrowed(prices, lambda price: price.ask(order, self.context()))

        body = json.dumps({"order": order, "available": quantity - reserved, "cents": cents}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        ledger.write(
            kind="server",
            system="http",
            operation=f"{self.command} {self.path}",
            label=order,
            localPort=self.server.server_address[1],
            remotePort=self.client_address[1],
            sequence=self.sequence,
            startUnixNano=start,
            endUnixNano=ledger.unix_nano(),
        )

    def context(self):
        return {name: self.headers[name] for name in FORWARDED if name in self.headers}

    def log_message(self, format, *arguments):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
