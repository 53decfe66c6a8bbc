import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { SHOP } from './place.ts';

/** Installs what the services need where it is missing; quick where it is there. */
export function installShop(): void {
  execFileSync('bash', [join(SHOP, 'install.sh')], { stdio: 'inherit' });
}
