/** A name that the package exports. */
export interface Export {
  readonly name: string;
  /** Path of its module below `src/`, without extension; undefined for another package's. */
  readonly module: string | undefined;
  readonly from: string;
}

/** The exports of a module that only passes on: `export { a, type B } from './c.ts'`. */
export function exportsOf(source: string): Export[] {
  return [...source.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(([, names, from]) =>
    names!
      .split(',')
      .map((name) => name.replace(/\btype\b/, '').trim())
      .filter((name) => name !== '')
      .map((name) => ({ name, from: from!, module: /^\.\/(.*)\.ts$/.exec(from!)?.[1] })),
  );
}
