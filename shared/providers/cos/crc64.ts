/** CRC-64 as COS computes it (`x-cos-hash-crc64ecma`): ECMA-182, reflected, also known as CRC-64/XZ. */

/** The polynomial of ECMA-182, bits reversed, in two halves. */
const POLYNOMIAL_HIGH = 0xc96c5795;
const POLYNOMIAL_LOW = 0xd7870f42;

// 64-bit numbers as two halves: BigInt would be a hundred times slower.
const tableHigh = new Uint32Array(256);
const tableLow = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (isOdd) {
      low = (low ^ POLYNOMIAL_LOW) >>> 0;
      high = (high ^ POLYNOMIAL_HIGH) >>> 0;
    }
  }
  tableHigh[byte] = high;
  tableLow[byte] = low;
}

/** A checksum in the making. */
export class Crc64 {
  private high = 0xffffffff;
  private low = 0xffffffff;

  /** Takes the next bytes in. */
  update(bytes: Uint8Array): this {
    let { high, low } = this;
    for (const byte of bytes) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (tableLow[index] ?? 0);
      high = (high >>> 8) ^ (tableHigh[index] ?? 0);
    }
    this.high = high >>> 0;
    this.low = low >>> 0;
    return this;
  }

  /** The checksum of the bytes so far, as COS writes it: an unsigned decimal number. */
  digest(): string {
    const high = BigInt(~this.high >>> 0);
    const low = BigInt(~this.low >>> 0);
    return ((high << 32n) | low).toString();
  }
}
