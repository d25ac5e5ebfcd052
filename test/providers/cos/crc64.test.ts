import fc from "fast-check";
import { expect, test } from "vitest";
import { Crc64 } from "../../../shared/providers/cos/crc64.ts";
import { crc64 as simulated } from "../../../simulator/cos/crc64.ts";

/** CRC-64/XZ by its definition, bit after bit: width 64, polynomial 0x42F0E1EBA9EA3693, reflected, all ones in and out. */
function byDefinition(bytes: Uint8Array): string {
  const reflect = (value: bigint, width: number) =>
    BigInt(`0b${value.toString(2).padStart(width, "0").split("").reverse().join("")}`);
  let register = (1n << 64n) - 1n;
  for (const byte of bytes) {
    register ^= reflect(BigInt(byte), 8) << 56n;
    for (let bit = 0; bit < 8; bit++) {
      register =
        register >> 63n ? ((register << 1n) ^ 0x42f0e1eba9ea3693n) & ((1n << 64n) - 1n) : register << 1n;
    }
  }
  return (reflect(register, 64) ^ ((1n << 64n) - 1n)).toString();
}

test("the CRC-64 of 123456789 is the published check value of CRC-64/XZ", () => {
  const bytes = Buffer.from("123456789");
  expect(new Crc64().update(bytes).digest()).toBe(0x995dc9bbdf1939fan.toString());
  expect(simulated(bytes)).toBe(0x995dc9bbdf1939fan.toString());
});

test("the CRC-64 of any bytes, in any chunks, is the one of its definition", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (chunks) => {
      const crc = new Crc64();
      for (const chunk of chunks) crc.update(chunk);
      const expected = byDefinition(Buffer.concat(chunks));
      expect(crc.digest()).toBe(expected);
      expect(simulated(Buffer.concat(chunks))).toBe(expected);
    }),
    { numRuns: 200 },
  );
});
