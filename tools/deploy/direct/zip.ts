/** The package of a function: a zip that holds `index.js` alone and has the same bytes for the same code every time. */
import { deflateRawSync } from "node:zlib";

/** 1980-01-01, the first day that a zip can name; a real time would make every package another one. */
const date = 0x0021;
/** Made on Unix, so that the permissions below count. */
const madeBy = (3 << 8) | 20;
const needs = 20;
const deflated = 8;
/** A regular file, rwxr-xr-x: SCF asks that files be readable and executable for others. */
const attributes = (0o100755 << 16) >>> 0;

/** Packs the code as `index.js` (format: PKWARE APPNOTE 6.3, §4.3). */
export function packageOf(code: Buffer): Buffer {
  const name = Buffer.from("index.js");
  const packed = deflateRawSync(code, { level: 9 });
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(needs, 0);
  facts.writeUInt16LE(deflated, 4);
  facts.writeUInt16LE(date, 8);
  facts.writeUInt32LE(crc32(code), 10);
  facts.writeUInt32LE(packed.length, 14);
  facts.writeUInt32LE(code.length, 18);
  facts.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), facts, name, packed]);
  const made = Buffer.alloc(2);
  made.writeUInt16LE(madeBy);
  const rest = Buffer.alloc(14); // comment, disk and offset are 0
  rest.writeUInt32LE(attributes, 6);
  const entry = Buffer.concat([Buffer.from("PK\x01\x02"), made, facts, rest, name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(entry.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, entry, Buffer.from("PK\x05\x06"), end]);
}

/** CRC-32 as zip wants it; Node has its own only from 20.15. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
