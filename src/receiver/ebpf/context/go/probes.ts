import type { Probe } from '../inspection.ts';

const ROUND_TRIP = 'net/http.(*persistConn).roundTrip';
const WRITE = 'net/http.persistConnWriter.Write';
const WRITE_LOOP = 'net/http.(*persistConn).writeLoop';
const START = 'runtime.newproc1';
const ASK = 'runtime.isSystemGoroutine';
/** Who ends a goroutine and asks about it: the former since Go 1.22. */
const ENDS = ['runtime.gdestroy', 'runtime.goexit0'];

/** Names that `planProbes` is about. */
export const PROBED_FUNCTIONS: readonly string[] = [ROUND_TRIP, WRITE, WRITE_LOOP, START, ASK, ...ENDS];

/** Where a function is: byte in the file, and its length. */
export interface Located {
  readonly offset: number;
  readonly length: number;
}

/** The probed functions that a program has. */
export interface Program {
  readonly functions: ReadonlyMap<string, Located>;
  /** The table that says where they are is Go 1.16's. Such a program passes arguments in registers if Go 1.17 made it. */
  readonly tableOf116: boolean;
}

export interface Plan {
  readonly probes: readonly Probe[];
  readonly shortcomings: readonly string[];
}

/**
 * Which probes go where. What a program does not have (the linker leaves out what nobody calls, the compiler puts small
 * functions into their callers) switches off that part alone.
 */
export function planProbes(program: Program | undefined): Plan {
  if (!program)
    return {
      probes: [],
      shortcomings: [
        "its functions are not found (Go's table of them, .gopclntab, is missing, or is older than Go 1.16): calls through net/http's client and calls by goroutines that a request starts are not linked by goroutine.",
      ],
    };
  const shortcomings: string[] = [];
  const client = clientProbes(program.functions);
  if (!client)
    shortcomings.push(
      `it has ${WRITE_LOOP} but not ${ROUND_TRIP} and ${WRITE}: calls through net/http's client are not linked by goroutine, nor are those by goroutines that a request starts.`,
    );
  // Without knowing whom net/http's own goroutines write for, they would look like workers of whoever started them.
  const starts = client && startProbes(program);
  if (client && !starts)
    shortcomings.push(
      `it lacks one of ${START}, ${ASK} and ${ENDS[0]}: calls by goroutines that a request starts are not linked.`,
    );
  return { probes: [...(client ?? []), ...(starts ?? [])], shortcomings };
}

/** Undefined where the program has net/http's client but not all of what tells whom it writes for. */
function clientProbes(located: ReadonlyMap<string, Located>): readonly Probe[] | undefined {
  const roundTrip = located.get(ROUND_TRIP);
  const write = located.get(WRITE);
  if (roundTrip && write)
    return [
      { program: 'go_http_round_trip', offset: roundTrip.offset },
      { program: 'go_http_write', offset: write.offset },
    ];
  return located.has(WRITE_LOOP) ? undefined : [];
}

function startProbes({ functions, tableOf116 }: Program): readonly Probe[] | undefined {
  const start = functions.get(START);
  const ask = functions.get(ASK);
  const end = ENDS.map((name) => functions.get(name)).find((found) => found !== undefined);
  if (!start || !ask || !end) return undefined;
  const relative = BigInt.asUintN(32, BigInt(end.offset - ask.offset));
  return [
    // The end of what is started comes first, so that nothing begins whose end would not be seen.
    { program: 'go_is_system_goroutine', offset: ask.offset, cookie: (BigInt(end.length) << 32n) | relative },
    { program: 'go_newproc1', offset: start.offset, ...(tableOf116 && { cookie: 1n }) },
  ];
}
