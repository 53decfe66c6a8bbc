const SLAB_BYTES = 8 * 1024;
const LARGEST = SLAB_BYTES / 4;

let slab = new Uint8Array(SLAB_BYTES);
let used = 0;

/**
 * Zeroed bytes to keep. Small ones are cut from a shared 8 KiB buffer, because an `ArrayBuffer` of its own
 * costs as much as encoding a span; whoever keeps one for long keeps at most that buffer alive.
 */
export function allocate(length: number): Uint8Array {
  if (length > LARGEST) return new Uint8Array(length);
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const start = used;
  used += length;
  return slab.subarray(start, used);
}
