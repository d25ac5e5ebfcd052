/** Base64 as providers send it: white space is skipped, anything else that is not Base64 is refused. */

/** The bytes; `undefined` for anything but whole, padded Base64 of at least one byte. */
export const decodeBase64 = (text: string): Buffer | undefined =>
  decodeWithoutSpace(text) ?? decodeWithoutSpace(withoutSpace(text));

function decodeWithoutSpace(encoded: string): Buffer | undefined {
  const padding = encoded.endsWith("==") ? 2 : encoded.endsWith("=") ? 1 : 0;
  if (encoded.length % 4 !== 0 || encoded.includes("-") || encoded.includes("_")) return undefined;
  // Node's decoder skips unknown characters; then bytes are missing.
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length > 0 && bytes.length === (encoded.length / 4) * 3 - padding ? bytes : undefined;
}

const withoutSpace = (text: string) => text.replace(/\s+/g, "");

/** Thrown where the text that comes is not Base64. */
export class NotBase64Error extends Error {
  override readonly name = "NotBase64Error";
}

/** The bytes of a text that comes in pieces, none for only white space. Throws {@link NotBase64Error} for what is not Base64. */
export async function* decodeBase64Stream(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let rest = "";
  let isOver = false;
  for await (const piece of pieces) {
    let encoded = rest + piece;
    const wholeOf = () => encoded.slice(0, encoded.length - (encoded.length % 4));
    let bytes = decodeWithoutSpace(wholeOf());
    if (!bytes) {
      encoded = withoutSpace(encoded);
      bytes = decodeWithoutSpace(wholeOf());
    }
    const whole = wholeOf();
    rest = encoded.slice(whole.length);
    if (whole === "") continue;
    if (!bytes || isOver) throw new NotBase64Error();
    isOver = whole.endsWith("=");
    yield bytes;
  }
  if (withoutSpace(rest) !== "") throw new NotBase64Error();
}
