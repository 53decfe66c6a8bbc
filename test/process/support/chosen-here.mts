// Prints, as JSON, which processes a configuration chooses where this program runs, and what it was warned of.
import { z } from 'zod';
import { SystemClock } from '../../../src/collector/clock.ts';
import { Builds } from '../../../src/receiver/ebpf/process/build.ts';
import { readHost } from '../../../src/receiver/ebpf/process/host.ts';
import { Selection, selectionShape } from '../../../src/receiver/ebpf/process/selection.ts';
import { ProcessSelector } from '../../../src/receiver/ebpf/process/selector.ts';

const chosen: number[] = [];
const warnings: string[] = [];
const selector = new ProcessSelector({
  selection: new Selection(z.strictObject(selectionShape).parse(JSON.parse(process.argv[2]!))),
  read: {
    procRoot: '/proc',
    host: readHost(),
    builds: new Builds(),
    distroVersion: '1.2.3',
    malformedAttributes: { value: 0 },
  },
  clock: new SystemClock(),
  selected: ({ pid }) => chosen.push(pid),
  deselected: () => {},
  warn: (message) => warnings.push(message),
});
selector.start();
selector.stop();
console.log(JSON.stringify({ chosen, warnings }));
