// Relay answers every GET with what its upstream answers, or by itself where it has none. Instrumented as the OpenTelemetry
// documentation for Node.js shows it, everything at its default.
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { NodeSDK } = require('@opentelemetry/sdk-node');

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
sdk.start();

const http = require('node:http');

const { PORT, UPSTREAM } = process.env;

async function ask(path) {
  const answer = await fetch(UPSTREAM + path);
  return answer.text();
}

async function answer(request, response) {
  const body = UPSTREAM === undefined ? 'hello\n' : await ask(request.url);
  response.writeHead(200, { 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

http
  .createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      response.writeHead(502).end();
    });
  })
  .listen(Number(PORT), '127.0.0.1');

process.once('SIGTERM', () => sdk.shutdown().finally(() => process.exit()));
