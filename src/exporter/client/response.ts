import type { ExportResult } from '../queue/transport.ts';
import { nestedFields, utf8, wireFields } from '../wire-fields.ts';

/**
 * Reads an `Export<Signal>ServiceResponse`: its `partial_success`, whose rejected count is field 1 and whose message
 * field 2 for every signal. A response that can not be read says nothing against the request, which was taken.
 */
export function readResponse(body: Uint8Array): ExportResult {
  let rejected = 0;
  let message = '';
  try {
    for (const partial of nestedFields(body, 1))
      for (const [part, value] of wireFields(partial)) {
        if (part === 1 && typeof value === 'number') rejected = Math.max(0, value);
        else if (part === 2 && typeof value !== 'number') message = utf8(value);
      }
  } catch (error) {
    message = `the response can not be read: ${(error as Error).message}`;
  }
  return { rejected, message };
}
