"""What an order costs: Flask with the OpenTelemetry SDK and Flask instrumentation at their defaults.

Redis calls are not instrumented: a gap in what the SDK sees.
"""

import collections
import os

import ledger
from flask import Flask, g, request
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)

redis_client = ledger.redis_client(int(os.environ["REDIS_PORT"]))
requests_from_port = collections.Counter()


@app.before_request
def begin():
    g.start = ledger.unix_nano()


@app.post("/price")
def price():
    order = request.get_json()["order"]
    cents = int(ledger.redis_get(redis_client, f"price:{order}", order) or 1999)

    remote = int(request.environ["REMOTE_PORT"])
    requests_from_port[remote] += 1
    context = trace.get_current_span().get_span_context()
    ledger.write(
        kind="server",
        system="http",
        operation=f"{request.method} {request.path}",
        label=order,
        localPort=int(request.environ["SERVER_PORT"]),
        remotePort=remote,
        sequence=requests_from_port[remote],
        startUnixNano=g.start,
        endUnixNano=ledger.unix_nano(),
        traceId=trace.format_trace_id(context.trace_id),
        spanId=trace.format_span_id(context.span_id),
    )
    return {"order": order, "cents": cents}
