import { basename } from 'node:path/posix';
import { z } from 'zod';
import { compileGlob, type Glob } from './glob.ts';
import { includesPort, type PortList, parsePortList } from './port-list.ts';

/** What a rule can look at. Getters may read when asked; what no rule asks for costs nothing. */
export interface Candidate {
  readonly pid: number;
  /** Empty where not readable. */
  readonly executablePath: string;
  readonly commandArgs: readonly string[];
  readonly listeningPorts: readonly number[];
}

/** One entry of `instrument` or `exclude`: all that it names must hold. */
export interface Rule {
  readonly openPorts: PortList | undefined;
  readonly exePath: Glob | undefined;
  readonly cmdArgs: Glob | undefined;
  readonly targetPids: ReadonlySet<number> | undefined;
}

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

/** `{open_ports, exe_path, cmd_args, target_pids}`, at least one of them. */
export const ruleSchema = z
  .strictObject({
    open_ports: ports.optional(),
    exe_path: glob.optional(),
    cmd_args: glob.optional(),
    target_pids: z.union([z.array(pid).min(1), pid.transform((one) => [one])]).optional(),
  })
  .refine((rule) => Object.values(rule).some((value) => value !== undefined), {
    message: 'is an empty rule, which says nothing: give open_ports, exe_path, cmd_args or target_pids',
  })
  .transform(
    (rule): Rule => ({
      openPorts: rule.open_ports,
      exePath: rule.exe_path,
      cmdArgs: rule.cmd_args,
      targetPids: rule.target_pids && new Set(rule.target_pids),
    }),
  );

/** Whether any of the rules holds. */
export function matches(rules: readonly Rule[], candidate: Candidate): boolean {
  return rules.some((rule) => holds(rule, candidate));
}

/** Cheapest first: ports take a walk over all descriptors of the process. */
function holds(rule: Rule, candidate: Candidate): boolean {
  if (rule.targetPids && !rule.targetPids.has(candidate.pid)) return false;
  if (rule.exePath && !matchesPath(rule.exePath, candidate.executablePath)) return false;
  if (rule.cmdArgs && !matchesArgs(rule.cmdArgs, candidate.commandArgs)) return false;
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
