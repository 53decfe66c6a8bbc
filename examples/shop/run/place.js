import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
/** The folder of the shop's own files. */
export const SHOP = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where `install.sh` put the virtual environment of a Python service. */
export function pythonOf(service) {
  return join(SHOP, '../../.cache/shop', service, 'bin/python');
}
