#!/usr/bin/env -S node --max-semi-space-size=8
// MiB. Most of what spans that are passed on take is not on V8's heap, and more would only take memory; with less, what
// `correlate` holds for a few seconds is copied more often (`npm run bench:scale`).
import { ownBuildInfo } from './collector/build-info.ts';
import { execute } from './collector/command/execute.ts';
import { createProgram } from './collector/command/program.ts';
import { builtinFactories } from './components.ts';
import { doctorCommand } from './doctor/command.ts';
import { explainCommand } from './explain/command.ts';
import { dumpCommand } from './receiver/ebpf/dump-command.ts';

const print = (text: string) => process.stdout.write(text);
const context = { factories: builtinFactories, buildInfo: ownBuildInfo(), print };
const program = createProgram(context);
program.addCommand(dumpCommand(print));
program.addCommand(explainCommand(context, process.stdout));
program.addCommand(doctorCommand(context, process.stdout, (text) => process.stderr.write(text)));

const exitCode = await execute(program, process.argv.slice(2), (text) => process.stderr.write(text));
// Standard output may be a pipe that has not taken everything yet.
process.stdout.write('', () => process.exit(exitCode));
