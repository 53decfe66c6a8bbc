import { closeSync, openSync, readSync } from 'node:fs';
import type { Factories } from '../collector/component.ts';
import type { ConfigSources } from '../collector/config/resolve.ts';
import { SpanloomError } from '../error.ts';
import { observeMerge } from '../observe/observe-merge.ts';
import { EXPLANATION_VERSION, type Explanation, type Explanations } from './explanation.ts';
import { explainOutput } from './output/explain-output.ts';
import { Explainer, type Wanted } from './recording/explainer.ts';

const RECORDING = 'SPANLOOM';

export interface Question extends Wanted {
  /** A recording, or the output of the `file` exporter. */
  readonly file: string;
  /** How a recording is merged; by defaults where it has no locations. */
  readonly sources: ConfigSources;
}

/**
 * Why the span is where it is.
 *
 * @throws {SpanloomError} `SPANLOOM_EXPLAIN_FILE` when the file is neither, `SPANLOOM_EXPLAIN_NOT_FOUND` when it has no such span
 */
export async function explain(question: Question, factories: Factories): Promise<Explanations> {
  const { file, spanId, traceId } = question;
  const source = startOf(file) === RECORDING ? 'recording' : 'output';
  const spans =
    source === 'recording' ? await replayed(question, factories) : await explainOutput(file, spanId, traceId);
  if (spans.length === 0) throw notFound(question, source);
  return { version: EXPLANATION_VERSION, file, source, spans };
}

async function replayed(
  { file, sources, ...wanted }: Question,
  factories: Factories,
): Promise<Explanation[]> {
  let explainer: Explainer | undefined;
  const observing = { sources, replay: file, record: undefined };
  const collector = observeMerge(observing, factories, (watched) => {
    explainer = new Explainer(watched, wanted);
    return explainer;
  });
  await collector.run();
  return explainer!.explanations;
}

function startOf(file: string): string {
  const start = Buffer.alloc(RECORDING.length);
  let length: number;
  try {
    const fd = openSync(file, 'r');
    try {
      length = readSync(fd, start);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new SpanloomError('SPANLOOM_EXPLAIN_FILE', `Cannot read ${file}: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const text = start.toString('latin1', 0, length);
  if (text !== RECORDING && !text.startsWith('{'))
    throw new SpanloomError(
      'SPANLOOM_EXPLAIN_FILE',
      `${file} is neither a recording (ebpf: {record: FILE}) nor the output of the file exporter with "format: json": it starts with other bytes.`,
    );
  return text;
}

function notFound({ file, spanId, traceId }: Question, source: Explanations['source']): SpanloomError {
  const where = traceId === undefined ? file : `trace ${traceId} of ${file}`;
  const hint =
    source === 'recording'
      ? 'Ids of zero-code spans follow from connection and position: a span is in the recording that was made while it was captured.'
      : 'It may be in a file that was rotated away, or its trace has not been released yet.';
  return new SpanloomError('SPANLOOM_EXPLAIN_NOT_FOUND', `There is no span ${spanId} in ${where}. ${hint}`);
}
