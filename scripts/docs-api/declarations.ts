/** A declaration of a `.d.ts` file. */
export interface Declaration {
  readonly name: string;
  readonly exported: boolean;
  /** The comment before it, without its stars. */
  readonly docstring: string;
  readonly text: string;
}

const START =
  /^(export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|enum) ([A-Za-z_$][\w$]*)/;

/**
 * The declarations of a `.d.ts` file as the compiler writes it: what is at the top level begins in the first column, and
 * the lines below it do not, save for closing brackets.
 */
export function declarations(source: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  const lines = source.split('\n');
  let docstring: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('/**')) {
      const end = lines.findIndex((each, index) => index >= at && each.includes('*/'));
      docstring = lines.slice(at, end + 1);
      at = end;
      continue;
    }
    const start = START.exec(line);
    if (start) {
      let end = at;
      while (/^(\s|$)/.test(lines[end + 1] ?? 'end') || /^[}\])]/.test(lines[end + 1] ?? '')) end++;
      const name = start[2]!;
      const text = lines
        .slice(at, end + 1)
        .join('\n')
        .trimEnd();
      found.set(name, {
        name,
        exported: start[1] !== undefined,
        docstring: uncomment(docstring),
        text: plain(text),
      });
      at = end;
    }
    docstring = [];
  }
  return found;
}

function uncomment(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/^\s*\/?\*+\/? ?/, '').replace(/\s*\*\/$/, ''))
    .join('\n')
    .trim();
}

/** Without what only the compiler needs. */
function plain(text: string): string {
  return text
    .replace(/^export (declare )?/gm, '')
    .replace(/^ +#private;\n/gm, '')
    .replace(/^( +)/gm, (indent) => ' '.repeat(Math.ceil(indent.length / 2)));
}
