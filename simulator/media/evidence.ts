import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The sizes set by `POST /_sim/media`, in bytes; null means the file's own size. */
export interface MediaSizes {
  imageBytes: number | null;
  videoBytes: number | null;
}

/** Larger than every image file with its comment, so that a size from here on is met to the byte. */
export const MIN_IMAGE_BYTES = 128 * 1024;
/** Larger than the film with its note. */
export const MIN_VIDEO_BYTES = 1024 * 1024;
/** 25 MiB, the largest evidence that the bundle has to handle. */
export const MAX_MEDIA_BYTES = 25 * 1024 * 1024;

/** The payload of a COM segment: 65,535 − 2 for its length field (ITU-T T.81, B.2.4.5). */
const MAX_COMMENT_BYTES = 65_533;
const SEGMENT_HEAD_BYTES = 4;
const BOX_HEAD_BYTES = 8;

const FACE = readMedia("face.jpg");
const CARD = { front: readMedia("card-front.jpg"), back: readMedia("card-back.jpg"), avatar: FACE };
const FILM = readMedia("film.mp4");

/**
 * The pictures and films of a flow. The bytes depend only on `seed` (the token) and the sizes, so the same query returns
 * the same bytes. Two tokens never share a file, because each file carries its seed.
 */
export class Evidence {
  readonly sizes: MediaSizes = { imageBytes: null, videoBytes: null };

  /** The n-th best frame: a JPEG of a drawn face, 288 × 384. */
  bestFrame(seed: string, index: number): Buffer {
    return withComments(FACE, `Simulated best frame ${index} of ${seed}`, this.sizes.imageBytes);
  }

  /** One side of the ID card, or its portrait: a JPEG without any name or number. */
  card(seed: string, part: "front" | "back" | "avatar"): Buffer {
    return withComments(CARD[part], `Simulated ID card (${part}) of ${seed}`, this.sizes.imageBytes);
  }

  /** The film of an intention: an MP4 of two seconds. */
  intentionVideo(seed: string): Buffer {
    return withFreeBox(FILM, `Simulated intention of ${seed}`, null);
  }

  /** The sound of an intention: a WAV of an eighth of a second of silence, 8-bit mono at 8,000 Hz. */
  sound(seed: string): Buffer {
    const note = Buffer.from(`Simulated sound of ${seed}`.padEnd(64), "utf8");
    const samples = Buffer.alloc(1_000, 0x80);
    const format = Buffer.alloc(16);
    format.writeUInt16LE(1, 0); // PCM
    format.writeUInt16LE(1, 2);
    format.writeUInt32LE(8_000, 4);
    format.writeUInt32LE(8_000, 8);
    format.writeUInt16LE(1, 12);
    format.writeUInt16LE(8, 14);
    const chunks = Buffer.concat([riff("fmt ", format), riff("note", note), riff("data", samples)]);
    return riff("RIFF", Buffer.concat([Buffer.from("WAVE", "latin1"), chunks]));
  }

  /** The liveness video: an MP4 of two seconds. */
  video(seed: string): Buffer {
    return withFreeBox(FILM, `Simulated liveness video of ${seed}`, this.sizes.videoBytes);
  }
}

/** A chunk of a RIFF file. */
function riff(name: string, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32LE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

function readMedia(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, "files", name));
}

/** Adds `note` as a comment, and more comments until the JPEG has `size` bytes. Decoders skip comments. */
function withComments(jpeg: Buffer, note: string, size: number | null): Buffer {
  const comments = [comment(Buffer.from(note, "utf8"))];
  let missing = (size ?? 0) - jpeg.length - (comments[0]?.length ?? 0);
  while (missing >= SEGMENT_HEAD_BYTES) {
    const payload = Math.min(MAX_COMMENT_BYTES, missing - SEGMENT_HEAD_BYTES);
    comments.push(comment(Buffer.alloc(payload, 0x20)));
    missing -= payload + SEGMENT_HEAD_BYTES;
  }
  // T.81 B.1.1.2: any number of 0xFF may precede a marker. It fills the one to three bytes that are left.
  if (missing > 0) comments.push(Buffer.alloc(missing, 0xff));
  // The JFIF segment has to be the first one, directly behind SOI: the comments follow it.
  const jfifEnd = 4 + jpeg.readUInt16BE(4);
  return Buffer.concat([jpeg.subarray(0, jfifEnd), ...comments, jpeg.subarray(jfifEnd)]);
}

function comment(payload: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

/** Appends a `free` box that holds `note` and fills the MP4 up to `size` bytes. Players skip it. */
function withFreeBox(mp4: Buffer, note: string, size: number | null): Buffer {
  const text = Buffer.from(note, "utf8");
  const length = Math.max(BOX_HEAD_BYTES + text.length, (size ?? 0) - mp4.length);
  const box = Buffer.alloc(length);
  box.writeUInt32BE(length);
  box.write("free", 4, "latin1");
  text.copy(box, BOX_HEAD_BYTES);
  return Buffer.concat([mp4, box]);
}
