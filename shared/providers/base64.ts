/** Base64 as providers send it: white space is skipped, anything else that is not Base64 is refused. */

/** The bytes; `undefined` for anything but whole, padded Base64 of at least one byte. */
export function decodeBase64(text: string): Buffer | undefined {
  const encoded = withoutSpace(text);
  const padding = encoded.endsWith("==") ? 2 : encoded.endsWith("=") ? 1 : 0;
  if (encoded.length % 4 !== 0 || /[-_]/.test(encoded)) return undefined;
  // Node's decoder skips unknown characters; then bytes are missing.
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length > 0 && bytes.length === (encoded.length / 4) * 3 - padding ? bytes : undefined;
}

const withoutSpace = (text: string) => (/\s/.test(text) ? text.replace(/\s+/g, "") : text);

/** Thrown where the text that comes is not Base64. */
export class NotBase64Error extends Error {
  override readonly name = "NotBase64Error";
}

/** The bytes of a text that comes in pieces, none for only white space. Throws {@link NotBase64Error} for what is not Base64. */
export async function* decodeBase64Stream(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let rest = "";
  let isOver = false;
  for await (const piece of pieces) {
    const encoded = rest + withoutSpace(piece);
    const whole = encoded.length - (encoded.length % 4);
    rest = encoded.slice(whole);
    if (whole === 0) continue;
    const bytes = isOver ? undefined : decodeBase64(encoded.slice(0, whole));
    if (!bytes) throw new NotBase64Error();
    isOver = encoded[whole - 1] === "=";
    yield bytes;
  }
  if (rest !== "") throw new NotBase64Error();
}
