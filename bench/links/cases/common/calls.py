"""What the Python programs of the benchmark share: labels, records, and kept connections to an upstream."""

import http.client
import os
import queue
import threading

_records = open(os.path.join(os.environ["RECORDS"], f"calls-{os.getpid()}"), "a", buffering=1)
_lock = threading.Lock()


def call_label(label, call):
    """The label of a request's n-th call: the same number, another last character."""
    return label[:-1] + "0123456789abcdefghijklmnopqrstuvwxyz"[call]


def record(label):
    with _lock:
        _records.write(label + "\n")


class Upstream:
    """A pool of kept-alive connections to one HTTP server: borrowed for a call, the last one used first."""

    def __init__(self, port):
        self._port = port
        self._idle = queue.LifoQueue()

    def get(self, path, label):
        """GET with a label, recorded."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = http.client.HTTPConnection("127.0.0.1", self._port)
        record(label)
        connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("host", "b")
        connection.putheader("x-label", label)
        connection.endheaders()
        status = connection.getresponse()
        status.read()
        self._idle.put(connection)
        return status.status
