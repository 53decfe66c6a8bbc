"""What a program did, in its own words: one JSON line for each request it answered and each call it made.

The end-to-end tests compute the expected trees from these lines.
"""

import json
import os
import threading
import time

import redis

_file = open(os.environ["LEDGER_FILE"], "a", buffering=1)
_service = os.environ["LEDGER_SERVICE"]
_lock = threading.Lock()


def unix_nano():
    """Unix time in nanoseconds, as a decimal string: other languages' JSON numbers can not hold it."""
    return str(time.time_ns())


def write(**record):
    record = {"service": _service, "pid": os.getpid(), "thread": threading.get_native_id(), **record}
    with _lock:
        _file.write(json.dumps(record) + "\n")


class RedisConnection(redis.Connection):
    """A Redis connection that notes, for the calling thread, which command on which connection it sent last.

    It is noted at the time of sending: after the answer the connection is another thread's.
    """

    last = threading.local()
    sequence = 0

    def send_command(self, *args, **options):
        super().send_command(*args, **options)
        self.sequence += 1
        self.last.sequence = self.sequence
        self.last.ports = {"localPort": self._sock.getsockname()[1], "remotePort": self.port}


def redis_client(port):
    pool = redis.ConnectionPool(connection_class=RedisConnection, host="127.0.0.1", port=port)
    return redis.Redis(connection_pool=pool)


def redis_get(client, key, label):
    """GET `key`, recorded under `label`."""
    start = unix_nano()
    value = client.get(key)
    end = unix_nano()
    last = RedisConnection.last
    write(
        kind="client",
        system="redis",
        operation="GET",
        label=label,
        **last.ports,
        sequence=last.sequence,
        startUnixNano=start,
        endUnixNano=end,
    )
    return value
