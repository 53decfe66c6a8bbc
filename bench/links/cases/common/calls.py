"""What the Python programs of the benchmark share: labels, records, and kept connections to an upstream."""

import http.client
import os
import queue
import random
import threading
import time

_lock = threading.Lock()


def call_label(label, call):
    """The label of a request's n-th call: the same number, another last character."""
    return label[:-1] + "0123456789abcdefghijklmnopqrstuvwxyz"[call]


def record(label):
    """One line a call."""
    append(os.path.join(os.environ["RECORDS"], f"calls-{os.getpid()}"), label)


def append(path, label):
    """Written whole, so that processes may share the file."""
    with _lock, open(path, "a") as file:
        file.write(label + "\n")


def think():
    """A program works a little before it calls: another request may have come by then."""
    time.sleep(random.random() * 0.002)


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


class Upstream:
    """Calls to one HTTP server over a pool of kept connections."""

    def __init__(self, port, host="127.0.0.1"):
        self._pool = Pool(lambda: http.client.HTTPConnection(host, port))

    def get(self, path, label, headers=()):
        """GET with a label, recorded; the status, or None when the connection was closed without an answer."""
        think()
        connection = self._pool.borrow()
        record(label)
        try:
            connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("host", "b")
            connection.putheader("x-label", label)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            response.read()
        except ConnectionError:
            connection.close()
            return None
        self._pool.give_back(connection)
        return response.status
