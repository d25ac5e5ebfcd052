const MASK = (1n << 64n) - 1n;
/** ECMA-182, bits reversed. */
const POLYNOMIAL = 0xc96c5795d7870f42n;

/** For each byte, what it adds; the upper and the lower 32 bits one after the other. */
const TABLE = new Uint32Array(512);
for (let byte = 0; byte < 256; byte++) {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) value = (value & 1n) === 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n;
  TABLE[byte * 2] = Number(value >> 32n);
  TABLE[byte * 2 + 1] = Number(value & 0xffffffffn);
}

/** `x-cos-hash-crc64ecma` of these bytes: CRC-64 by ECMA-182, as an unsigned decimal number. */
export function crc64(bytes: Uint8Array): string {
  let upper = -1;
  let lower = -1;
  for (const byte of bytes) {
    const at = ((lower ^ byte) & 0xff) * 2;
    lower = ((lower >>> 8) | (upper << 24)) ^ (TABLE[at + 1] ?? 0);
    upper = (upper >>> 8) ^ (TABLE[at] ?? 0);
  }
  const value = (BigInt(upper >>> 0) << 32n) | BigInt(lower >>> 0);
  return (value ^ MASK).toString();
}
