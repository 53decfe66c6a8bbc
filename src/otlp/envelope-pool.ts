import { copyEnvelope, ResourceEnvelope, ScopeEnvelope } from './envelope.ts';

const MAX_ENTRIES = 1024;
const MAX_BYTES = 16 * 1024;

/**
 * Keeps one object for equal contents, so that the batches of one process share theirs. Bounded; forgets the
 * oldest.
 */
class EnvelopePool<Envelope> {
  readonly #pool = new Map<string, Envelope>();
  readonly #make: (key: string, bytes: Uint8Array) => Envelope;

  constructor(make: (key: string, bytes: Uint8Array) => Envelope) {
    this.#make = make;
  }

  /** The envelope of the message at `start`, copied out of `body`. */
  take(body: Uint8Array, start: number, end: number): Envelope {
    const bytes = copyEnvelope(body, start, end);
    const key = envelopeKey(bytes);
    const known = this.#pool.get(key);
    if (known) return known;
    const envelope = this.#make(key, bytes);
    if (bytes.length <= MAX_BYTES) {
      if (this.#pool.size >= MAX_ENTRIES) this.#pool.delete(this.#pool.keys().next().value!);
      this.#pool.set(key, envelope);
    }
    return envelope;
  }
}

/** The `key` of an envelope with these bytes. */
export function envelopeKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export const resources = new EnvelopePool((key, bytes) => new ResourceEnvelope(key, bytes));
export const scopes = new EnvelopePool((key, bytes) => new ScopeEnvelope(key, bytes));
