/** What an MP4 of ours is made of. */
export interface Film {
  /** Whole JPEG files, each one a frame. */
  readonly frames: readonly Buffer[];
  readonly width: number;
  readonly height: number;
  /** Frames in a second. */
  readonly rate: number;
}

/**
 * Wraps JPEG frames as an MP4 file (ISO/IEC 14496-12) with one video track whose sample entry is `mp4v` with the object
 * type 0x6C, JPEG (ISO/IEC 14496-1). A `free` box carries `note` and fills the file to exactly `size` bytes, when asked
 * and when there is room; players skip it.
 */
export function encodeMp4(film: Film, note: string, size: number | null = null): Buffer {
  const head = box("ftyp", text("isom"), u32(512), text("isomiso2mp41"));
  const data = box("mdat", ...film.frames);
  // The place of the frames depends on the length of moov, not on its numbers: build it once to measure.
  const moovLength = movie(film, 0).length;
  const noted = Buffer.from(note, "utf8");
  const bare = head.length + moovLength + data.length + 8 + noted.length;
  const free = box("free", noted, Buffer.alloc(Math.max(0, (size ?? 0) - bare)));
  return Buffer.concat([head, movie(film, head.length + moovLength + 8), data, free]);
}

function movie(film: Film, firstFrameAt: number): Buffer {
  const length = film.frames.length;
  return box(
    "moov",
    fullBox(
      "mvhd",
      0,
      u32(0),
      u32(0),
      u32(film.rate),
      u32(length),
      u32(0x10000),
      u16(0x100),
      zeros(10),
      MATRIX,
      zeros(24),
      u32(2),
    ),
    box(
      "trak",
      fullBox(
        "tkhd",
        3,
        u32(0),
        u32(0),
        u32(1),
        u32(0),
        u32(length),
        zeros(16),
        MATRIX,
        u32(film.width << 16),
        u32(film.height << 16),
      ),
      box(
        "mdia",
        fullBox("mdhd", 0, u32(0), u32(0), u32(film.rate), u32(length), u16(0x55c4), u16(0)),
        fullBox("hdlr", 0, u32(0), text("vide"), zeros(12), text("VideoHandler\0")),
        box(
          "minf",
          fullBox("vmhd", 1, zeros(8)),
          box("dinf", fullBox("dref", 0, u32(1), fullBox("url ", 1))),
          sampleTable(film, firstFrameAt),
        ),
      ),
    ),
  );
}

function sampleTable(film: Film, firstFrameAt: number): Buffer {
  const count = film.frames.length;
  return box(
    "stbl",
    fullBox("stsd", 0, u32(1), sampleEntry(film)),
    fullBox("stts", 0, u32(1), u32(count), u32(1)),
    fullBox("stsc", 0, u32(1), u32(1), u32(count), u32(1)),
    fullBox("stsz", 0, u32(0), u32(count), ...film.frames.map((frame) => u32(frame.length))),
    fullBox("stco", 0, u32(1), u32(firstFrameAt)),
  );
}

function sampleEntry(film: Film): Buffer {
  const resolution = u32(72 << 16);
  const decoder = descriptor(4, Buffer.from([0x6c, 0x11, 0, 0, 0]), u32(0), u32(0));
  const stream = descriptor(3, u16(1), Buffer.from([0]), decoder, descriptor(6, Buffer.from([2])));
  return box(
    "mp4v",
    zeros(6),
    u16(1),
    zeros(16),
    u16(film.width),
    u16(film.height),
    resolution,
    resolution,
    u32(0),
    u16(1),
    zeros(32),
    u16(24),
    u16(0xffff),
    fullBox("esds", 0, stream),
  );
}

const MATRIX = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32));

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(length), text(type), ...parts], length);
}

/** A box with a version, always 0 here, and 24 bits of flags. */
function fullBox(type: string, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(flags), ...parts);
}

function descriptor(tag: number, ...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, payload.length]), payload]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(value, "latin1");
}

function zeros(length: number): Buffer {
  return Buffer.alloc(length);
}
