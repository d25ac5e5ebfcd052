/** A COM segment's payload: 65,535 − 2 for the length itself (T.81 B.2.4.5). */
const LONGEST_COMMENT = 65_533;
const COMMENT_HEAD = 4;

/**
 * The same picture with `note` in a comment, and so many more comments that the file has exactly `size` bytes; without
 * `size`, or when the file is longer already, only the note is added. Decoders skip comments.
 */
export function withComments(jpeg: Buffer, note: string, size: number | null = null): Buffer {
  const noted = [comment(Buffer.from(note, "utf8"))];
  let missing = (size ?? 0) - jpeg.length - (noted[0]?.length ?? 0);
  while (missing >= COMMENT_HEAD) {
    const payload = Math.min(LONGEST_COMMENT, missing - COMMENT_HEAD);
    noted.push(comment(Buffer.alloc(payload, 0x20)));
    missing -= payload + COMMENT_HEAD;
  }
  // T.81 B.1.1.2: any number of 0xFF may stand before a marker; that fills the one to three bytes no comment fits in.
  if (missing > 0) noted.push(Buffer.alloc(missing, 0xff));
  const startOfImage = 2;
  return Buffer.concat([jpeg.subarray(0, startOfImage), ...afterJfif(jpeg, noted)]);
}

/** JFIF asks to be the first segment, so the comments go behind it. */
function afterJfif(jpeg: Buffer, comments: readonly Buffer[]): Buffer[] {
  const end = 4 + jpeg.readUInt16BE(4);
  return [jpeg.subarray(2, end), ...comments, jpeg.subarray(end)];
}

function comment(payload: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}
