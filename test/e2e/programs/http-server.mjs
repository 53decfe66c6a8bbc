// An HTTP/1.1 server with the answers that are hard to follow from outside. Usage: node http-server.mjs PORT
import { createServer } from 'node:http';

const LARGE = Buffer.alloc(1 << 20, 'x');

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/missing') response.writeHead(404).end('no such thing');
  else if (pathname === '/fail') response.writeHead(500).end('sorry');
  else if (pathname === '/large') response.end(LARGE);
  else if (pathname === '/echo') request.pipe(response);
  else response.end('hello');
});
server.on('upgrade', (_request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  socket.pipe(socket);
});
// IPv6 and, mapped into it, IPv4.
server.listen(Number(process.argv[2]), '::');
