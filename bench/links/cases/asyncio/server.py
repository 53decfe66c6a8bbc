"""An aiohttp server; each request makes two calls, one after the other, over connections that all requests share."""

import os

from aiohttp import ClientSession, TCPConnector, web
from calls import call_label, record

UPSTREAM = f"http://127.0.0.1:{os.environ['UPSTREAM']}"


async def handle(request):
    label = request.headers["x-label"]
    for number in (1, 2):
        own = call_label(label, number)
        record(own)
        async with request.app["session"].get(UPSTREAM + request.path, headers={"x-label": own}) as answer:
            await answer.read()
    return web.Response(text="ok")


async def make_app():
    app = web.Application()
    app["session"] = ClientSession(connector=TCPConnector(limit=64))
    app.router.add_get("/{path:.*}", handle)
    return app


if os.environ["LOOP"] == "uvloop":
    import uvloop

    uvloop.install()

web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
