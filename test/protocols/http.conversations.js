import { answer, ask } from './conversation.js';
import {
  bareLineFeeds,
  CHUNKED,
  chunk,
  lastChunk,
  request,
  response,
  responseHead,
  upload,
} from './fixtures/http.js';

const long = 'x'.repeat(5000);
const joinedPipeline = 'how many requests wait for their response is not known';
const hiddenMessages = 'the gap hides whole messages: which response answers which request is unknown';
export const httpConversations = [
  {
    name: 'one request and its response',
    steps: [ask(request('GET', '/items?id=7')), answer(response(200, 'hello'))],
    expected: [{ operation: 'GET', request: 0, response: 1, status: 200 }],
  },
  {
    name: 'keep-alive',
    steps: [
      ask(request('GET', '/a')),
      answer(response(200, 'first')),
      ask(upload('/b', 'some body')),
      answer(response(503, 'second')),
      ask(request('DELETE', '/c')),
      answer(response(404)),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 1, status: 200 },
      { operation: 'POST', request: 2, response: 3, status: 503 },
      { operation: 'DELETE', request: 4, response: 5, status: 404 },
    ],
  },
  {
    name: 'pipelined requests',
    steps: [
      ask(request('GET', '/1')),
      ask(request('GET', '/2')),
      ask(request('HEAD', '/3')),
      answer(response(200, 'one')),
      answer(response(201, 'two')),
      answer(responseHead(200, { 'Content-Length': '5000' })),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 3, status: 200 },
      { operation: 'GET', request: 1, response: 4, status: 201 },
      { operation: 'HEAD', request: 2, response: 5, status: 200 },
    ],
    skip: {
      'joined between messages': joinedPipeline,
      'joined inside a message': joinedPipeline,
    },
  },
  {
    name: 'large bodies of known length',
    steps: [
      ask(upload('/in', long)),
      answer(response(200, long)),
      ask(request('GET', '/next')),
      answer(response(200, 'ok')),
    ],
    expected: [
      { operation: 'POST', request: 0, response: 1, status: 200 },
      { operation: 'GET', request: 2, response: 3, status: 200 },
    ],
  },
  {
    name: 'a body in many calls',
    steps: [
      ask(upload('/in', long).slice(0, 100)),
      ask(upload('/in', long).slice(100, 4000)),
      ask(upload('/in', long).slice(4000)),
      answer(responseHead(200, { 'Content-Length': '9000' })),
      answer('y'.repeat(4500)),
      answer('y'.repeat(4500)),
    ],
    expected: [{ operation: 'POST', request: 0, response: 5, status: 200 }],
  },
  {
    name: 'chunked bodies',
    steps: [
      ask(request('PUT', '/in', { Host: 'shop', ...CHUNKED }), chunk('abc'), chunk('0\r\n\r\n'), lastChunk()),
      answer(
        responseHead(200, CHUNKED),
        chunk('hello '),
        chunk('world'),
        lastChunk({ Digest: 'abc', B: 'c' }),
      ),
      ask(request('GET', '/next')),
      answer(response(200, 'ok')),
    ],
    expected: [
      { operation: 'PUT', request: 0, response: 1, status: 200 },
      { operation: 'GET', request: 2, response: 3, status: 200 },
    ],
  },
  {
    name: 'a large chunk',
    steps: [
      ask(request('GET', '/big')),
      answer(responseHead(200, CHUNKED), chunk(long), lastChunk()),
      ask(request('GET', '/next')),
      answer(response(200, 'ok')),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 1, status: 200 },
      { operation: 'GET', request: 2, response: 3, status: 200 },
    ],
  },
  {
    name: 'many chunks in one call',
    steps: [
      ask(request('GET', '/many')),
      answer(
        responseHead(200, CHUNKED),
        ...Array(40).fill(chunk('z'.repeat(100))),
        lastChunk({ Checksum: '1' }),
      ),
      ask(request('GET', '/next')),
      answer(response(200, 'ok')),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 1, status: 200 },
      { operation: 'GET', request: 2, response: 3, status: 200 },
    ],
  },
  {
    name: 'a chunked stream of events',
    steps: [
      ask(request('GET', '/events')),
      answer(responseHead(200, { ...CHUNKED, 'Content-Type': 'text/event-stream' })),
      answer(chunk('data: 1\n\n')),
      answer(chunk('data: 2\n\n')),
      answer(lastChunk()),
    ],
    expected: [{ operation: 'GET', request: 0, response: 4, status: 200 }],
  },
  {
    name: 'interim responses',
    steps: [
      ask(request('POST', '/slow', { Host: 'shop', Expect: '100-continue', 'Content-Length': '4' })),
      answer(responseHead(100)),
      ask('body'),
      answer(responseHead(103, { Link: '</style.css>; rel=preload' })),
      answer(response(200, 'done')),
    ],
    expected: [{ operation: 'POST', request: 0, response: 4, status: 200 }],
  },
  {
    name: 'responses without a body',
    steps: [
      ask(request('HEAD', '/a')),
      answer(responseHead(200, { 'Content-Length': '12345' })),
      ask(request('GET', '/b')),
      answer(responseHead(304, { 'Content-Length': '12345', ETag: '"1"' })),
      ask(request('DELETE', '/c')),
      answer(responseHead(204)),
    ],
    expected: [
      { operation: 'HEAD', request: 0, response: 1, status: 200 },
      { operation: 'GET', request: 2, response: 3, status: 304 },
      { operation: 'DELETE', request: 4, response: 5, status: 204 },
    ],
  },
  {
    name: 'an upgrade',
    steps: [
      ask(request('GET', '/socket', { Host: 'shop', Connection: 'Upgrade', Upgrade: 'websocket' })),
      answer(responseHead(101, { Connection: 'Upgrade', Upgrade: 'websocket' })),
      ask('\x81\x05GET /'),
      answer('HTTP/1.1 200 OK\r\n\r\n'),
    ],
    expected: [{ operation: 'GET', request: 0, response: 1, status: 101 }],
    stopped: 'upgraded',
    skip: {
      'responses late': 'what follows an upgrade is not HTTP, and only the response tells',
      'one chunk': 'what follows an upgrade is not HTTP, and only the response tells',
      'joined between messages': 'what follows an upgrade looks like HTTP here',
      'joined inside a message': 'what follows an upgrade looks like HTTP here',
    },
  },
  {
    name: 'a tunnel',
    steps: [
      ask('CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n'),
      answer('HTTP/1.1 200 Connection established\r\n\r\n'),
      ask('\0\0\0\x08\x04\xd2\x16\x2f'),
    ],
    expected: [{ operation: 'CONNECT', request: 0, response: 1, status: 200 }],
    stopped: 'upgraded',
    skip: {
      'joined between messages': 'a tunnel joined after its CONNECT is silent and never stopped',
      'joined inside a message': 'a tunnel joined after its CONNECT is silent and never stopped',
    },
  },
  {
    name: 'HTTP/1.0 with a body that ends with the connection',
    steps: [
      ask('GET /old HTTP/1.0\r\n\r\n'),
      answer('HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>'),
      answer('and more, HTTP/1.1 200 OK included'),
    ],
    expected: [{ operation: 'GET', request: 0, response: 2, status: 200 }],
  },
  {
    name: 'lines that end in LF alone',
    steps: [
      ask(bareLineFeeds(request('GET', '/a'))),
      answer(bareLineFeeds(response(200, 'one'))),
      ask(bareLineFeeds(request('PUT', '/b', { Host: 'shop', ...CHUNKED }) + chunk('abc') + lastChunk())),
      answer(bareLineFeeds(responseHead(200, CHUNKED) + chunk('two') + lastChunk())),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 1, status: 200 },
      { operation: 'PUT', request: 2, response: 3, status: 200 },
    ],
  },
  {
    name: 'empty lines before a request and folded, oddly written fields',
    steps: [
      ask('\r\n\r\n', request('GET', '/a')),
      answer('HTTP/1.1 200 OK\r\ncontent-LENGTH:\t 3 \r\nX-Folded: one\r\n two\r\n\r\nabc'),
      ask(
        'POST /b HTTP/1.1\r\nHost:shop\r\ntransfer-encoding: gzip,\r\n Chunked\r\n\r\n',
        chunk('abc'),
        lastChunk(),
      ),
      answer('HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'),
    ],
    expected: [
      { operation: 'GET', request: [0, 4], response: 1, status: 200 },
      { operation: 'POST', request: 2, response: 3, status: 200 },
    ],
  },
  {
    name: 'a response that comes before the end of the request',
    steps: [
      ask(upload('/in', long).slice(0, 300)),
      answer(response(413, 'too large')),
      ask(upload('/in', long).slice(300)),
      ask(request('GET', '/next')),
      answer(response(200, 'ok')),
    ],
    expected: [
      { operation: 'POST', request: 0, response: 1, status: 413 },
      { operation: 'GET', request: 3, response: 4, status: 200 },
    ],
  },
  {
    name: 'a method of its own and an absolute target',
    steps: [
      ask(request('PROPFIND', 'http://shop:8080/dav/', { Host: 'proxy', Depth: '1' })),
      answer(response(207, '<xml/>')),
    ],
    expected: [{ operation: 'PROPFIND', request: 0, response: 1, status: 207 }],
  },
  {
    name: 'a long head',
    steps: [
      ask(request('GET', '/long', { Host: 'shop', Cookie: 'c'.repeat(3000) })),
      answer(responseHead(200, { 'Set-Cookie': 'c'.repeat(3000), 'Content-Length': '2' }), 'ok'),
      ask(request('GET', `/${'long'.repeat(1000)}`)),
      answer(response(414, 'long')),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 1, status: 200 },
      { operation: 'GET', request: 2, response: 3, status: 414 },
    ],
  },
  {
    name: 'a refusal that nobody asked for',
    steps: [answer(response(408))],
    expected: [],
  },
  {
    name: 'pipelined requests in one call',
    steps: [
      ask(...Array(20).fill(request('GET', '/same'))),
      answer(...Array(20).fill(response(200, 'same'))),
    ],
    expected: Array.from({ length: 20 }, (_, i) => ({
      operation: 'GET',
      request: [0, i * request('GET', '/same').length],
      response: [1, (19 - i) * response(200, 'same').length],
      status: 200,
    })),
    skip: {
      'cut after 64': hiddenMessages,
      'cut after 512': hiddenMessages,
      'joined inside a message': 'requests are looked for where a call begins',
    },
  },
  {
    name: 'a body that ends with the connection after another exchange',
    steps: [
      ask(request('GET', '/a')),
      answer(response(200, 'one')),
      ask(request('GET', '/b')),
      answer(responseHead(200, { Connection: 'close' }), 'until the end'),
    ],
    expected: [
      { operation: 'GET', request: 0, response: 1, status: 200 },
      { operation: 'GET', request: 2, response: 3, status: 200 },
    ],
  },
];
