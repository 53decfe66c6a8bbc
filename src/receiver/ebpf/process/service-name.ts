import { basename } from 'node:path/posix';

/** How an interpreter's command line leads to the program that it runs. */
interface Interpreter {
  readonly program: RegExp;
  /** Options whose value is the next argument. */
  readonly withValue: ReadonlySet<string>;
  /** Options whose value, the next argument or `=value`, is the program. */
  readonly naming: ReadonlySet<string>;
  /** Options whose value is code: there is no name to be had. */
  readonly code: ReadonlySet<string>;
  /** Short options without value that may be written together with others: `-um pkg`. */
  readonly flags: string;
  /** What of the script's file name is not its name. */
  readonly extension: RegExp;
}

const options = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const INTERPRETERS: readonly Interpreter[] = [
  {
    program: /^(?:python|pypy)[\d.]*$/,
    withValue: options('-W -X --check-hash-based-pycs'),
    naming: options('-m'),
    code: options('-c'),
    flags: 'bBdEhiIOPqRsSuvVx',
    extension: /\.pyw?$/,
  },
  {
    program: /^(?:node|nodejs)$/,
    withValue: options(
      '-r --require --import --loader --experimental-loader -C --conditions --env-file --title --input-type --icu-data-dir --openssl-config --diagnostic-dir',
    ),
    naming: options(''),
    code: options('-e --eval -p --print -pe'),
    flags: '',
    extension: /\.[cm]?[jt]sx?$/,
  },
  {
    program: /^java$/,
    withValue: options(
      '-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --limit-modules --add-opens --add-exports --add-reads --enable-native-access --source',
    ),
    naming: options('-jar -m --module'),
    code: options(''),
    flags: '',
    extension: /\.[jw]ar$|\.java$/,
  },
  {
    program: /^ruby[\d.]*$/,
    withValue: options('-I -r -C -E --encoding --external-encoding --internal-encoding'),
    naming: options(''),
    code: options('-e'),
    flags: 'alnpsSUvw',
    extension: /\.rb$/,
  },
  {
    program: /^dotnet$/,
    withValue: options(
      '--additionalprobingpath --additional-deps --depsfile --fx-version --roll-forward --runtimeconfig',
    ),
    naming: options('exec'),
    code: options(''),
    flags: '',
    extension: /\.dll$/,
  },
];

/**
 * The name a process gives itself by what it runs: the script, module, archive or main class of an interpreter, and
 * the program's own name for everything else.
 */
export function programName(executableName: string, args: readonly string[]): string {
  const interpreter = INTERPRETERS.find(({ program }) => program.test(executableName));
  if (!interpreter) return executableName;
  return scriptName(interpreter, args) ?? executableName;
}

function scriptName(interpreter: Interpreter, args: readonly string[]): string | undefined {
  const title = /^([A-Za-z][\w.-]*)(?::| \d)/.exec(args[0] ?? '');
  // A server that rewrote its title (`gunicorn: master [app]`, `puma 6.4.0 (tcp://…) [app]`) says who it is.
  if (args.length === 1 && title) return title[1];
  for (let i = 1; i < args.length; i++) {
    const arg = args[i]!;
    const { option, value } = splitOption(interpreter, arg);
    if (interpreter.code.has(option)) return undefined;
    if (interpreter.naming.has(option)) return scriptFile(interpreter, value ?? args[i + 1]);
    if (interpreter.withValue.has(option)) i += value === undefined ? 1 : 0;
    else if (arg === '--') return scriptFile(interpreter, args[i + 1]);
    else if (!arg.startsWith('-') && !arg.startsWith('@')) return scriptFile(interpreter, arg);
    else if (arg === '-') return undefined;
  }
  return undefined;
}

/** `-um` → `-m`; `-Wignore` → `-W` with value `ignore`; `--module=a/b` → `--module` with value `a/b`. */
function splitOption(interpreter: Interpreter, arg: string): { option: string; value?: string } {
  const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
  if (equals > 0) return { option: arg.slice(0, equals), value: arg.slice(equals + 1) };
  if (interpreter.flags === '' || !/^-[A-Za-z]/.test(arg)) return { option: arg };
  let at = 1;
  while (at < arg.length - 1 && interpreter.flags.includes(arg[at]!)) at++;
  const option = `-${arg[at]}`;
  const value = arg.slice(at + 1);
  return value === '' ? { option } : { option, value };
}

function scriptFile(interpreter: Interpreter, script: string | undefined): string | undefined {
  if (script === undefined) return undefined;
  const name = basename(script).replace(interpreter.extension, '');
  return name === '' || name === '-' ? undefined : name;
}
