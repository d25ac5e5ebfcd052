import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import {
  Evidence,
  MAX_MEDIA_BYTES,
  MIN_IMAGE_BYTES,
  MIN_VIDEO_BYTES,
} from "../../../simulator/media/evidence.ts";
import { startChromium } from "../../e2e/browser/chromium.ts";

const evidence = new Evidence();
const sized = (sizes: Partial<Evidence["sizes"]>) => {
  const changed = new Evidence();
  Object.assign(changed.sizes, sizes);
  return changed;
};

const picture = z.object({ width: z.number(), height: z.number(), pixels: z.string() });
let decode: (jpeg: Buffer) => Promise<z.infer<typeof picture>>;

/** Decodes with a browser; fails when the browser cannot show the picture. `pixels` is a hash. */
beforeAll(async () => {
  const browser = await startChromium();
  afterAll(() => browser.close());
  const page = await browser.newPage();
  let served: Buffer = Buffer.alloc(0);
  await page.route("http://localhost/**", (route) =>
    route.request().url().endsWith(".jpg")
      ? route.fulfill({ body: served, contentType: "image/jpeg", headers: { "cache-control": "no-store" } })
      : route.fulfill({ body: "<!doctype html>", contentType: "text/html" }),
  );
  await page.goto("http://localhost/");
  decode = async (jpeg) => {
    served = jpeg;
    const decoded: unknown = await page.evaluate(`(async () => {
      const bitmap = await createImageBitmap(await (await fetch("/picture.jpg")).blob());
      const { width, height } = bitmap;
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const hash = await crypto.subtle.digest("SHA-256", context.getImageData(0, 0, width, height).data);
      return { width, height, pixels: [...new Uint8Array(hash)].join() };
    })()`);
    return picture.parse(decoded);
  };
}, 120_000);

test("a best frame, both sides of the card and its portrait are pictures that a browser shows", async () => {
  const face = { width: 288, height: 384 };
  const card = { width: 428, height: 270 };
  const front = await decode(evidence.card("seed", "front"));
  const back = await decode(evidence.card("seed", "back"));
  expect(await decode(evidence.bestFrame("seed", 0))).toMatchObject(face);
  expect(await decode(evidence.card("seed", "avatar"))).toMatchObject(face);
  expect([front, back]).toMatchObject([card, card]);
  expect(front.pixels).not.toBe(back.pixels);
});

test("a browser does not show a damaged picture", async () => {
  await expect(decode(evidence.bestFrame("seed", 0).subarray(40))).rejects.toThrow();
});

test("no two tokens, frames or parts share a file, and the same one has the same bytes", () => {
  const files = ["a", "b"].flatMap((seed) => [
    evidence.bestFrame(seed, 0),
    evidence.bestFrame(seed, 1),
    evidence.card(seed, "front"),
    evidence.card(seed, "back"),
    evidence.card(seed, "avatar"),
    evidence.video(seed),
  ]);
  expect(new Set(files.map((file) => file.toString("base64"))).size).toBe(files.length);
  expect(evidence.bestFrame("a", 1).equals(files[1] ?? Buffer.alloc(0))).toBe(true);
  expect(evidence.video("b").equals(files.at(-1) ?? Buffer.alloc(0))).toBe(true);
});

test("no file is larger than the smallest size that can be set", () => {
  const token = "x".repeat(200);
  for (const part of ["front", "back", "avatar"] as const) {
    expect(evidence.card(token, part).length).toBeLessThan(MIN_IMAGE_BYTES);
  }
  expect(evidence.bestFrame(token, 10).length).toBeLessThan(MIN_IMAGE_BYTES);
  expect(evidence.video(token).length).toBeLessThan(MIN_VIDEO_BYTES);
});

// The first six leave 0 to 5 bytes behind two full comments: one to three bytes are too few for a comment.
const bare = evidence.bestFrame("seed", 0).length;
test.each([
  ...[0, 1, 2, 3, 4, 5].map((rest) => bare + 2 * 65_537 + rest),
  MIN_IMAGE_BYTES,
  1_000_003,
  MAX_MEDIA_BYTES,
])("a picture of %i bytes has exactly that size and shows the same", async (imageBytes) => {
  const jpeg = sized({ imageBytes }).bestFrame("seed", 0);
  expect(jpeg.length).toBe(imageBytes);
  expect(await decode(jpeg)).toEqual(await decode(evidence.bestFrame("seed", 0)));
});

/** The boxes of one level by type; throws when their lengths do not add up. */
function boxes(data: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < data.length; ) {
    const length = data.readUInt32BE(at);
    if (length < 8 || at + length > data.length) throw new Error(`a box at ${at} has the length ${length}`);
    found.set(data.toString("latin1", at + 4, at + 8), data.subarray(at + 8, at + length));
    at += length;
  }
  return found;
}

/** The frames where a player finds them: by the sample table of the first track. */
function frames(film: Buffer): Buffer[] {
  const path = ["moov", "trak", "mdia", "minf", "stbl"];
  const inside = (data: Buffer, type: string) => boxes(data).get(type) ?? Buffer.alloc(0);
  const table = path.reduce(inside, film);
  const sizes = inside(table, "stsz");
  let end = inside(table, "stco").readUInt32BE(8);
  return Array.from({ length: sizes.readUInt32BE(8) }, (_, index) => {
    const start = end;
    end += sizes.readUInt32BE(12 + index * 4);
    return film.subarray(start, end);
  });
}

test("the video is an MP4 with ten frames that a browser shows", async () => {
  const film = evidence.video("seed");
  expect([...boxes(film).keys()]).toEqual(["ftyp", "moov", "mdat", "free"]);
  expect(frames(film)).toHaveLength(10);
  for (const frame of frames(film)) expect(await decode(frame)).toMatchObject({ width: 288, height: 384 });
});

test.each([MIN_VIDEO_BYTES, 5_000_001, MAX_MEDIA_BYTES])(
  "a video of %i bytes has exactly that size and the same frames",
  (videoBytes) => {
    const film = sized({ videoBytes }).video("seed");
    expect(film.length).toBe(videoBytes);
    expect([...boxes(film).keys()]).toEqual(["ftyp", "moov", "mdat", "free"]);
    expect(frames(film)).toEqual(frames(evidence.video("seed")));
  },
);
