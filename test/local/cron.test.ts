import { Cron } from "croner";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cronProblem, lastDue, parseCron } from "../../tools/build/cron.ts";

/** What croner, which knows the same seven fields, finds as the last due moment after `after` and not after `until`. */
function lastDueOfCroner(expression: string, after: number, until: number): number | undefined {
  const cron = new Cron(expression, { timezone: "Asia/Shanghai", mode: "7-part", paused: true });
  const nextSecond = Math.floor(until / 1000) * 1000 + 1000; // croner looks before its reference
  const due = cron.previousRuns(1, new Date(nextSecond))[0]?.getTime();
  return due !== undefined && due > after ? due : undefined;
}

function lastDueOf(expression: string, after: number, until: number): number | undefined {
  const cron = parseCron(expression);
  if (typeof cron === "string") throw new Error(`${expression} ${cron}`);
  return lastDue(cron, after, until);
}

/** One part of a field: how SCF writes it, and how croner does. */
const partOf = (min: number, max: number): fc.Arbitrary<readonly [scf: string, croner: string]> =>
  fc
    .tuple(
      fc.integer({ min, max }),
      fc.integer({ min, max }),
      fc.integer({ min: 1, max: max - min }),
      fc.nat(4),
    )
    .map(([one, other, step, form]) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      if (form === 0) return [`${from}`, `${from}`];
      if (form === 1) return [`${from}-${to}`, `${from}-${to}`];
      if (form === 2) return [`${from}-${to}/${step}`, `${from}-${to}/${step}`];
      if (form === 3) return [`${from}/${step}`, `${from}-${max}/${step}`];
      return [`*/${step}`, `*/${step}`];
    });

const fieldOf = (min: number, max: number, all = "*") =>
  fc.oneof(
    fc.constant([all, "*"] as const),
    fc
      .array(partOf(min, max), { minLength: 1, maxLength: 3 })
      .map(
        (parts) =>
          [parts.map(([scf]) => scf).join(","), parts.map(([, croner]) => croner).join(",")] as const,
      ),
  );

const expressions = fc
  .tuple(
    fieldOf(0, 59),
    fieldOf(0, 59),
    fieldOf(0, 23),
    fieldOf(1, 31, "?"),
    fieldOf(1, 12),
    fieldOf(0, 6, "?"),
    fc.constantFrom(["*", "*"], ["2026-2028", "2026-2028"], ["2027", "2027"]),
  )
  .map((fields) => ({
    scf: fields.map(([scf]) => scf).join(" "),
    croner: fields.map(([, own]) => own).join(" "),
  }));

test("a timer is due when another cron library says so, in China's time", { timeout: 120_000 }, () => {
  const from = Date.UTC(2026, 0, 1);
  fc.assert(
    fc.property(
      expressions,
      fc.integer({ min: from, max: Date.UTC(2028, 11, 31) }),
      fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 40 * 86_400_000 })),
      ({ scf, croner }, until, length) => {
        const after = until - length;
        expect(lastDueOf(scf, after, until)).toBe(lastDueOfCroner(croner, after, until));
      },
    ),
    { numRuns: 500 },
  );
});

test("the examples of SCF's page about timers are read", () => {
  const at = (expression: string): string => {
    const due = lastDueOf(expression, Date.UTC(2026, 0, 1), Date.UTC(2026, 10, 27, 4, 0, 7, 500));
    return due === undefined ? "never" : new Date(due).toISOString();
  };
  expect(at("*/5 * * * * * *")).toBe("2026-11-27T04:00:05.000Z");
  expect(at("0 15 10 1 * * *")).toBe("2026-11-01T02:15:00.000Z");
  expect(at("0 15 10 * * MON-FRI *")).toBe("2026-11-27T02:15:00.000Z");
  expect(at("0 0 10,14,16 * * * *")).toBe("2026-11-27T02:00:00.000Z");
  expect(at("0 */30 9-17 * * * *")).toBe("2026-11-27T04:00:00.000Z");
  expect(at("0 0 12 * * WED *")).toBe("2026-11-25T04:00:00.000Z");
});

test("a clock that was set back makes no timer due", () => {
  expect(lastDueOf("* * * * * * *", Date.UTC(2026, 1, 2), Date.UTC(2026, 1, 1))).toBeUndefined();
});

test.each([
  "0 3 * * *",
  "60 * * * * * *",
  "0 0 24 * * * *",
  "0 0 0 0 * * *",
  "0 0 0 ? 13 * *",
  "? 0 0 * * * *",
  "0 0 0 * * 7 *",
  "0 0 0 * * FUN *",
  "0 0 0 5-1 * * *",
  "0 0/0 0 * * * *",
  "0 0 0 L * * *",
  "0 0 0 1-2-3 * * *",
  "0 0 0 1, * * *",
  "0 */5/5 0 * * * *",
])("%s is refused", (expression) => {
  expect(cronProblem(expression)).toMatch(/^has /);
});
