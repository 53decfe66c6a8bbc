// A customer with the OpenTelemetry SDK: sends orders with `fetch`, several at a time; each is a trace of its own that
// starts here. Usage: node customer.js URL CONCURRENCY LABEL...
const { shutdown } = require('./tracing.js');
const { recordCalls } = require('./calls.js');

const [url, concurrency, ...labels] = process.argv.slice(2);
const waiting = labels.values();

async function send() {
  for (const order of waiting) {
    const response = await recordCalls(order, () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ order }),
      }),
    );
    await response.text();
    if (!response.ok) throw new Error(`order ${order} was answered with status ${response.status}`);
  }
}

async function main() {
  try {
    await Promise.all(Array.from({ length: Number(concurrency) }, send));
  } finally {
    await shutdown();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
