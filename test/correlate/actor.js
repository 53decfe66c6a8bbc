/** A program on the scene. */
export class Actor {
    service;
    process;
    observed;
    exporterSeen;
    main;
    port;
    /** Its SDK's exporting connection, as the OTLP receiver sees it. */
    exporter;
    #threads = 0;
    constructor(service, number, options) {
        this.service = service;
        const { runtime = 'native', observed = true, pids = [1000 + number], exporterSeen = true } = options;
        this.observed = observed;
        this.exporterSeen = exporterSeen;
        this.port = 8000 + number;
        this.exporter = { address: '127.0.0.1', port: 20_000 + number };
        this.process = {
            facts: {
                pid: pids[0],
                startTime: number,
                parentPid: 1,
                namespacePids: pids,
                executablePath: `/usr/bin/${service}`,
                commandArgs: [service],
                owner: undefined,
                runtime,
                netns: 1,
                listeningPorts: [this.port],
                containerId: undefined,
                resource: [
                    ['service.name', service],
                    ['process.pid', pids[0]],
                ],
            },
        };
        this.main = this.thread();
    }
    /** One more thread of it. */
    thread() {
        return { process: this.process, tid: this.process.facts.pid + this.#threads++ };
    }
}
