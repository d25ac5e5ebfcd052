/** The answers of the contract as schemas that refuse every field it does not name, and every one that is missing. */
import { expect } from "vitest";
import * as z from "zod";
import type { Answer } from "./request.ts";

const time = z.iso.datetime({ precision: 3 });
const verificationId = z
  .string()
  .regex(/^ver_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const channel = z.enum(["mini-program", "h5", "eid", "wechat"]);
const reason = z.strictObject({
  code: z.string().regex(/^[a-z_]+$/),
  providerCode: z.string().optional(),
  message: z.strictObject({
    zh: z.string().regex(/\p{Script=Han}/u),
    en: z.string().regex(/^[\p{ASCII}]+$/u),
  }),
  retryable: z.boolean(),
});

/** 201 of `POST /tokens/…`. */
export const tokenAnswer = z.strictObject({
  verificationId,
  channel,
  status: z.enum(["pending", "passed", "failed", "expired"]), // a repeated request is told how it stands
  expiresAt: time,
  start: z.union([
    z.strictObject({ bizToken: z.string().min(1) }),
    z.strictObject({ url: z.url() }),
    z.strictObject({ eidToken: z.string().min(1), url: z.url().optional() }),
    z.strictObject({ verifyId: z.string().min(1) }),
    z.strictObject({ userIdKey: z.string().min(1) }),
  ]),
});

/** 200 of `GET /verifications/{id}` and of `finish`; also the data of events. */
export const verification = z.strictObject({
  verificationId,
  channel,
  status: z.enum(["pending", "passed", "failed", "expired"]),
  reference: z.string().nullable(),
  createdAt: time,
  expiresAt: time,
  settledAt: time.optional(),
  reason: reason.optional(),
  lastAttempt: reason.optional(),
  attempts: z.int().min(0),
  archive: z.strictObject({
    status: z.enum(["due", "archiving", "archived", "skipped", "lost"]),
    archivedAt: time.optional(),
  }),
});

/** A verification as the world sees it. */
export type Verification = z.infer<typeof verification>;

const problem = z.strictObject({
  type: z.string(),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  code: z.string(),
  requestId: z.string(),
});

/** Expects a problem response (RFC 9457) with this status and code, and nothing that tells of our insides. Returns its detail. */
export function expectProblem(answer: Answer, status: number, code: string): string {
  expect({ status: answer.status, body: answer.text }).toMatchObject({ status });
  expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const body = problem.parse(answer.json());
  expect(body).toMatchObject({ status, code });
  expect(answer.headers.get("x-request-id")).toBe(body.requestId);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.text).not.toMatch(/node_modules|\bat \/|index\.js|select |insert |Error:|postgres/i);
  return body.detail;
}
