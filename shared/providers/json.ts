/** Text and JSON as providers send them: UTF-8 or nothing. */

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The text of UTF-8 bytes; `undefined` if they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value of JSON in UTF-8; `undefined` if it is not that. The parser's own error would quote personal data. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
