const UNITS = [
  { unit: 'ns', nanos: 1 },
  { unit: 'µs', nanos: 1e3 },
  { unit: 'ms', nanos: 1e6 },
  { unit: 's', nanos: 1e9 },
] as const;

/** Three significant digits and a unit: `850 ns`, `12.3 µs`, `1.20 ms`, `2.50 s`; from a minute on `2m 05s`. */
export function durationText(nanos: number): string {
  if (nanos < 0) return `-${durationText(-nanos)}`;
  if (nanos >= 59.95e9) {
    const seconds = Math.round(nanos / 1e9);
    return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
  }
  let chosen: (typeof UNITS)[number] = UNITS[0];
  // A value that would round to 1000 belongs to the next unit.
  for (const candidate of UNITS) if (nanos >= candidate.nanos * 0.9995) chosen = candidate;
  const value = nanos / chosen.nanos;
  const digits = chosen.nanos === 1 ? 0 : value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${chosen.unit}`;
}
