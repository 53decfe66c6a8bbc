import { basename } from 'node:path/posix';
import { z } from 'zod';
import { compileGlob, type Glob } from './glob.ts';
import { includesPort, type PortList, parsePortList } from './port-list.ts';
import type { ContainerDescription } from './proc/container-files.ts';

/** Characters of a container's id that `docker ps` and its like show. */
const SHORT_ID = 12;

/** What a rule can look at. Getters may read when asked; what no rule asks for costs nothing. */
export interface Candidate {
  readonly pid: number;
  /** Empty where not readable. */
  readonly executablePath: string;
  readonly commandArgs: readonly string[];
  readonly listeningPorts: readonly number[];
  /** Paths of its control groups. */
  readonly cgroups: readonly string[];
  /** Undefined outside of containers. */
  readonly containerId: string | undefined;
  /** What the runtime's files tell of its container; undefined where there is none, or nothing is known of it. */
  readonly container: ContainerDescription | undefined;
}

/** What a rule says of a container, besides its id. */
export interface ContainerRule {
  readonly image: Glob | undefined;
  readonly name: Glob | undefined;
  readonly podName: Glob | undefined;
  readonly podNamespace: Glob | undefined;
  readonly labels: readonly (readonly [key: string, value: Glob])[];
}

/** One entry of `instrument` or `exclude`: all that it names must hold. */
export interface Rule {
  readonly openPorts: PortList | undefined;
  readonly exePath: Glob | undefined;
  readonly cmdArgs: Glob | undefined;
  readonly targetPids: ReadonlySet<number> | undefined;
  readonly cgroup: Glob | undefined;
  readonly containerId: Glob | undefined;
  readonly container: ContainerRule | undefined;
}

export const NO_RULE: Rule = {
  openPorts: undefined,
  exePath: undefined,
  cmdArgs: undefined,
  targetPids: undefined,
  cgroup: undefined,
  containerId: undefined,
  container: undefined,
};

function parsed<Out>(parse: (text: string) => Out) {
  return (text: string, context: z.RefinementCtx): Out => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message, input: text });
      return z.NEVER;
    }
  };
}

const glob = z
  .string()
  .min(1, 'must not be empty: write "*" to match anything')
  .transform(parsed(compileGlob));
const ports = z
  .union([z.string(), z.number()], { error: 'must be ports like "80,8000-8100" or one port like 80' })
  .transform((value) => String(value))
  .transform(parsed(parsePortList));
const pid = z.int().min(1);

const shape = {
  /** Listens on one of these. */
  open_ports: ports.optional(),
  /** Path of the program, or its file name. */
  exe_path: glob.optional(),
  /** Its arguments joined by blanks, with or without the program. */
  cmd_args: glob.optional(),
  target_pids: z.union([z.array(pid).min(1), pid.transform((one) => [one])]).optional(),
  /** Path of one of its control groups. */
  cgroup: glob.optional(),
  /** The whole id, or its first twelve characters. */
  container_id: glob.optional(),
  /** The image as it was asked for, or what follows its last slash. */
  container_image: glob.optional(),
  container_name: glob.optional(),
  /** Each of these labels has such a value. */
  container_labels: z
    .record(z.string(), glob)
    .refine((labels) => Object.keys(labels).length > 0, 'must name at least one label')
    .optional(),
  pod_name: glob.optional(),
  pod_namespace: glob.optional(),
};

/** At least one of the keys. */
export const ruleSchema = z
  .strictObject(shape)
  .refine((rule) => Object.values(rule).some((value) => value !== undefined), {
    message: `is an empty rule, which says nothing: give ${Object.keys(shape).slice(0, -1).join(', ')} or ${Object.keys(shape).at(-1)}`,
  })
  .transform(
    (rule): Rule => ({
      openPorts: rule.open_ports,
      exePath: rule.exe_path,
      cmdArgs: rule.cmd_args,
      targetPids: rule.target_pids && new Set(rule.target_pids),
      cgroup: rule.cgroup,
      containerId: rule.container_id,
      container: containerRule({
        image: rule.container_image,
        name: rule.container_name,
        podName: rule.pod_name,
        podNamespace: rule.pod_namespace,
        labels: Object.entries(rule.container_labels ?? {}),
      }),
    }),
  );

function containerRule(rule: ContainerRule): ContainerRule | undefined {
  const { labels, ...globs } = rule;
  return labels.length > 0 || Object.values(globs).some((value) => value !== undefined) ? rule : undefined;
}

/** Whether any of the rules holds. */
export function matches(rules: readonly Rule[], candidate: Candidate): boolean {
  return rules.some((rule) => holds(rule, candidate));
}

/** Cheapest first: ports take a walk over all descriptors of the process. */
function holds(rule: Rule, candidate: Candidate): boolean {
  if (rule.targetPids && !rule.targetPids.has(candidate.pid)) return false;
  if (rule.exePath && !matchesPath(rule.exePath, candidate.executablePath)) return false;
  if (rule.cmdArgs && !matchesArgs(rule.cmdArgs, candidate.commandArgs)) return false;
  if (rule.cgroup && !candidate.cgroups.some(rule.cgroup)) return false;
  if (rule.containerId && !matchesId(rule.containerId, candidate.containerId)) return false;
  if (rule.container && !matchesContainer(rule.container, candidate.container)) return false;
  const { openPorts } = rule;
  return !openPorts || candidate.listeningPorts.some((port) => includesPort(openPorts, port));
}

/** The whole path, or just the program's file name: `nginx` is as good as `/usr/sbin/nginx`. */
function matchesPath(glob: Glob, path: string): boolean {
  return path !== '' && (glob(path) || glob(basename(path)));
}

/** The arguments joined by blanks, with or without the program that comes first. */
function matchesArgs(glob: Glob, args: readonly string[]): boolean {
  return glob(args.slice(1).join(' ')) || glob(args.join(' '));
}

function matchesId(glob: Glob, id: string | undefined): boolean {
  return id !== undefined && (glob(id) || glob(id.slice(0, SHORT_ID)));
}

/** What is not known of a container matches nothing, `*` included. */
function matchesContainer(rule: ContainerRule, container: ContainerDescription | undefined): boolean {
  if (!container) return false;
  const { image, name, podName, podNamespace, labels } = rule;
  const holds = (glob: Glob | undefined, value: string | undefined) =>
    glob === undefined || (value !== undefined && glob(value));
  return (
    (image === undefined || matchesPath(image, container.image ?? '')) &&
    holds(name, container.name) &&
    holds(podName, container.podName) &&
    holds(podNamespace, container.podNamespace) &&
    labels.every(([key, value]) => holds(value, container.labels[key]))
  );
}
