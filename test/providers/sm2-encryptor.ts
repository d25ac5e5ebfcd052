/**
 * SM2 encryption (GB/T 32918.4) by plain arithmetic and node's SM3: an encryptor that shares no code with the library that
 * opens it. Slow, and only for tests.
 */
import { createHash } from "node:crypto";

const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const a = p - 3n;
const generator: Point = {
  x: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  y: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

export interface Sm2Parts {
  readonly c1x: Buffer;
  readonly c1y: Buffer;
  readonly c2: Buffer;
  readonly c3: Buffer;
}

/** Encrypts to the public key of `privateKeyHex` with the random number `k`. */
export function sm2Encrypt(message: Buffer, privateKeyHex: string, k: bigint): Sm2Parts {
  const c1 = times(generator, k);
  const shared = times(times(generator, BigInt(`0x${privateKeyHex}`)), k);
  const [x2, y2] = [bytes(shared.x), bytes(shared.y)];
  const stream = Buffer.concat(
    Array.from({ length: Math.ceil(message.length / 32) }, (_, index) => {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(index + 1);
      return sm3(x2, y2, counter);
    }),
  );
  const c2 = Buffer.from(message.map((byte, index) => byte ^ (stream[index] ?? 0)));
  return { c1x: bytes(c1.x), c1y: bytes(c1.y), c2, c3: sm3(x2, message, y2) };
}

/** The parts as `x ‖ y ‖ C3 ‖ C2`. */
export function rawCiphertext({ c1x, c1y, c3, c2 }: Sm2Parts): Buffer {
  return Buffer.concat([c1x, c1y, c3, c2]);
}

/** The parts as DER: SEQUENCE { INTEGER, INTEGER, OCTET STRING, OCTET STRING } (GB/T 35276). */
export function derCiphertext({ c1x, c1y, c3, c2 }: Sm2Parts): Buffer {
  return tagged(0x30, Buffer.concat([integer(c1x), integer(c1y), tagged(0x04, c3), tagged(0x04, c2)]));
}

function integer(value: Buffer): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start += 1;
  const digits = value.subarray(start);
  return tagged(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

function tagged(tag: number, value: Buffer): Buffer {
  const { length: size } = value;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function sm3(...parts: Buffer[]): Buffer {
  return createHash("sm3").update(Buffer.concat(parts)).digest();
}

function bytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

function times(point: Point, factor: bigint): Point {
  let sum: Point | undefined;
  for (const bit of factor.toString(2)) {
    if (sum) sum = plus(sum, sum);
    if (bit === "1") sum = sum ? plus(sum, point) : point;
  }
  return sum ?? point;
}

/** Chord or tangent; the point at infinity does not come up with the numbers that tests use. */
function plus(one: Point, other: Point): Point {
  const slope =
    one.x === other.x
      ? (3n * one.x * one.x + a) * inverse(2n * one.y)
      : (other.y - one.y) * inverse(other.x - one.x);
  const x = modulo(slope * slope - one.x - other.x);
  return { x, y: modulo(slope * (one.x - x) - one.y) };
}

/** By Euclid's extended algorithm. */
function inverse(value: bigint): bigint {
  let [rest, next] = [p, modulo(value)];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return modulo(factor);
}

function modulo(value: bigint): bigint {
  return ((value % p) + p) % p;
}
