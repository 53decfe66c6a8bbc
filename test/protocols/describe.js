/** A recorded exchange as one side of a connection from 10.0.0.1:50000 to 10.0.0.2:8000. */
export function exchangeOf(protocol, { position, request, response }, side, changes = {}) {
  const client = { address: '10.0.0.1', port: 50_000 };
  const server = { address: '10.0.0.2', port: 8000 };
  const [local, remote] = side === 'client' ? [client, server] : [server, client];
  const socket = {
    cookie: 1,
    localAddress: local.address,
    localPort: local.port,
    remoteAddress: remote.address,
    remotePort: remote.port,
    netns: 1,
    accepted: side === 'server',
  };
  const process = {
    facts: {
      pid: 1,
      startTime: 1,
      parentPid: 0,
      namespacePids: [1],
      executablePath: '/bin/program',
      commandArgs: [],
      owner: undefined,
      runtime: 'native',
      netns: 1,
      listeningPorts: [],
      containerId: undefined,
      resource: [],
    },
  };
  return {
    connection: { isnLow: 1, isnHigh: 2, side, socket },
    side,
    position,
    process,
    thread: { process, tid: 1 },
    protocol,
    request,
    response,
    start: 0,
    readAt: undefined,
    responseStart: undefined,
    end: undefined,
    requestBytes: 0,
    responseBytes: 0,
    retransmits: 0,
    incomplete: undefined,
    ...changes,
  };
}
/** What a protocol says about the span of an exchange; an attribute must not be set twice. */
export function spanOf(protocol, exchange) {
  const span = { name: undefined, error: false, attributes: {} };
  const set = (key, value) => {
    if (key in span.attributes) throw new Error(`${key} was set twice`);
    span.attributes[key] = value;
  };
  const sink = {
    name: (value) => {
      span.name = value;
    },
    string: set,
    int: set,
    strings: set,
    bool: set,
    error: () => {
      span.error = true;
    },
  };
  protocol.describe(exchange, exchange.side, sink);
  return span;
}
