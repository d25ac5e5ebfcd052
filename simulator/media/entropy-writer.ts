type Codes = ReadonlyMap<number, readonly [number, number]>;

/** Writes quantised blocks as JPEG's entropy-coded bits, with a zero stuffed after each 0xFF (T.81 Annex F.1.2). */
export class EntropyWriter {
  private bytes = Buffer.alloc(64 * 1024);
  private length = 0;
  private bits = 0;
  private held = 0;

  /** Writes one block (64 coefficients in zigzag order) and returns its DC value, which the next block is told. */
  block(coefficients: Int32Array, previousDc: number, dc: Codes, ac: Codes): number {
    const value = coefficients[0] ?? 0;
    this.number(value - previousDc, 0, dc);
    let zeros = 0;
    for (let at = 1; at < 64; at++) {
      const coefficient = coefficients[at] ?? 0;
      if (coefficient === 0) {
        zeros++;
        continue;
      }
      for (; zeros > 15; zeros -= 16) this.code(0xf0, ac);
      this.number(coefficient, zeros, ac);
      zeros = 0;
    }
    if (zeros > 0) this.code(0x00, ac);
    return value;
  }

  /** Fills the last byte with ones and gives everything written. */
  end(): Buffer {
    if (this.held > 0) this.put(0x7f, 7);
    return this.bytes.subarray(0, this.length);
  }

  private number(value: number, run: number, codes: Codes): void {
    const size = 32 - Math.clz32(Math.abs(value));
    this.code((run << 4) | size, codes);
    if (size > 0) this.put(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  private code(symbol: number, codes: Codes): void {
    const found = codes.get(symbol);
    if (!found) throw new RangeError(`No JPEG code for the symbol ${symbol}.`);
    this.put(found[0], found[1]);
  }

  private put(value: number, size: number): void {
    this.bits = (this.bits << size) | (value & ((1 << size) - 1));
    this.held += size;
    while (this.held >= 8) {
      this.held -= 8;
      const byte = (this.bits >> this.held) & 0xff;
      this.push(byte);
      if (byte === 0xff) this.push(0);
    }
    this.bits &= (1 << this.held) - 1;
  }

  private push(byte: number): void {
    if (this.length === this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
    }
    this.bytes[this.length++] = byte;
  }
}
