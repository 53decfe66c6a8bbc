/** One metric as Prometheus reads it. */
export interface ReadFamily {
  readonly type: string;
  readonly help?: string;
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const NAME = /^[a-zA-Z_:][\w:]*$/;
const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,(?=[a-zA-Z_]))?)*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"/g;

/**
 * Reads Prometheus' text format 0.0.4, and is strict: a family's lines stand together, HELP and TYPE come first and
 * once, no series stands twice. Throws otherwise.
 */
export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, ReadFamily>();
  const helps = new Map<string, string>();
  let current: string | undefined;
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split('\n')) {
    const [, comment, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/s.exec(line) ?? [];
    if (comment === 'HELP') {
      if (!NAME.test(name!) || helps.has(name!) || families.has(name!)) throw new Error(`misplaced: ${line}`);
      helps.set(name!, unescaped(rest!));
    } else if (comment === 'TYPE') {
      if (!NAME.test(name!) || families.has(name!)) throw new Error(`misplaced: ${line}`);
      if (!['counter', 'gauge', 'untyped'].includes(rest!)) throw new Error(`no type: ${line}`);
      const help = helps.get(name!);
      families.set(name!, { type: rest!, samples: [], ...(help !== undefined && { help }) });
      current = name;
    } else {
      const sample = SAMPLE.exec(line);
      if (!sample) throw new Error(`no sample: ${line}`);
      if (sample[1] !== current) throw new Error(`outside its family: ${line}`);
      const labels = Object.fromEntries(
        [...(sample[2] ?? '').matchAll(LABEL)].map(([, label, value]) => [label!, unescaped(value!)]),
      );
      const series = `${current}${JSON.stringify(Object.entries(labels).sort())}`;
      if (seen.has(series)) throw new Error(`twice: ${line}`);
      seen.add(series);
      families.get(current!)!.samples.push({ labels, value: number(sample[3]!) });
    }
  }
  for (const name of helps.keys()) if (!families.has(name)) throw new Error(`${name} has help and no type`);
  return families;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

function number(text: string): number {
  if (/^[+-]Inf$/.test(text)) return text[0] === '+' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (text === 'NaN') return Number.NaN;
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`no number: ${text}`);
  return Number(text);
}
