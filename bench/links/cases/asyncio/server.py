"""aiohttp on asyncio's own event loop or on uvloop. WAY says what a request does; BACKGROUND adds calls of nobody's."""

import asyncio
import os
import random

import aiohttp
import asyncpg
import calls
import redis.asyncio
from aiohttp import web

UPSTREAM = f"http://127.0.0.1:{os.environ.get('UPSTREAM')}"
session = aiohttp.ClientSession
databases = asyncpg.Pool
cache = redis.asyncio.Redis


async def think():
    """A program works a little before it calls: another request may have come by then."""
    await asyncio.sleep(random.random() * 0.002)


async def get(path, label):
    await think()
    calls.record(label)
    async with session.get(UPSTREAM + path, headers={"x-label": label}) as answer:
        await answer.read()


async def one(path, label):
    await get(path, calls.call_label(label, 1))


async def fan_out(path, label):
    await asyncio.gather(*(get(path, calls.call_label(label, number)) for number in range(1, 5)))


async def query(label):
    await think()
    calls.record(label)
    await databases.fetchval("SELECT $1::text FROM pg_sleep(random() * 0.005)", label)


async def store(label):
    await think()
    calls.record(label)
    await cache.set("last", label)


async def use_databases(_path, label):
    await query(calls.call_label(label, 1))
    await asyncio.gather(query(calls.call_label(label, 2)), store(calls.call_label(label, 3)))


def get_on_thread(path, label):
    calls.Upstream(int(os.environ["UPSTREAM"])).get(path, label)


async def thread(path, label):
    await asyncio.to_thread(get_on_thread, path, calls.call_label(label, 1))


WAYS = {"one": one, "fan-out": fan_out, "databases": use_databases, "thread": thread}


async def handle(request):
    await WAYS[os.environ["WAY"]](request.path, request.headers["x-label"])
    return web.Response(text="ok")


async def call_in_background():
    for number in range(1, 100_000):
        await asyncio.sleep(random.random() * 0.01)
        await get("/", f"LBL-b{number:05}-1")


async def main():
    global session, databases, cache
    connector = aiohttp.TCPConnector(limit=0, force_close=bool(os.environ.get("NEW_CONNECTIONS")))
    session = aiohttp.ClientSession(connector=connector)
    if "DATABASE_URL" in os.environ:
        databases = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=16)
        cache = redis.asyncio.Redis(host="127.0.0.1", port=int(os.environ["REDIS_PORT"]))
    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    background = asyncio.create_task(call_in_background()) if "BACKGROUND" in os.environ else asyncio.sleep(0)
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    await background
    await asyncio.Event().wait()


if os.environ["LOOP"] == "uvloop":
    import uvloop

    uvloop.run(main())
else:
    asyncio.run(main())
