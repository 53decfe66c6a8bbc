import { basename } from 'node:path/posix';
import {
  ATTR_CONTAINER_ID,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
  ATTR_TELEMETRY_SDK_LANGUAGE,
  TELEMETRY_SDK_LANGUAGE_VALUE_DOTNET,
  TELEMETRY_SDK_LANGUAGE_VALUE_GO,
  TELEMETRY_SDK_LANGUAGE_VALUE_JAVA,
  TELEMETRY_SDK_LANGUAGE_VALUE_NODEJS,
  TELEMETRY_SDK_LANGUAGE_VALUE_PYTHON,
  TELEMETRY_SDK_LANGUAGE_VALUE_RUBY,
  TELEMETRY_SDK_LANGUAGE_VALUE_RUST,
} from '@opentelemetry/semantic-conventions';
import type { ProcessFacts, Runtime } from './facts.ts';
import type { Host } from './host.ts';
import { serviceInstanceId } from './instance-id.ts';
import {
  ATTR_HOST_ARCH,
  ATTR_HOST_ID,
  ATTR_HOST_NAME,
  ATTR_OS_TYPE,
  ATTR_PROCESS_COMMAND,
  ATTR_PROCESS_EXECUTABLE_NAME,
  ATTR_PROCESS_EXECUTABLE_PATH,
  ATTR_PROCESS_OWNER,
  ATTR_PROCESS_PARENT_PID,
  ATTR_PROCESS_PID,
  ATTR_PROCESS_RUNTIME_NAME,
  ATTR_PROCESS_VPID,
  OS_TYPE_VALUE_LINUX,
} from './semconv.ts';
import { programName } from './service-name.ts';

const LANGUAGES: Readonly<Record<Runtime, string | undefined>> = {
  native: undefined,
  node: TELEMETRY_SDK_LANGUAGE_VALUE_NODEJS,
  go: TELEMETRY_SDK_LANGUAGE_VALUE_GO,
  python: TELEMETRY_SDK_LANGUAGE_VALUE_PYTHON,
  java: TELEMETRY_SDK_LANGUAGE_VALUE_JAVA,
  dotnet: TELEMETRY_SDK_LANGUAGE_VALUE_DOTNET,
  ruby: TELEMETRY_SDK_LANGUAGE_VALUE_RUBY,
  tokio: TELEMETRY_SDK_LANGUAGE_VALUE_RUST,
};

/** What goes into a resource besides the facts themselves. */
export interface ResourceSource {
  readonly facts: Omit<ProcessFacts, 'resource'>;
  readonly host: Host;
  /** Name of the thread group leader, for a program whose path is not readable. */
  readonly comm: string;
  /** Inode; 0 where not readable. */
  readonly pidNamespace: number;
  /** `OTEL_SERVICE_NAME` of the process. */
  readonly serviceName: string | undefined;
  /** Entries of the process's `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly distroVersion: string;
}

/**
 * The resource of the process's zero-code spans (semantic conventions 1.44, resource). What the process says of
 * itself in its environment goes first and before what is observed, except for what names the observer.
 *
 * Arguments may hold secrets: `process.command_args` and `process.command_line` are opt-in in the conventions and
 * not given; `process.command` is, unless the process wrote something else than one word there.
 */
export function resourceOf(source: ResourceSource): ProcessFacts['resource'] {
  const { facts, host, attributes } = source;
  const executableName = basename(facts.executablePath) || source.comm;
  const innermostPid = facts.namespacePids.at(-1) ?? facts.pid;
  const resource = new Map<string, string | number | undefined>();

  resource.set(
    ATTR_SERVICE_NAME,
    source.serviceName ??
      (attributes.get(ATTR_SERVICE_NAME) || programName(executableName, facts.commandArgs)),
  );
  resource.set(
    ATTR_SERVICE_INSTANCE_ID,
    serviceInstanceId(host.bootId, source.pidNamespace, innermostPid, facts.startTime),
  );
  resource.set(ATTR_PROCESS_PID, facts.pid);
  resource.set(ATTR_PROCESS_VPID, innermostPid === facts.pid ? undefined : innermostPid);
  resource.set(ATTR_PROCESS_PARENT_PID, facts.parentPid || undefined);
  resource.set(ATTR_PROCESS_EXECUTABLE_NAME, executableName);
  resource.set(ATTR_PROCESS_EXECUTABLE_PATH, facts.executablePath || undefined);
  resource.set(ATTR_PROCESS_COMMAND, oneWord(facts.commandArgs[0]));
  resource.set(ATTR_PROCESS_OWNER, facts.owner);
  resource.set(ATTR_PROCESS_RUNTIME_NAME, runtimeName(facts.runtime, executableName));
  resource.set(ATTR_CONTAINER_ID, facts.containerId);
  resource.set(ATTR_HOST_NAME, host.name);
  resource.set(ATTR_HOST_ID, host.id);
  resource.set(ATTR_HOST_ARCH, host.arch);
  resource.set(ATTR_OS_TYPE, OS_TYPE_VALUE_LINUX);
  resource.set(ATTR_TELEMETRY_SDK_LANGUAGE, LANGUAGES[facts.runtime]);
  for (const [key, value] of attributes) if (key !== ATTR_SERVICE_NAME) resource.set(key, value);
  resource.set(ATTR_TELEMETRY_DISTRO_NAME, 'spanloom');
  resource.set(ATTR_TELEMETRY_DISTRO_VERSION, source.distroVersion);

  return [...resource].filter((entry): entry is [string, string | number] => entry[1] !== undefined);
}

/** Names that the conventions give; those of the JVM and of .NET depend on what only the runtime itself knows. */
function runtimeName(runtime: Runtime, executableName: string): string | undefined {
  switch (runtime) {
    case 'node':
      return /^(?:bun|deno)$/.test(executableName) ? executableName : 'nodejs';
    case 'python':
      return executableName.startsWith('pypy') ? 'pypy' : 'cpython';
    case 'go':
    case 'ruby':
      return runtime;
    default:
      return undefined;
  }
}

function oneWord(argument: string | undefined): string | undefined {
  return argument !== undefined && /^[^\s=]+$/.test(argument) ? argument : undefined;
}
