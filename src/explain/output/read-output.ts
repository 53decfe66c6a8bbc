import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { SpanloomError } from '../../error.ts';
import type { Span, TracesJson } from '../../exporter/debug/otlp-json.ts';
import { attribute } from '../../exporter/debug/value-text.ts';
import { SCOPE_NAME } from '../../receiver/ebpf/zero-code-span.ts';

/** A span as it stands in the file. */
export interface WrittenSpan {
  readonly span: Span;
  readonly service: string;
  readonly zeroCode: boolean;
}

/**
 * The spans in the output of the `file` exporter whose line holds `needle` (an id), in order. A last line cut short is left out.
 *
 * @throws {SpanloomError} `SPANLOOM_EXPLAIN_FILE` when a line is no OTLP/JSON request
 */
export async function* readOutput(
  file: string,
  needle: string,
): AsyncGenerator<WrittenSpan, void, undefined> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  let broken: number | undefined;
  for await (const line of lines) {
    number++;
    if (broken !== undefined) throw noRequest(file, broken);
    if (!line.includes(needle)) continue;
    const request = parse(line);
    if (request === undefined) broken = number;
    else yield* spansOf(request);
  }
}

function* spansOf(request: TracesJson): Generator<WrittenSpan> {
  for (const { resource, scopeSpans } of request.resourceSpans ?? []) {
    const service = attribute(resource?.attributes, 'service.name') ?? 'unknown_service';
    for (const { scope, spans } of scopeSpans ?? [])
      for (const span of spans ?? []) yield { span, service, zeroCode: scope?.name === SCOPE_NAME };
  }
}

function parse(line: string): TracesJson | undefined {
  try {
    return JSON.parse(line) as TracesJson;
  } catch {
    return undefined;
  }
}

function noRequest(file: string, line: number): SpanloomError {
  return new SpanloomError(
    'SPANLOOM_EXPLAIN_FILE',
    `Line ${line} of ${file} is no OTLP/JSON request: expected the output of the file exporter with "format: json", or a recording.`,
  );
}
