// Answers every GET with what its upstream answers, hands the label on, and records the call and whether its trace is
// sampled. The SDK is set up as the OpenTelemetry documentation for Node.js shows it; the environment says the rest.
const { trace } = require('@opentelemetry/api');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { NodeSDK } = require('@opentelemetry/sdk-node');

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
sdk.start();

const { appendFileSync } = require('node:fs');
const http = require('node:http');
const { join } = require('node:path');

const { PORT, UPSTREAM, RECORDS, SAMPLED } = process.env;
const records = join(RECORDS, `calls-${process.pid}`);

async function relay(request, response) {
  const label = `${request.headers['x-label'].slice(0, -1)}1`;
  appendFileSync(records, `${label}\n`);
  if (trace.getActiveSpan().isRecording()) appendFileSync(SAMPLED, `${label}\n`);
  const answer = await fetch(`http://127.0.0.1:${UPSTREAM}${request.url}`, { headers: { 'x-label': label } });
  const body = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'content-length': body.length });
  response.end(body);
}

http
  .createServer((request, response) => {
    relay(request, response).catch((error) => {
      console.error(error);
      response.writeHead(502).end();
    });
  })
  .listen(Number(PORT), '127.0.0.1', 1024);

process.once('SIGTERM', () => sdk.shutdown().finally(() => process.exit()));
