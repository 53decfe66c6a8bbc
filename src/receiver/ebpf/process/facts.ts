/** The runtime that schedules work inside a process, as far as it decides which link rules may be believed. */
export type Runtime = 'native' | 'node' | 'go' | 'python' | 'java' | 'dotnet' | 'ruby' | 'tokio';

/** What is known of an observed process. Plain data: a recording holds it as JSON. */
export interface ProcessFacts {
  readonly pid: number;
  /** Start of the thread group leader, nanoseconds on the boot clock; with `pid` it names the process. */
  readonly startTime: number;
  readonly parentPid: number;
  /** The pid in each pid namespace, outermost first (`NSpid` of /proc/PID/status). */
  readonly namespacePids: readonly number[];
  readonly executablePath: string;
  readonly commandArgs: readonly string[];
  readonly owner: string | undefined;
  readonly runtime: Runtime;
  readonly netns: number;
  /** Ports it listens on. */
  readonly listeningPorts: readonly number[];
  readonly containerId: string | undefined;
  /** OpenTelemetry resource attributes of the process, in emission order; ints are integral numbers. */
  readonly resource: readonly (readonly [key: string, value: string | number | readonly string[]])[];
}
