import { forwardTransform } from "./block-transform.ts";
import { EntropyWriter } from "./entropy-writer.ts";
import {
  AC_TABLE,
  CHROMINANCE_STEPS,
  DC_TABLE,
  type HuffmanTable,
  LUMINANCE_STEPS,
  ZIGZAG,
} from "./jpeg-tables.ts";
import type { Raster } from "./raster.ts";

/**
 * Encodes a raster as a baseline JPEG (ITU-T T.81): JFIF, 8 bits, YCbCr without subsampling, one scan. `quality` is
 * 1–100 in the usual scaling of the Annex K tables. The picture's width and height may be any positive integers.
 */
export function encodeJpeg(raster: Raster, quality: number): Buffer {
  const luminance = scaled(LUMINANCE_STEPS, quality);
  const chrominance = scaled(CHROMINANCE_STEPS, quality);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from("4a46494600010100000100010000", "hex")),
    segment(0xdb, Buffer.from([0, ...ZIGZAG.map((at) => luminance[at] ?? 1)])),
    segment(0xdb, Buffer.from([1, ...ZIGZAG.map((at) => chrominance[at] ?? 1)])),
    segment(0xc0, frameHeader(raster)),
    segment(0xc4, Buffer.from([0x00, ...DC_TABLE.counts, ...DC_TABLE.symbols])),
    segment(0xc4, Buffer.from([0x10, ...AC_TABLE.counts, ...AC_TABLE.symbols])),
    segment(0xda, Buffer.from([3, 1, 0x00, 2, 0x00, 3, 0x00, 0, 63, 0])),
    scan(raster, luminance, chrominance),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

function frameHeader({ width, height }: Raster): Buffer {
  const header = Buffer.from([8, 0, 0, 0, 0, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
  header.writeUInt16BE(height, 1);
  header.writeUInt16BE(width, 3);
  return header;
}

function scaled(steps: readonly number[], quality: number): number[] {
  const factor = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return steps.map((step) => Math.min(255, Math.max(1, Math.floor((step * factor + 50) / 100))));
}

function scan(raster: Raster, luminance: readonly number[], chrominance: readonly number[]): Buffer {
  const writer = new EntropyWriter();
  const dc = codesOf(DC_TABLE);
  const ac = codesOf(AC_TABLE);
  const previous = [0, 0, 0];
  const coefficients = new Int32Array(64);
  const samples = [new Float64Array(64), new Float64Array(64), new Float64Array(64)];
  for (let top = 0; top < raster.height; top += 8) {
    for (let left = 0; left < raster.width; left += 8) {
      readBlock(raster, left, top, samples);
      samples.forEach((block, component) => {
        const steps = component === 0 ? luminance : chrominance;
        quantise(block, steps, coefficients);
        previous[component] = writer.block(coefficients, previous[component] ?? 0, dc, ac);
      });
    }
  }
  return writer.end();
}

/** Transforms a block and writes its coefficients in the order of the scan. */
function quantise(block: Float64Array, steps: readonly number[], coefficients: Int32Array): void {
  forwardTransform(block);
  for (let n = 0; n < 64; n++) {
    const at = ZIGZAG[n] ?? 0;
    coefficients[n] = Math.round((block[at] ?? 0) / (steps[at] ?? 1));
  }
}

/** Fills the three sample blocks with Y, Cb, Cr − 128; pixels past the edge repeat the last row or column. */
function readBlock(raster: Raster, left: number, top: number, samples: readonly Float64Array[]): void {
  const [luma, blueness, redness] = samples;
  if (!luma || !blueness || !redness) return;
  for (let at = 0; at < 64; at++) {
    const x = Math.min(raster.width - 1, left + (at & 7));
    const y = Math.min(raster.height - 1, top + (at >> 3));
    const from = (y * raster.width + x) * 3;
    const red = raster.pixels[from] ?? 0;
    const green = raster.pixels[from + 1] ?? 0;
    const blue = raster.pixels[from + 2] ?? 0;
    luma[at] = 0.299 * red + 0.587 * green + 0.114 * blue - 128;
    blueness[at] = -0.168736 * red - 0.331264 * green + 0.5 * blue;
    redness[at] = 0.5 * red - 0.418688 * green - 0.081312 * blue;
  }
}

/** Symbol → [code, bits], assigned as T.81 Annex C says: counting up, one bit longer from length to length. */
function codesOf(table: HuffmanTable): ReadonlyMap<number, readonly [number, number]> {
  const codes = new Map<number, readonly [number, number]>();
  let code = 0;
  let next = 0;
  table.counts.forEach((count, index) => {
    for (let n = 0; n < count; n++) codes.set(table.symbols[next++] ?? 0, [code++, index + 1]);
    code <<= 1;
  });
  return codes;
}
