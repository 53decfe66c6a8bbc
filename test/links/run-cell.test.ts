import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LinkCase, Place } from '../../bench/links/case.ts';
import { runCell } from '../../bench/links/run-cell.ts';

const OPTIONS = { calls: 10, machine: 'this one', fixture: false };

function cell(more: Partial<LinkCase> & Pick<LinkCase, 'start'>) {
  const linkCase = {
    name: 'made-up',
    shows: '',
    versions: () => '',
    variants: [{ targets: 'equal' }],
    ...more,
  };
  return { linkCase: linkCase as LinkCase, variant: { targets: 'equal' } as const, concurrency: 1 };
}

/** A process that has ended may wait for its parent. */
function runs(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

afterEach(() => vi.restoreAllMocks());

describe('a row', () => {
  it('is not tested, and says what to install, where a program is missing', async () => {
    const started = vi.fn();
    const needs = [{ program: 'no-such-program', from: 'Debian package none' }];
    expect(await runCell(cell({ needs, start: started }), OPTIONS)).toMatchObject({
      state: 'not tested',
      why: 'no-such-program is missing (Debian package none)',
    });
    expect(started).not.toHaveBeenCalled();
  });

  it('has failed where its programs do, and leaves no process and no file', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    let place: Place | undefined;
    let worker = 0;
    const start = async (given: Place) => {
      place = given;
      const script = join(given.workDir, 'program.sh');
      writeFileSync(script, 'sleep 300 & echo $!; wait');
      const program = await given.start({ name: 'sh', command: 'sh', args: [script] });
      await program.until('started its worker', () => /\d/.test(program.output()));
      worker = Number(program.output());
      throw new Error('it was no good\nand more');
    };
    expect(await runCell(cell({ start }), OPTIONS)).toMatchObject({ state: 'failed', why: 'it was no good' });
    expect(said).toHaveBeenCalledOnce();
    expect(existsSync(place!.workDir)).toBe(false);
    await vi.waitFor(() => expect(runs(worker)).toBe(false));
  });
});
