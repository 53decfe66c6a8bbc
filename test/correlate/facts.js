import { parseTarget } from '../../src/receiver/ebpf/protocols/http/facts.js';
import { http } from '../../src/receiver/ebpf/protocols/http.js';
/** An HTTP request: method and target, as its request line has them. */
export function httpRequest(line, headers = {}) {
    const [method, target] = line.split(' ');
    const { 'x-request-id': requestId, complete = true, traceparent, tracestate } = headers;
    const context = {
        ...(traceparent !== undefined && { traceparent }),
        ...(tracestate !== undefined && { tracestate }),
        complete,
    };
    const facts = {
        protocol: 'http',
        operation: method,
        ...parseTarget(target, method),
        context,
        requestIds: requestId === undefined ? [] : [['x-request-id', requestId]],
        isTelemetryExport: false,
    };
    return { protocol: http, request: facts };
}
export function httpResponse(status) {
    const facts = { protocol: 'http', status, failed: status >= 500, bodySize: undefined };
    return facts;
}
/** A command to a database: it carries no context and no target. */
export function command(system, operation) {
    return {
        protocol: DATABASES[system],
        request: { operation, target: undefined, context: undefined, requestIds: [] },
    };
}
const DATABASES = { postgresql: database('postgresql'), redis: database('redis') };
/** As much of a database protocol as the merge sees: it names its spans. */
function database(system) {
    return {
        name: system,
        recognise: () => 'no',
        createParser: () => ({ bytes() { }, gap() { }, close() { } }),
        describe: (exchange, _side, span) => {
            span.name(exchange.request?.operation ?? system);
            span.string('db.system.name', system);
        },
    };
}
