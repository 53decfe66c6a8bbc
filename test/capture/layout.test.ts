import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as layout from '../../src/receiver/ebpf/capture/layout.ts';
import { loadNative } from '../../src/receiver/ebpf/capture/native.ts';

const OBJECT = fileURLToPath(new URL('../../bpf/build/capture.bpf.o', import.meta.url));
const built = existsSync(OBJECT) || process.env.CI === 'true';

/** Kernel struct, offsets on this side, and what a field is called where the names differ. */
const STRUCTS = {
  record_header: layout.HEADER,
  task_id: layout.TASK,
  socket_id: layout.SOCKET,
  message_record: layout.MESSAGE,
  connection_record: layout.CONNECTION,
  listen_record: layout.LISTEN,
  process_record: layout.PROCESS,
  fork_record: layout.FORK,
  context_record: layout.CONTEXT,
  runtime: layout.RUNTIME,
  retransmit_record: layout.RETRANSMIT,
  unix_alive_record: layout.UNIX_ALIVE,
  unix_swept_record: layout.UNIX_SWEPT,
  wake_record: layout.WAKE,
} as const;

/** A nested struct begins where its first field does. */
const FIRST_FIELD: Record<string, string> = { task: 'task.process_start', socket: 'socket.cookie' };

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

describe.skipIf(!built)('the layout of captured records', () => {
  const object = built ? new (loadNative().BpfObject)(OBJECT) : undefined;

  it.each(Object.entries(STRUCTS))('%s is where the BPF object has it', (name, offsets) => {
    const struct = object!.structLayout(name)!;
    for (const [field, offset] of Object.entries(offsets)) {
      if (field === 'bytes') expect(struct.size).toBe(offset);
      else {
        const kernelName = FIRST_FIELD[field] ?? snakeCase(field);
        expect(struct.fields[kernelName], `${name}.${kernelName}`).toMatchObject({ offset });
      }
    }
  });

  it('leaves no hole between fields that the compiler would fill', () => {
    for (const name of Object.keys(STRUCTS)) {
      const { size, fields } = object!.structLayout(name)!;
      expect(
        Object.values(fields).reduce((sum, field) => sum + field.size, 0),
        name,
      ).toBe(size);
      expect(size % 8, name).toBe(0);
    }
  });

  it('knows the largest record', () => {
    expect(object!.structLayout('large_message')!.size).toBe(layout.LARGEST_RECORD);
  });

  it('says that it does not know a struct', () => {
    expect(object!.structLayout('nothing')).toBeUndefined();
  });
});
