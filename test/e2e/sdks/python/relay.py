"""Relay answers every GET with what its upstream answers, or by itself where it has none.

It knows nothing of OpenTelemetry: `opentelemetry-instrument` runs it.
"""

import os
import urllib.request

from flask import Flask

app = Flask(__name__)
UPSTREAM = os.environ.get("UPSTREAM")


@app.get("/<path:path>")
def relay(path):
    if UPSTREAM is None:
        return "hello\n"
    with urllib.request.urlopen(f"{UPSTREAM}/{path}") as answer:
        return answer.read()


app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
