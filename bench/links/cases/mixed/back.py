"""Flask, a thread a connection; `opentelemetry-instrument` runs it.

Hands each request on over a new connection, and records the call and whether its trace is sampled.
"""

import logging
import os
import urllib.request

import calls
from flask import Flask, request
from opentelemetry import trace
from werkzeug.serving import WSGIRequestHandler

UPSTREAM = os.environ["UPSTREAM"]

app = Flask(__name__)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
WSGIRequestHandler.protocol_version = "HTTP/1.1"


@app.get("/<path:path>")
def relay(path):
    label = calls.call_label(request.headers["x-label"], 3)
    calls.record(label)
    if trace.get_current_span().is_recording():
        calls.append(os.environ["SAMPLED"], label)
    calls.think()
    call = urllib.request.Request(f"http://127.0.0.1:{UPSTREAM}/{path}", headers={"x-label": label})
    with urllib.request.urlopen(call) as answer:
        return answer.read()


app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
