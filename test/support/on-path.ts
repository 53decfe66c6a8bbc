import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether `file` is there and may be run. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a command of this name would be found. */
export function onPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isProgram(join(folder, name)));
}
