// The shop's front: takes an order and asks `stock` about it. Instrumented with the OpenTelemetry SDK at its defaults.
require('./tracing.js');
const { trace } = require('@opentelemetry/api');
const http = require('node:http');
const { json } = require('node:stream/consumers');
const { recordCalls } = require('./calls.js');
const ledger = require('./ledger.js');

const requestsOnSocket = new WeakMap();

async function answer(request, response) {
  const startUnixNano = ledger.unixNano();
  const { socket } = request;
  const { localPort, remotePort } = socket;
  const sequence = (requestsOnSocket.get(socket) ?? 0) + 1;
  requestsOnSocket.set(socket, sequence);
  const { order } = await json(request);
  const context = trace.getActiveSpan()?.spanContext();

  const stock = await recordCalls(order, () =>
    fetch(process.env.STOCK_URL, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ order }),
    }),
  );
  const body = await stock.text();

  response.writeHead(stock.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body, () =>
    ledger.write({
      kind: 'server',
      system: 'http',
      operation: `${request.method} ${request.url}`,
      label: order,
      localPort,
      remotePort,
      sequence,
      startUnixNano,
      endUnixNano: ledger.unixNano(),
      traceId: context?.traceId,
      spanId: context?.spanId,
    }),
  );
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(502).end();
  });
});
// Longer than nginx keeps its upstream connections, so that the reusing side is the one that closes.
server.keepAliveTimeout = 120_000;
server.listen(Number(process.env.PORT), '127.0.0.1');
