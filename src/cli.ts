#!/usr/bin/env node
import { ownBuildInfo } from './collector/build-info.ts';
import { execute } from './collector/command/execute.ts';
import { createProgram } from './collector/command/program.ts';
import { builtinFactories } from './components.ts';

const program = createProgram({
  factories: builtinFactories,
  buildInfo: ownBuildInfo(),
  print: (text) => process.stdout.write(text),
});

const exitCode = await execute(program, process.argv.slice(2), (text) => process.stderr.write(text));
// Standard output may be a pipe that has not taken everything yet.
process.stdout.write('', () => process.exit(exitCode));
