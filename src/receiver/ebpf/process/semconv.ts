/**
 * Attribute keys that OpenTelemetry semantic conventions 1.44 do not call stable yet, copied as
 * `@opentelemetry/semantic-conventions` advises for its `/incubating` entry.
 */
export const ATTR_HOST_ARCH = 'host.arch';
export const ATTR_HOST_ID = 'host.id';
export const ATTR_HOST_NAME = 'host.name';
export const ATTR_OS_TYPE = 'os.type';
export const ATTR_PROCESS_COMMAND = 'process.command';
export const ATTR_PROCESS_EXECUTABLE_NAME = 'process.executable.name';
export const ATTR_PROCESS_EXECUTABLE_PATH = 'process.executable.path';
export const ATTR_PROCESS_OWNER = 'process.owner';
export const ATTR_PROCESS_PARENT_PID = 'process.parent_pid';
export const ATTR_PROCESS_PID = 'process.pid';
export const ATTR_PROCESS_RUNTIME_NAME = 'process.runtime.name';
export const ATTR_PROCESS_VPID = 'process.vpid';
export const OS_TYPE_VALUE_LINUX = 'linux';
