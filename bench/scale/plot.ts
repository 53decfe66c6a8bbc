export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 720;
const HEIGHT = 360;
const MARGIN = { left: 64, right: 32, top: 24, bottom: 72 };
const COLOURS = ['#1b6ca8', '#c44536', '#3a7d44', '#8d5a97', '#b8860b'];
const Y_STEPS = 5;

/** Lines over a logarithmic x axis, from 0 on the y axis, as an SVG document. */
export function plot(title: string, xLabel: string, series: readonly Series[]): string {
  const xs = series.flatMap(({ points }) => points.map(([x]) => Math.log10(x)));
  const top = niceAbove(Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y))));
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const x = (value: number) =>
    MARGIN.left + ((Math.log10(value) - first) / (last - first)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(MARGIN.left, 16, title, 'start'),
  ];
  for (let i = 0; i <= Y_STEPS; i++) {
    const value = (top * i) / Y_STEPS;
    parts.push(
      `<path d="M${MARGIN.left} ${round(y(value))}H${WIDTH - MARGIN.right}" stroke="#ddd"/>`,
      text(MARGIN.left - 6, y(value) + 4, value.toLocaleString('en-US'), 'end'),
    );
  }
  for (let power = Math.ceil(first); power <= Math.floor(last + 1e-9); power++)
    parts.push(
      text(x(10 ** power), HEIGHT - MARGIN.bottom + 16, (10 ** power).toLocaleString('en-US'), 'middle'),
    );
  parts.push(text((MARGIN.left + WIDTH) / 2, HEIGHT - MARGIN.bottom + 34, xLabel, 'middle'));
  series.forEach(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    const path = points
      .map(([px, py], n) => `${n === 0 ? 'M' : 'L'}${round(x(px))} ${round(y(py))}`)
      .join('');
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    const at = MARGIN.left + (i * (WIDTH - MARGIN.left)) / series.length;
    parts.push(
      `<path d="M${round(at)} ${HEIGHT - 16}h18" stroke="${colour}" stroke-width="2"/>`,
      text(at + 24, HEIGHT - 12, name, 'start'),
    );
  });
  return `${[...parts, '</svg>'].join('\n')}\n`;
}

function text(x: number, y: number, value: string, anchor: 'start' | 'middle' | 'end'): string {
  const escaped = value.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="#333">${escaped}</text>`;
}

/** One, two or five times a power of ten, at least `value`. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 2, 5, 10]) if (factor * power >= value) return factor * power;
  throw new RangeError(`${value} has no end`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
