import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';
import { EVIDENCE } from '../../correlate/link/rule.ts';
import type { CorrelateOptions, RendezvousOptions } from '../../correlate/options.ts';

const MIB = 1024 * 1024;

const evidenceSwitches = z.strictObject(
  Object.fromEntries(EVIDENCE.map((evidence) => [evidence, z.boolean().default(true)])) as Record<
    (typeof EVIDENCE)[number],
    z.ZodDefault<z.ZodBoolean>
  >,
);

const verifyConfig = z.strictObject({
  /** Share of the calls that are verified; 0: none. */
  sample: z.number().min(0).max(1).default(0.01),
  /** Precision under which a kind of evidence goes off in a service. */
  bar: z.number().min(0).max(1).default(0.99),
  /** How many of its last words that is measured over. */
  window: z.int().min(20).max(1_000_000).default(1000),
});

const ENDPOINT_EXAMPLE = 'redis://redis.internal:6379';

export const rendezvousConfig = z
  .strictObject({
    /** `memory`: pipelines of this process meet; `redis`: all that use the same server. */
    store: z.enum(['memory', 'redis']),
    /** How long a request waits, from when it could have left, for who follows its caller's side. */
    wait: duration('30s'),
    /** How long a decision is kept for who has not asked yet. */
    ttl: duration('1m'),
    /** Calls kept (`memory`), or waiting to be sent (`redis`), at a time. */
    max_entries: z.int().positive().default(200_000),
    /** Redis: the server's URL; `rediss://` for TLS. */
    endpoint: z
      .string()
      .refine(isRedisUrl, `must be a URL such as ${ENDPOINT_EXAMPLE}, without user and password`)
      .optional(),
    username: z.string().optional(),
    password: z.string().optional(),
    key_prefix: z.string().default('spanloom:'),
    /** Redis: how long the server may take to answer. */
    timeout: duration('1s'),
  })
  .refine(({ store, endpoint }) => store !== 'redis' || endpoint !== undefined, {
    path: ['endpoint'],
    message: `is required where the store is redis: a URL such as ${ENDPOINT_EXAMPLE}`,
  })
  .refine(({ store, endpoint }) => store !== 'memory' || endpoint === undefined, {
    path: ['endpoint'],
    message: 'must not be set where the store is memory: pipelines of one process meet there',
  });

export const correlateConfig = z.strictObject({
  /** How long a trace is held after its outermost request has ended. SDKs export every 5 s. */
  decision_wait: duration('10s'),
  /** How long a trace is held in all, requests still open included. */
  max_age: duration('5m'),
  /** How long decisions are remembered for spans that come late. */
  late_window: duration('1m'),
  /** Spans and exchanges held or remembered at a time. */
  max_spans: z.int().positive().default(500_000),
  /** Mebibytes of SDK spans held at a time. */
  max_bytes_mib: z.int().positive().default(256),
  /** Of an SDK span and the exchange it describes `enrich` keeps the SDK's and adds the kernel's facts; `nest` keeps both. */
  overlap: z.enum(['enrich', 'nest']).default('enrich'),
  /** `rewrite` gives SDK spans the trace id of the chain they belong to; `link` leaves ids alone and links the traces. */
  trace_conflict: z.enum(['rewrite', 'link']).default('rewrite'),
  /** Exchanges of an instrumented process that no flag and no SDK span explains. */
  unmatched: z.enum(['keep', 'drop']).default('keep'),
  /** Truth in production: how right the evidence is where the wire or an SDK tells the cause. */
  verify: verifyConfig.default(verifyConfig.parse({})),
  /** Where pipelines that see other ends of calls are met, on other hosts for instance; by default nowhere. */
  rendezvous: rendezvousConfig.optional(),
  /** Switches for the kinds of evidence. */
  evidence: evidenceSwitches.default(evidenceSwitches.parse({})),
});

export type CorrelateConfig = z.infer<typeof correlateConfig>;

export function correlateOptions(config: CorrelateConfig): CorrelateOptions {
  return {
    decisionWait: config.decision_wait,
    maxAge: config.max_age,
    lateWindow: config.late_window,
    maxSpans: config.max_spans,
    maxBytes: config.max_bytes_mib * MIB,
    overlap: config.overlap,
    traceConflict: config.trace_conflict,
    unmatched: config.unmatched,
    verify: config.verify.sample > 0 ? config.verify : undefined,
    rendezvous: config.rendezvous && rendezvousOptions(config.rendezvous),
    evidence: new Set(EVIDENCE.filter((evidence) => config.evidence[evidence])),
  };
}

function rendezvousOptions(config: z.infer<typeof rendezvousConfig>): RendezvousOptions {
  const { wait, ttl, store, endpoint, username, password, key_prefix, timeout, max_entries } = config;
  return {
    wait,
    ttl,
    store:
      store === 'memory'
        ? { kind: 'memory', maxEntries: max_entries }
        : {
            kind: 'redis',
            endpoint: endpoint!,
            username,
            password,
            keyPrefix: key_prefix,
            timeout,
            maxWaiting: max_entries,
          },
  };
}

/** A password in a URL would be shown wherever the URL is. */
function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return /^rediss?:$/.test(protocol) && hostname !== '' && username === '' && password === '';
}
