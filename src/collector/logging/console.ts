/**
 * A log line as the Collector's console encoding writes it: time, level, message and fields, separated by tabs.
 *
 * @param line one JSON object as the logger wrote it
 */
export function formatConsole(line: string): string {
  const { ts, level, msg = '', err, ...fields } = JSON.parse(line);
  if (err !== undefined) fields.error = err.code === undefined ? err.message : `${err.message} (${err.code})`;
  const columns = [ts, level, msg];
  if (Object.keys(fields).length > 0) columns.push(JSON.stringify(fields));
  return `${columns.join('\t')}\n`;
}
