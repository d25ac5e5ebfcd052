/** One marker segment; `end` is where the next begins. */
interface Segment {
  readonly marker: number;
  readonly payload: Buffer;
  readonly end: number;
}

/** Walks the marker segments from SOI up to and including SOS; throws where a decoder would. */
export function segmentsOf(jpeg: Buffer): Segment[] {
  if (jpeg.readUInt16BE(0) !== 0xffd8) throw new Error("no SOI");
  const segments: Segment[] = [];
  let at = 2;
  for (;;) {
    if (jpeg[at] !== 0xff) throw new Error(`no marker at ${at}`);
    while (jpeg[at] === 0xff) at++;
    const marker = jpeg[at] ?? 0;
    const end = at + 1 + jpeg.readUInt16BE(at + 1);
    segments.push({ marker, payload: jpeg.subarray(at + 3, end), end });
    if (marker === 0xda) return segments;
    at = end;
  }
}

/** Decodes the scan's Huffman codes to its end, as a decoder must, and counts the blocks; throws on a wrong code. */
export function decodedBlocks(jpeg: Buffer): number {
  const segments = segmentsOf(jpeg);
  const tables = new Map<number, Map<string, number>>();
  for (const { marker, payload } of segments)
    if (marker === 0xc4) tables.set(payload[0] ?? 0, codes(payload));
  const [dc, ac] = [tables.get(0x00), tables.get(0x10)];
  const frame = segments.find(({ marker }) => marker === 0xc0)?.payload;
  if (!dc || !ac || !frame) throw new Error("a table or the frame is missing");
  const across = Math.ceil(frame.readUInt16BE(3) / 8);
  const down = Math.ceil(frame.readUInt16BE(1) / 8);
  const bits = bitsOf(jpeg, segments.at(-1)?.end ?? 0);
  let blocks = 0;
  for (; blocks < across * down * 3; blocks++) decodeBlock(bits, dc, ac);
  const rest = bits.rest();
  if (rest.length > 7 || rest.includes("0")) throw new Error("bits are left over");
  return blocks;
}

function decodeBlock(bits: Bits, dc: Map<string, number>, ac: Map<string, number>): void {
  bits.skip(bits.symbol(dc));
  let at = 1;
  while (at < 64) {
    const symbol = bits.symbol(ac);
    if (symbol === 0) return;
    at += (symbol >> 4) + 1;
    bits.skip(symbol & 15);
  }
  if (at > 64) throw new Error("a run leads out of the block");
}

function codes(payload: Buffer): Map<string, number> {
  const found = new Map<string, number>();
  let code = 0;
  let next = 17;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    for (let n = 0; n < (payload[length] ?? 0); n++) {
      found.set((code++).toString(2).padStart(length, "0"), payload[next++] ?? 0);
    }
  }
  return found;
}

interface Bits {
  symbol(table: Map<string, number>): number;
  skip(count: number): void;
  rest(): string;
}

function bitsOf(jpeg: Buffer, from: number): Bits {
  const end = jpeg.length - 2;
  if (jpeg.readUInt16BE(end) !== 0xffd9) throw new Error("no EOI");
  const parts: string[] = [];
  for (let at = from; at < end; at++) {
    const byte = jpeg[at] ?? 0;
    if (byte === 0xff && jpeg[++at] !== 0) throw new Error("a marker inside the scan");
    parts.push(byte.toString(2).padStart(8, "0"));
  }
  const text = parts.join("");
  let position = 0;
  return {
    symbol(table) {
      for (let length = 1; length <= 16; length++) {
        const symbol = table.get(text.slice(position, position + length));
        if (symbol === undefined) continue;
        position += length;
        return symbol;
      }
      throw new Error(`no code at bit ${position}`);
    },
    skip(count) {
      position += count;
      if (position > text.length) throw new Error("the scan ends early");
    },
    rest: () => text.slice(position),
  };
}
