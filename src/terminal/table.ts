import { columns } from './columns.ts';

/** A cell, and how it is aligned with those above and below. */
export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** Rows of cells in columns as wide as their widest cell, the titles first. */
export function table(head: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map(({ title }, i) =>
    rows.reduce((widest, row) => Math.max(widest, columns(row[i] ?? '')), columns(title)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - columns(cell));
        return head[i]?.align === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return [line(head.map(({ title }) => title)), ...rows.map(line)];
}
