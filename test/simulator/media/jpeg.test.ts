import { expect, test, vi } from "vitest";
import { Evidence, LARGEST_MEDIA_BYTES, SMALLEST_IMAGE_BYTES } from "../../../simulator/media/evidence.ts";
import { decodedBlocks, segmentsOf } from "./jpeg-reader.ts";

// Drawing and decoding are slow on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const evidence = new Evidence();

test("a best frame is a baseline JPEG of 288 × 384 whose every block can be decoded", () => {
  const jpeg = evidence.bestFrame("seed", 0);
  const segments = segmentsOf(jpeg);
  expect(segments.map(({ marker }) => marker)).toEqual([0xe0, 0xfe, 0xdb, 0xdb, 0xc0, 0xc4, 0xc4, 0xda]);
  const frame = segments.find(({ marker }) => marker === 0xc0)?.payload;
  expect([frame?.readUInt16BE(1), frame?.readUInt16BE(3)]).toEqual([384, 288]);
  expect(decodedBlocks(jpeg)).toBe(3 * (288 / 8) * (384 / 8));
});

test("a card's sides and portrait are JPEGs too", () => {
  for (const part of ["front", "back", "avatar"] as const) {
    expect(decodedBlocks(evidence.card("seed", part))).toBeGreaterThan(0);
  }
});

test("frames differ from each other and from those of another token", () => {
  const frames = [evidence.bestFrame("a", 0), evidence.bestFrame("a", 1), evidence.bestFrame("b", 0)];
  expect(new Set(frames.map((frame) => frame.toString("base64"))).size).toBe(3);
});

test("no drawing is larger than the smallest size that may be asked for", () => {
  for (let seed = 0; seed < 32; seed++) {
    for (const image of [evidence.bestFrame(`s${seed}`, seed % 11), evidence.card(`s${seed}`, "front")]) {
      expect(image.length).toBeLessThan(SMALLEST_IMAGE_BYTES);
      expect(image.length).toBeGreaterThan(10_000);
    }
  }
});

test.each([SMALLEST_IMAGE_BYTES, 131_073, 131_074, 131_075, 196_607, 1_000_003, LARGEST_MEDIA_BYTES])(
  "a size of %i bytes is met exactly and still decodes",
  (size) => {
    const sized = new Evidence();
    sized.sizes.imageBytes = size;
    const jpeg = sized.bestFrame("seed", 0);
    expect(jpeg.length).toBe(size);
    expect(decodedBlocks(jpeg)).toBe(5_184);
  },
);

test("a remainder of one to three bytes, which no comment fits in, is filled", () => {
  const bare = evidence.bestFrame("seed", 0).length;
  const twoFullComments = 2 * 65_537;
  for (let remainder = 0; remainder <= 5; remainder++) {
    const sized = new Evidence();
    sized.sizes.imageBytes = bare + twoFullComments + remainder;
    const jpeg = sized.bestFrame("seed", 0);
    expect(jpeg.length).toBe(bare + twoFullComments + remainder);
    expect(segmentsOf(jpeg).at(-1)?.marker).toBe(0xda);
  }
});
