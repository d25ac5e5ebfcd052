/** Observations of FaceID as tests make them: the one of a clean pass, changed where a test wants it otherwise. */
import fc from "fast-check";
import type { Attempt, Identity, Observation } from "../../shared/channels/types.ts";
import { GRACE_S, type Subject } from "../../shared/verification/decide.ts";

/** Invented; the number's check digit is right. */
export const zhang: Identity = { name: "张三", idCardNumber: "11010119900307002X" };
/** Somebody else. */
export const li: Identity = { name: "李四", idCardNumber: "110101198506150035" };

export const verificationId = "ver_01990000-0000-7000-8000-000000000001";
export const createdAt = new Date("2026-09-21T02:00:00.000Z");
export const expiresAt = new Date(createdAt.getTime() + 7_200_000);
/** While the person may still try. */
export const during = new Date(createdAt.getTime() + 60_000);
/** When the provider deletes the result: 259,200 s after the token was created. */
export const purged = new Date(createdAt.getTime() + 259_200_000);
/** The first moment at which nothing new can come. */
export const over = new Date(expiresAt.getTime() + GRACE_S * 1000);
/** The last moment at which something can. */
export const grace = new Date(over.getTime() - 1);

export const subject = { verificationId, owner: "user-1", identity: zhang, expiresAt } satisfies Subject;

/** One attempt; `n` numbers it and sets its time. */
export const attempt = (n: number, code: string | null, charged: boolean | null = false): Attempt => ({
  seq: `8d0a-${n}`,
  at: new Date(createdAt.getTime() + n * 1_000),
  code,
  charged,
});

/** Everything agrees: the provider is satisfied with Zhang, on the first try. */
export function observed(over: Partial<Observation> = {}): Observation {
  return {
    family: "faceid",
    code: "0",
    checks: { LiveStatus: "0", Comparestatus: "0" },
    attempts: [attempt(1, "0", true)],
    person: { kind: "named", ...zhang },
    echo: verificationId,
    ...over,
  };
}

/** A token that was opened or not, and has no verdict. */
export const nothingYet: Observation = observed({
  code: null,
  checks: { LiveStatus: null, Comparestatus: null },
  attempts: [],
  person: { kind: "unnamed" },
  echo: null,
});

/** A verdict with its code in all the places where FaceID writes it. */
export const failedWith = (code: string, over: Partial<Observation> = {}): Observation =>
  observed({
    code,
    checks: { LiveStatus: code, Comparestatus: null },
    attempts: [attempt(1, code)],
    ...over,
  });

const codes = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("0", "0", "1301", "2006", "2016", "16", "15", "17", "1001") },
  fc.constantFrom("", "00", "-0", "0.0", "10000", "null", "constructor", "__proto__", "99999"),
  fc.string(),
);
const codeOrNone = fc.option(codes, { freq: 4 });
const names = fc.oneof(fc.constantFrom("张三", "李四", " 张三 ", "", "José", "José"), fc.string());
const numbers = fc.oneof(
  fc.constantFrom("11010119900307002X", "11010119900307002x", "110101198506150035", ""),
  fc.string(),
);

/** Any attempt whatever, with few enough `Seq` that they repeat. */
export const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  seq: fc.constantFrom("a", "b", "c", "d"),
  at: fc.integer({ min: 1, max: 600 }).map((second) => new Date(createdAt.getTime() + second * 1000)),
  code: codeOrNone,
  charged: fc.option(fc.boolean()),
});

/** Any observation whatever, leaning towards those that nearly pass. */
export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  family: fc.constant("faceid" as const),
  code: codeOrNone,
  checks: fc.oneof(
    fc.constant({ LiveStatus: "0", Comparestatus: "0" }),
    fc.record({ LiveStatus: codeOrNone, Comparestatus: codeOrNone }),
    fc.constant({ LiveStatus: "0", Comparestatus: "0", IsVerifyIntention: null }),
  ),
  attempts: fc.uniqueArray(anyAttempt, { maxLength: 4, selector: ({ seq }) => seq }),
  person: fc.oneof(
    fc.constant({ kind: "named" as const, ...zhang }),
    fc.record({ kind: fc.constant("named" as const), name: names, idCardNumber: numbers }),
    fc.constant({ kind: "unnamed" as const }),
  ),
  echo: fc.option(fc.oneof({ weight: 4, arbitrary: fc.constant(verificationId) }, fc.string()), { freq: 5 }),
});
