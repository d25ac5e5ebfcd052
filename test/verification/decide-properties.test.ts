import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Observation } from "../../shared/channels/types.ts";
import { type Decision, decide, type Subject } from "../../shared/verification/decide.ts";
import { anyObservation, createdAt, subject, verificationId, type zhang } from "./observations.ts";

const anyMoment = fc
  .integer({ min: 0, max: 4 * 86_400 })
  .map((second) => new Date(createdAt.getTime() + second * 1000));
const { identity: _, ...anybody } = subject;
const anySubject = fc.constantFrom<Subject>(subject, anybody);

/** The promise in the design's words, written down a second time and apart from the code. */
function mayPass(observation: Observation, asked: typeof zhang | undefined): boolean {
  const fits = (theirs: string, ours: string) => theirs.trim().normalize("NFC").toUpperCase() === ours;
  return (
    observation.code === "0" &&
    Object.values(observation.checks).every((check) => check === "0") &&
    (observation.echo === null || observation.echo === verificationId) &&
    (!asked ||
      (observation.person.kind === "named" &&
        fits(observation.person.name, asked.name) &&
        fits(observation.person.idCardNumber, asked.idCardNumber)))
  );
}

describe("for any observation whatever", () => {
  test("passed follows from a zero, agreeing checks, our echo and the person asked for, and from nothing less", () => {
    const seen = new Map<Decision["status"], number>();
    fc.assert(
      fc.property(anySubject, anyObservation, anyMoment, (about, observation, now) => {
        const { status } = decide(about, observation, now);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        expect(status === "passed").toBe(mayPass(observation, about.identity));
      }),
      { numRuns: 20_000 },
    );
    // The generator reaches every status often enough for the property to mean something.
    for (const status of ["passed", "pending", "failed", "expired"] as const) {
      expect(seen.get(status) ?? 0, status).toBeGreaterThan(200);
    }
  });

  test("the decision is pure, changes nothing it was given, and always says why it ended", () => {
    const frozen = <T>(value: T): T => {
      if (value && typeof value === "object" && !(value instanceof Date)) {
        for (const part of Object.values(value)) frozen(part);
        Object.freeze(value);
      }
      return value;
    };
    fc.assert(
      fc.property(anySubject, anyObservation, anyMoment, (about, observation, now) => {
        const once = decide(frozen(about), frozen(observation), now);
        expect(decide(about, observation, now)).toEqual(once);
        expect(once.attempts).toEqual(observation.attempts);
        expect(once.reason !== undefined).toBe(once.status === "failed" || once.status === "expired");
      }),
      { numRuns: 3_000 },
    );
  });

  test("once ended, time alone never turns it into something else", () => {
    fc.assert(
      fc.property(anySubject, anyObservation, anyMoment, anyMoment, (about, observation, one, other) => {
        const [early, late] = one <= other ? [one, other] : [other, one];
        const before = decide(about, observation, early);
        if (before.status !== "pending") expect(decide(about, observation, late)).toEqual(before);
      }),
      { numRuns: 3_000 },
    );
  });
});
