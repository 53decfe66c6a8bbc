#!/usr/bin/env node
import { ownBuildInfo } from './collector/build-info.ts';
import { execute } from './collector/command/execute.ts';
import { createProgram } from './collector/command/program.ts';
import { builtinFactories } from './components.ts';
import { dumpCommand } from './receiver/ebpf/dump-command.ts';

const print = (text: string) => process.stdout.write(text);
const program = createProgram({ factories: builtinFactories, buildInfo: ownBuildInfo(), print });
program.addCommand(dumpCommand(print));

const exitCode = await execute(program, process.argv.slice(2), (text) => process.stderr.write(text));
// Standard output may be a pipe that has not taken everything yet.
process.stdout.write('', () => process.exit(exitCode));
