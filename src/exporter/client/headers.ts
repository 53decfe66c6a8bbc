import { z } from 'zod';

const name = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'is not a valid header name');
const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** `headers` of a client: sent with every request, names in lower case. */
export const headers = z
  .preprocess((map) => map ?? {}, z.record(name, value))
  .transform((map) => Object.fromEntries(Object.entries(map).map(([key, text]) => [key.toLowerCase(), text])))
  .prefault({});
