// Notes the connection that carried each `fetch` and the span id that the SDK sent with it. Reads what undici
// publishes; changes nothing.
const { AsyncLocalStorage } = require('node:async_hooks');
const channel = require('node:diagnostics_channel');
const ledger = require('./ledger.js');

const labels = new AsyncLocalStorage();
const calls = new WeakMap();
const requestsOnSocket = new WeakMap();

channel.subscribe('undici:request:create', ({ request }) => {
  const label = labels.getStore();
  if (label === undefined) return;
  calls.set(request, {
    kind: 'client',
    system: 'http',
    operation: `${request.method} ${request.path}`,
    label,
  });
});

channel.subscribe('undici:client:sendHeaders', ({ request, socket, headers }) => {
  const call = calls.get(request);
  if (call === undefined) return;
  const sequence = (requestsOnSocket.get(socket) ?? 0) + 1;
  requestsOnSocket.set(socket, sequence);
  const context = /^traceparent: *[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/im.exec(headers);
  Object.assign(call, {
    localPort: socket.localPort,
    remotePort: socket.remotePort,
    sequence,
    startUnixNano: ledger.unixNano(),
    traceId: context?.[1],
    spanId: context?.[2],
  });
});

channel.subscribe('undici:request:trailers', ({ request }) => {
  const call = calls.get(request);
  if (call !== undefined) ledger.write({ ...call, endUnixNano: ledger.unixNano() });
});

/** Runs `fn`; every `fetch` it makes is recorded under `label`. */
exports.recordCalls = (label, fn) => labels.run(label, fn);
