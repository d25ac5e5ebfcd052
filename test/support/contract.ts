/** Holds responses against the contract: by its schemas, which refuse every field that they do not name. */
import { expect } from "vitest";
import { problem } from "../../shared/contract/problem.ts";
import { matchPath, type RouteContract, routes } from "../../shared/contract/routes.ts";
import type { Verification } from "../../shared/contract/verification.ts";
import type { Answer } from "./request.ts";

/**
 * Expects a response that the route of the request documents: its status with its body, or a problem with one of its codes.
 * A request for no route is left alone.
 */
export function expectDocumented(method: string, path: string, answer: Answer): void {
  const { pathname } = new URL(path, "http://localhost");
  const route = Object.values<RouteContract>(routes).find(
    (each) => each.method === method && matchPath(pathname, each.path),
  );
  if (!route) return;
  const contentType = answer.headers.get("content-type") ?? "";
  if (contentType.startsWith("application/problem+json")) {
    const { code } = problem.parse(answer.json());
    expect(route.problems, `${method} ${route.path} answered ${code}`).toContain(code);
    return;
  }
  // What the platform says of a function that failed is not the route's response.
  if (answer.status === 500 || answer.status === 429) return;
  const body = route.responses[answer.status];
  if (body === undefined) throw new Error(`${method} ${route.path}: ${answer.status} is not documented`);
  if (typeof body === "string") expect(contentType).toBe(`${body}; charset=utf-8`);
  else body.parse(answer.json());
}

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

/** A verification as the contract has it, for tests that only need one. */
export const sampleVerification = (over: Partial<Verification> = {}): Verification => ({
  verificationId: "ver_01933b60-0000-7000-8000-000000000001",
  channel: "h5",
  status: "passed",
  reference: "订单-7",
  createdAt: "2026-09-21T00:00:00.000Z",
  expiresAt: "2026-09-21T02:00:00.000Z",
  attempts: 1,
  identity: "requested",
  canRetry: false,
  nextStep: "none",
  archive: { status: "due" },
  ...over,
});
