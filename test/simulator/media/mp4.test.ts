import { expect, test, vi } from "vitest";
import { Evidence, LARGEST_MEDIA_BYTES, SMALLEST_VIDEO_BYTES } from "../../../simulator/media/evidence.ts";
import { decodedBlocks } from "./jpeg-reader.ts";

// Drawing and decoding are slow on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

/** Boxes of one level, by type, with where their payload starts. */
function boxes(data: Buffer): { type: string; payload: Buffer; at: number }[] {
  const found: { type: string; payload: Buffer; at: number }[] = [];
  for (let at = 0; at < data.length; ) {
    const length = data.readUInt32BE(at);
    if (length < 8 || at + length > data.length) throw new Error(`a box at ${at} has the length ${length}`);
    found.push({
      type: data.toString("latin1", at + 4, at + 8),
      payload: data.subarray(at + 8, at + length),
      at: at + 8,
    });
    at += length;
  }
  return found;
}

function inside(data: Buffer, ...path: readonly string[]): Buffer {
  return path.reduce((level, name) => {
    const found = boxes(level).find(({ type }) => type === name);
    if (!found) throw new Error(`no box ${name}`);
    return found.payload;
  }, data);
}

/** The frames as a player finds them: by the sample table. */
function frames(film: Buffer): Buffer[] {
  const table = inside(film, "moov", "trak", "mdia", "minf", "stbl");
  const sizes = inside(table, "stsz");
  let at = inside(table, "stco").readUInt32BE(8);
  return Array.from({ length: sizes.readUInt32BE(8) }, (_, index) => {
    const length = sizes.readUInt32BE(12 + index * 4);
    at += length;
    return film.subarray(at - length, at);
  });
}

const evidence = new Evidence();

test("the video is an MP4 with one video track whose frames are where the table says", () => {
  const film = evidence.video("seed");
  expect(boxes(film).map(({ type }) => type)).toEqual(["ftyp", "moov", "mdat", "free"]);
  expect(inside(film, "moov", "trak", "mdia", "hdlr").toString("latin1")).toContain("vide");
  const entry = inside(film, "moov", "trak", "mdia", "minf", "stbl", "stsd");
  expect(entry.toString("latin1", 12, 16)).toBe("mp4v");
  const all = frames(film);
  expect(all).toHaveLength(10);
  for (const frame of all) expect(decodedBlocks(frame)).toBe(5_184);
  const mdat = boxes(film).find(({ type }) => type === "mdat");
  expect(Buffer.concat(all).equals(mdat?.payload ?? Buffer.alloc(0))).toBe(true);
});

test("two tokens never share a video", () => {
  expect(evidence.video("a").equals(evidence.video("b"))).toBe(false);
  expect(evidence.video("a").equals(evidence.video("a"))).toBe(true);
});

test("no film is larger than the smallest size that may be asked for", () => {
  for (let seed = 0; seed < 16; seed++)
    expect(evidence.video(`s${seed}`).length).toBeLessThan(SMALLEST_VIDEO_BYTES);
});

test.each([SMALLEST_VIDEO_BYTES, 5_000_001, LARGEST_MEDIA_BYTES])(
  "a size of %i bytes is met exactly",
  (size) => {
    const sized = new Evidence();
    sized.sizes.videoBytes = size;
    const film = sized.video("seed");
    expect(film.length).toBe(size);
    expect(frames(film)).toHaveLength(10);
  },
);
