// Sends each kind of request that is hard to follow from outside. Usage: node http-client.mjs PORT
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function start(method, path, headers = {}, host = '127.0.0.1') {
  return request({ agent, host, port, method, path, headers });
}

async function finish(outgoing) {
  const [response] = await once(outgoing, 'response');
  return text(response);
}

async function ask(method, path, host) {
  return finish(start(method, path, {}, host).end());
}

// A program that is gone before its start was noticed can not be seen.
await sleep(1000);

await ask('GET', '/kept-alive');
await ask('HEAD', '/kept-alive');
await ask('GET', '/kept-alive');
await ask('GET', '/missing?token=secret');
await ask('GET', '/fail');
await ask('GET', '/large');
await ask('GET', '/ipv6', '::1');

const chunked = start('POST', '/echo');
const echoed = finish(chunked);
for (const part of ['one', 'two', 'three']) {
  chunked.write(part);
  await sleep(20);
}
chunked.end();
await echoed;

const polite = start('PUT', '/echo', { expect: '100-continue', 'content-length': 4 });
polite.flushHeaders();
await once(polite, 'continue');
polite.end('body');
await finish(polite);
agent.destroy();

const pipelined = connect(port, '127.0.0.1');
const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
pipelined.write(get('/first') + get('/second') + get('/third', 'Connection: close\r\n'));
await text(pipelined);

// Reads only when everything and the end of the stream are there: all of it comes in one call.
const late = connect(port, '127.0.0.1');
late.pause();
late.write(get('/late', 'Connection: close\r\n'));
await sleep(100);
await text(late);

const split = connect(port, '127.0.0.1');
split.setNoDelay(true);
for (const part of ['GET /spl', 'it HTTP/1.1\r\nHo', 'st: localhost\r\nConnection: close\r\n\r', '\n']) {
  split.write(part);
  await sleep(20);
}
await text(split);

const upgraded = connect(port, '127.0.0.1');
upgraded.write(get('/upgrade', 'Connection: Upgrade\r\nUpgrade: echo\r\n'));
await once(upgraded, 'data');
upgraded.write(get('/not-a-request'));
await once(upgraded, 'data');
upgraded.end();
await once(upgraded, 'close');
