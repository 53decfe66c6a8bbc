"""A thread a connection (ThreadingHTTPServer); WAY says what a request does on it."""

import itertools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import calls
import handler

upstream = calls.Upstream(int(os.environ["UPSTREAM"]))
executor = ThreadPoolExecutor(4)


def call(path, label, number=1):
    return upstream.get(path, calls.call_label(label, number))


def sequence(path, label, count):
    for number in range(1, count + 1):
        call(path, label, number)


def retry(path, label):
    for number in range(1, 4):
        if call(path, label, number) == 200:
            return


def sub_threads(path, label):
    threads = [threading.Thread(target=call, args=(path, label, number)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def background():
    """A job that belongs to no request."""
    for number in itertools.cycle(range(1, 100_000)):
        time.sleep(0.005)
        upstream.get("/job", f"LBL-b{number:05}-1")


WAYS = {
    "one": call,
    "eight": lambda path, label: sequence(path, label, 8),
    "three": lambda path, label: sequence(path, label, 3),
    "retry": retry,
    "sub-threads": sub_threads,
    "executor": lambda path, label: executor.submit(call, path, label).result(),
}

if os.environ.get("BACKGROUND"):
    threading.Thread(target=background, daemon=True).start()
handle = WAYS[os.environ["WAY"]]
handler.ThreadServer(("127.0.0.1", int(os.environ["PORT"])), handler.handler(handle)).serve_forever()
