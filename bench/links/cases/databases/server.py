"""A thread a connection; each request asks PostgreSQL twice and Redis once, over pools that all requests share."""

import os

import calls
import handler
import psycopg
import redis


def connect():
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


databases = calls.Pool(connect)
client = redis.Redis(host="127.0.0.1", port=int(os.environ["REDIS_PORT"]))


def query(text, label, parameters=None):
    """The database takes its time: what a request waits for differs."""
    calls.think()
    connection = databases.borrow()
    calls.record(label)
    connection.execute(text, parameters).fetchone()
    databases.give_back(connection)


def handle(path, label):
    first, second, third = (calls.call_label(label, number) for number in (1, 2, 3))
    query("SELECT pg_sleep(random() * 0.005), %s::text", first, [first])
    query(f"SELECT pg_sleep(random() * 0.005), '{second}'", second)
    calls.think()
    calls.record(third)
    client.set("last", third)


handler.ThreadServer(("127.0.0.1", int(os.environ["PORT"])), handler.handler(handle)).serve_forever()
