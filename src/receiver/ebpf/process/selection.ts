import { z } from 'zod';
import { compileGlob } from './glob.ts';
import { parsePortList } from './port-list.ts';
import { type Candidate, matches, NO_RULE, type Rule, ruleSchema } from './rules.ts';

/** Programs that listen on nearly every host and serve no application. */
const INFRASTRUCTURE =
  '{systemd,systemd-*,init,sshd,sshd-session,dockerd,docker-proxy,containerd,containerd-shim*,kubelet,kube-proxy,crio,conmon,rootlessport,rpcbind,otelcol*,spanloom}';

/** Without `instrument`, whatever listens on a TCP port is observed … */
const ANY_LISTENER: readonly Rule[] = [{ ...NO_RULE, openPorts: parsePortList('1-65535') }];
/** … except for these. */
const NO_INFRASTRUCTURE: readonly Rule[] = [{ ...NO_RULE, exePath: compileGlob(INFRASTRUCTURE) }];

/** The keys of the receiver's configuration that choose processes; spread it into the receiver's object. */
export const selectionShape = {
  /** `pod`: only processes in the network namespace of Spanloom itself, which is what a pod's containers share. */
  scope: z.enum(['host', 'pod']).default('host'),
  /** A process is observed if one of these rules holds. Missing: every process that listens on a TCP port, except
   * for well-known infrastructure. */
  instrument: z.array(ruleSchema).min(1, 'must name at least one rule').optional(),
  /** A process is not observed if one of these rules holds, whatever `instrument` says. */
  exclude: z.array(ruleSchema).default([]),
};

export type Scope = 'host' | 'pod';

export interface SelectionConfig {
  readonly scope?: Scope;
  readonly instrument?: readonly Rule[] | undefined;
  readonly exclude: readonly Rule[];
}

/** The choice of processes that a configuration makes. */
export class Selection {
  readonly scope: Scope;
  readonly #instrument: readonly Rule[];
  readonly #exclude: readonly Rule[];

  constructor(config: SelectionConfig) {
    this.scope = config.scope ?? 'host';
    this.#instrument = config.instrument ?? ANY_LISTENER;
    this.#exclude = config.instrument ? config.exclude : [...config.exclude, ...NO_INFRASTRUCTURE];
  }

  includes(candidate: Candidate): boolean {
    return matches(this.#instrument, candidate);
  }

  excludes(candidate: Candidate): boolean {
    return matches(this.#exclude, candidate);
  }

  /** Whether it can matter that a process listens on another port. */
  get dependsOnPorts(): boolean {
    return [...this.#instrument, ...this.#exclude].some((rule) => rule.openPorts !== undefined);
  }
}
