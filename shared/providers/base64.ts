/** Base64 as providers send it: white space is no content, and whatever else is not Base64 is refused, not skipped. */

/** The bytes; `undefined` for anything but whole, padded Base64 of at least one byte. */
export function decodeBase64(text: string): Buffer | undefined {
  const encoded = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
  const padding = encoded.endsWith("==") ? 2 : encoded.endsWith("=") ? 1 : 0;
  if (encoded.length % 4 !== 0 || /[-_]/.test(encoded)) return undefined;
  // Node's decoder skips what it does not know: then bytes are missing.
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length > 0 && bytes.length === (encoded.length / 4) * 3 - padding ? bytes : undefined;
}
