import { createHash } from 'node:crypto';

/** The name space that semantic conventions give for `service.instance.id`. */
const NAMESPACE = Buffer.from('4d63009a8d0f11eeaad74c796ed8e320', 'hex');

/**
 * A UUID of version 5 (RFC 9562, section 5.5) that stays the same as long as the process lives, whoever looks from
 * wherever: made of the boot, the process's innermost pid namespace, its pid there and its start time.
 */
export function serviceInstanceId(
  bootId: string,
  pidNamespace: number,
  namespacePid: number,
  startTime: number,
): string {
  const bytes = createHash('sha1')
    .update(NAMESPACE)
    .update(`${bootId}/${pidNamespace}/${namespacePid}/${startTime}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
