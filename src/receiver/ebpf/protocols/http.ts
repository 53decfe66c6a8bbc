import { HttpParser } from './http/parser.ts';
import { describeHttp } from './http/span.ts';
import { isStatusLine, RequestLine } from './http/start-line.ts';
import type { Protocol } from './protocol.ts';

const line = new RequestLine();

/** HTTP/1.0 and HTTP/1.1 (RFC 9112). One request and its final response are an exchange. */
export const http = {
  name: 'http',

  recognise(data, from, joined) {
    let start = 0;
    while (start < data.length && (data[start] === 0x0d || data[start] === 0x0a)) start++;
    if (start === data.length) return data.length <= 4 ? 'more' : 'no';
    const asked =
      from === 'responder' ? 'no' : joined ? line.readStrictly(data, start) : line.read(data, start);
    if (asked === 'yes') return 'requester';
    const answered = from === 'requester' ? 'no' : isStatusLine(data, start);
    if (answered === 'yes') return 'responder';
    return asked === 'more' || answered === 'more' ? 'more' : 'no';
  },

  createParser(sink, { joined }) {
    return new HttpParser(sink, joined);
  },

  describe: describeHttp,
} satisfies Protocol;
