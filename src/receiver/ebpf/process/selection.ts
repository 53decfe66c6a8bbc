import { z } from 'zod';
import { compileGlob } from './glob.ts';
import { parsePortList } from './port-list.ts';
import { type Candidate, matches, type Rule, ruleSchema } from './rules.ts';

/** Programs that listen on nearly every host and serve no application. */
const INFRASTRUCTURE =
  '{systemd,systemd-*,init,sshd,sshd-session,dockerd,docker-proxy,containerd,containerd-shim*,kubelet,kube-proxy,crio,conmon,rootlessport,rpcbind,otelcol*,spanloom}';

const nothing = { openPorts: undefined, exePath: undefined, cmdArgs: undefined, targetPids: undefined };

/** Without `instrument`, whatever listens on a TCP port is observed … */
const ANY_LISTENER: readonly Rule[] = [{ ...nothing, openPorts: parsePortList('1-65535') }];
/** … except for these. */
const NO_INFRASTRUCTURE: readonly Rule[] = [{ ...nothing, exePath: compileGlob(INFRASTRUCTURE) }];

/** The two keys of the receiver's configuration that choose processes; spread it into the receiver's object. */
export const selectionShape = {
  /** A process is observed if one of these rules holds. Missing: every process that listens on a TCP port, except
   * for well-known infrastructure. */
  instrument: z.array(ruleSchema).min(1, 'must name at least one rule').optional(),
  /** A process is not observed if one of these rules holds, whatever `instrument` says. */
  exclude: z.array(ruleSchema).default([]),
};

export interface SelectionConfig {
  readonly instrument?: readonly Rule[] | undefined;
  readonly exclude: readonly Rule[];
}

/** The choice of processes that a configuration makes. */
export class Selection {
  readonly #instrument: readonly Rule[];
  readonly #exclude: readonly Rule[];

  constructor(config: SelectionConfig) {
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
