/**
 * Opens what was encrypted to an SM2 public key (GB/T 32918.4, byte order C1 C3 C2). The vendor does not say how it
 * writes the three parts, so each way is tried, and only one whose check value C3 is right counts. The first byte is no
 * guide: a bare x coordinate may start with 04 or 30 as well.
 */
import { sm2 } from "sm-crypto-v2";

const COORDINATE_BYTES = 32;
const C1_BYTES = 2 * COORDINATE_BYTES;
const C3_BYTES = 32;
const C1C3C2_ORDER = 1;

/** The plaintext, or `undefined` if in no encoding C3 verifies, whatever the reason. `privateKeyHex`: 64 hex digits. */
export function sm2Unwrap(ciphertext: Buffer, privateKeyHex: string): Buffer | undefined {
  const candidates = [
    derToRaw(ciphertext),
    ciphertext.at(0) === 0x04 ? ciphertext.subarray(1) : undefined,
    ciphertext,
  ];
  for (const candidate of candidates) {
    const opened = candidate && openRaw(candidate, privateKeyHex);
    if (opened) return opened;
  }
  return undefined;
}

/** Opens `C1 ‖ C3 ‖ C2` with C1 as two bare coordinates. */
function openRaw(raw: Buffer, privateKeyHex: string): Buffer | undefined {
  if (raw.length <= C1_BYTES + C3_BYTES) return undefined;
  try {
    // It refuses a C1 off the curve by throwing, and a wrong C3 by an empty answer.
    const opened = sm2.doDecrypt(raw.toString("hex"), privateKeyHex, C1C3C2_ORDER, { output: "array" });
    return opened.length === raw.length - C1_BYTES - C3_BYTES ? Buffer.from(opened) : undefined;
  } catch {
    return undefined;
  }
}

/** `SEQUENCE { x INTEGER, y INTEGER, C3 OCTET STRING, C2 OCTET STRING }` (GB/T 35276) as `C1 ‖ C3 ‖ C2`. */
function derToRaw(der: Buffer): Buffer | undefined {
  const sequence = element(der, 0, 0x30);
  if (sequence === undefined || sequence.end !== der.length) return undefined;
  const x = element(der, sequence.start, 0x02);
  const y = x && element(der, x.end, 0x02);
  const c3 = y && element(der, y.end, 0x04);
  const c2 = c3 && element(der, c3.end, 0x04);
  if (c2?.end !== der.length || c3?.value.length !== C3_BYTES) return undefined;
  const first = coordinate(x?.value);
  const second = coordinate(y?.value);
  return first && second && Buffer.concat([first, second, c3.value, c2.value]);
}

interface DerElement {
  readonly start: number;
  readonly end: number;
  readonly value: Buffer;
}

function element(der: Buffer, at: number, tag: number): DerElement | undefined {
  const short = der[at + 1];
  if (der[at] !== tag || short === undefined) return undefined;
  // Long form of one or two bytes: more than 64 KiB is no key.
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  const start = at + 2 + lengthBytes;
  if (short === 0x80 || lengthBytes > 2 || start > der.length) return undefined;
  const end = start + (lengthBytes === 0 ? short : der.readUIntBE(at + 2, lengthBytes));
  return end > der.length ? undefined : { start, end, value: der.subarray(start, end) };
}

/** A DER integer as 32 bytes: without the zero that keeps it positive, with those that DER leaves out. */
function coordinate(integer: Buffer | undefined): Buffer | undefined {
  if (integer === undefined || integer.length === 0) return undefined;
  const digits = integer.length === COORDINATE_BYTES + 1 && integer[0] === 0 ? integer.subarray(1) : integer;
  if (digits.length > COORDINATE_BYTES) return undefined;
  return Buffer.concat([Buffer.alloc(COORDINATE_BYTES - digits.length), digits]);
}
