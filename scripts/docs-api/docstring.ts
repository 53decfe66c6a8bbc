/** A docstring in Markdown: its tags as sentences. Ends with an empty line, unless there is nothing to say. */
export function markdown(docstring: string): string {
  if (docstring === '') return '';
  const text = docstring
    .replace(/^@throws \{(\w+)\} ?/gm, 'Throws `$1` ')
    .replace(/^@param (\w+) /gm, '`$1`: ')
    .replace(/^@returns /gm, 'Returns ')
    .replace(/^(Throws `\w+`) *$/gm, '$1.');
  return `${text}\n\n`;
}
