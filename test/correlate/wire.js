/** A connection between two programs, with both its ends. */
export class Wire {
    client;
    server;
    clientEnd;
    serverEnd;
    /** Offset of the next request in the client's stream. */
    position = 0;
    constructor(client, server, number) {
        this.client = client;
        this.server = server;
        const isn = { isnLow: 1000 + number, isnHigh: 0x8000_0000 + number };
        const here = { address: '10.0.0.1', port: 30_000 + number };
        const there = { address: '10.0.0.2', port: server.port };
        this.clientEnd = { ...isn, side: 'client', socket: socket(2 * number, here, there, false) };
        this.serverEnd = { ...isn, side: 'server', socket: socket(2 * number + 1, there, here, true) };
    }
    /** The client's port: what an SDK in the server sees of its peer. */
    get clientPort() {
        return this.clientEnd.socket.localPort;
    }
}
function socket(cookie, local, remote, accepted) {
    return {
        cookie,
        localAddress: local.address,
        localPort: local.port,
        remoteAddress: remote.address,
        remotePort: remote.port,
        netns: 1,
        accepted,
    };
}
/** An exchange while the scene plays it. */
export class PlayedExchange {
    connection;
    position;
    protocol;
    request;
    thread;
    start;
    readAt;
    side;
    process;
    response = undefined;
    responseStart = undefined;
    end = undefined;
    requestBytes = 100;
    responseBytes = 0;
    retransmits = 0;
    incomplete = undefined;
    constructor(connection, position, protocol, request, thread, start, readAt) {
        this.connection = connection;
        this.position = position;
        this.protocol = protocol;
        this.request = request;
        this.thread = thread;
        this.start = start;
        this.readAt = readAt;
        this.side = connection.side;
        this.process = thread.process;
    }
}
