import type { CaptureEvent, Message, Socket } from '../message.ts';

const SHOWN_BYTES = 48;

/** One event as one line of text, for looking at what the kernel side sees. */
export function formatEvent(event: CaptureEvent): string {
  const at = `${((event.type === 'message' ? event.end : event.at) / 1e6).toFixed(3).padStart(12)} ms`;
  return `${at}  ${describe(event)}`;
}

function describe(event: CaptureEvent): string {
  switch (event.type) {
    case 'message':
      return `${task(event)} ${event.direction.padEnd(7)} ${socket(event.socket)} @${event.offset} +${event.length}${context(event.context)} ${payload(event)}`;
    case 'connection':
      return `${task(event)} ${event.state} ${socket(event.socket)} isn ${event.localIsn}/${event.remoteIsn}${context(event.context)}`;
    case 'listen':
      return `${task(event)} listen ${event.address}:${event.port}`;
    case 'exec':
    case 'exit':
    case 'thread_exit':
      return `${task(event)} ${event.type}`;
    case 'fork':
      return `${task(event)} fork of ${event.childPid}`;
    case 'thread_start':
      return `${task(event)} start of thread ${event.childTid}`;
    case 'wake':
      return `${task(event)} wakes ${event.wokenTid} from futex operation ${event.waitOperation}${event.timed ? ', timed' : ''}`;
    case 'retransmit':
      return `retransmit ${socket(event.socket)}`;
    case 'unix_alive':
      return `Unix socket ${event.cookie} is there`;
    case 'unix_swept':
      return `${event.count} Unix sockets are there`;
    case 'context':
      return `${task(event)} context ${hex(event.context)} ${event.state}${event.state === 'begun' ? ` by ${hex(event.parent)} to run ${hex(event.origin)}` : ''}`;
    case 'lost':
      return `lost ${event.count} records: the ring was full`;
  }
}

function context(address: number): string {
  return address === 0 ? '' : ` in ${hex(address)}`;
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

function task({ task }: { readonly task: { readonly pid: number; readonly tid: number } }): string {
  return `${task.pid}/${task.tid}`;
}

function socket({ path, localAddress, localPort, remoteAddress, remotePort, accepted }: Socket): string {
  if (path !== undefined) return `${accepted ? '<-' : '->'} unix:${path}`;
  return `${localAddress}:${localPort} ${accepted ? '<-' : '->'} ${remoteAddress}:${remotePort}`;
}

function payload(message: Message): string {
  const missing = message.length - message.head.length - message.tail.length;
  return `${printable(message.head)}${missing > 0 ? ` …${missing} not captured… ${printable(message.tail)}` : ''}`;
}

function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('latin1');
  return JSON.stringify(text) + (bytes.length > SHOWN_BYTES ? '…' : '');
}
