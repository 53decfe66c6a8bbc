"""A server on asyncio's streams, of the standard library alone. Each request makes six calls: one over a kept connection,
one over a new one, two at a time, one on a thread, and one in a task that the request starts and waits for. A task calls in
the background."""

import asyncio
import os
import random

import calls

UPSTREAM = int(os.environ["UPSTREAM"])
idle = []
# Up to CPython 3.11 nobody else keeps the tasks of connections, which then may be collected while they wait.
serving = set()


async def think():
    await asyncio.sleep(random.random() * 0.002)


async def send(connection, path, label):
    reader, writer = connection
    calls.record(label)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: b\r\nx-label: {label}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)


async def get(path, label):
    await think()
    connection = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", UPSTREAM)
    await send(connection, path, label)
    idle.append(connection)


async def get_once(path, label):
    await think()
    connection = await asyncio.open_connection("127.0.0.1", UPSTREAM)
    await send(connection, path, label)
    connection[1].close()


def get_on_thread(path, label):
    calls.Upstream(UPSTREAM).get(path, label)


async def handle(path, label):
    labels = [calls.call_label(label, number) for number in range(1, 7)]
    await get(path, labels[0])
    await get_once(path, labels[1])
    await asyncio.gather(get(path, labels[2]), get(path, labels[3]))
    await asyncio.to_thread(get_on_thread, path, labels[4])
    await asyncio.create_task(get(path, labels[5]))


async def serve(reader, writer):
    serving.add(asyncio.current_task())
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            break
        path = head.split(b" ", 2)[1].decode()
        label = head.lower().partition(b"x-label:")[2].partition(b"\r\n")[0].strip().decode().upper()
        await handle(path, label)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    writer.close()
    serving.discard(asyncio.current_task())


async def call_in_background():
    for number in range(1, 100_000):
        await asyncio.sleep(random.random() * 0.02)
        await get("/", f"LBL-b{number:05}-1")


async def main():
    background = asyncio.create_task(call_in_background())
    await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await background


asyncio.run(main())
