/** Base64 as providers send it: white space is skipped, anything else that is not Base64 is refused. */

/** The bytes; `undefined` for anything but whole, padded Base64 of at least one byte. */
export function decodeBase64(text: string): Buffer | undefined {
  const encoded = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
  const padding = encoded.endsWith("==") ? 2 : encoded.endsWith("=") ? 1 : 0;
  if (encoded.length % 4 !== 0 || /[-_]/.test(encoded)) return undefined;
  // Node's decoder skips unknown characters; then bytes are missing.
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length > 0 && bytes.length === (encoded.length / 4) * 3 - padding ? bytes : undefined;
}
