import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSpans } from '../support/otlp-json.ts';

const REQUEST = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
      scopeSpans: [
        {
          scope: { name: 'lib' },
          spans: [
            {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: '00f067aa0ba902b7',
              name: 'GET',
              kind: 3,
              startTimeUnixNano: '1795446960921524163',
              endTimeUnixNano: '1795446960952167175',
              attributes: [
                { key: 'network.peer.port', value: { intValue: '80' } },
                {
                  key: 'tags',
                  value: { arrayValue: { values: [{ stringValue: 'a' }, { boolValue: true }] } },
                },
                {
                  key: 'more',
                  value: { kvlistValue: { values: [{ key: 'k', value: { doubleValue: 0.5 } }] } },
                },
              ],
              status: { code: 2 },
            },
          ],
        },
      ],
    },
  ],
};

describe('readSpans', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spanloom-json-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('reads spans with their resource and scope, and leaves out a line that is still being written', () => {
    const file = join(directory, 'traces.jsonl');
    const line = JSON.stringify(REQUEST);
    writeFileSync(file, `${line}\n${line.slice(0, 50)}`);
    expect(readSpans(file)).toEqual([
      {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: '00f067aa0ba902b7',
        parentSpanId: '',
        name: 'GET',
        kind: 'CLIENT',
        startUnixNano: 1795446960921524163n,
        endUnixNano: 1795446960952167175n,
        statusCode: 2,
        attributes: { 'network.peer.port': 80, tags: ['a', true], more: { k: 0.5 } },
        links: [],
        resource: { 'service.name': 'web' },
        scope: 'lib',
        request: 0,
      },
    ]);
  });

  it('finds no spans where there is no file yet', () => {
    expect(readSpans(join(directory, 'none'))).toEqual([]);
  });
});
