import { DrizzleQueryError } from "drizzle-orm";
import { DatabaseError } from "pg";
import { describe, expect, test } from "vitest";
import type { Language } from "../../shared/contract/text.ts";
import { BodyTooLargeError, problemResponse } from "../../shared/http/problem.ts";
import { ProviderError, type ProviderErrorKind } from "../../shared/providers/provider-error.ts";
import * as errors from "../../shared/runtime/errors.ts";

const personal = "张三 11010119900307002X TOKEN-SECRET";
const HAN = /\p{Script=Han}/u;
const x = { en: "x", zh: "某" };
const answered = (error: unknown, language: Language = "en") => {
  const { headers, body, statusCode } = problemResponse(error, "req-1", language);
  expect(body).not.toMatch(/张三|11010119900307002X|TOKEN-SECRET/);
  const parsed: unknown = JSON.parse(body);
  expect(parsed).toMatchObject({
    type: "about:blank",
    status: statusCode,
    requestId: "req-1",
    title: expect.any(String),
  });
  return { headers, statusCode, ...Object(parsed) };
};

describe("an error becomes a problem", () => {
  test.each([
    [new errors.InvalidRequestError(x), 400, "invalid_request"],
    [new BodyTooLargeError(x), 413, "invalid_request"],
    [new errors.UnauthenticatedError(x), 401, "unauthenticated"],
    [new errors.ForbiddenError(x), 403, "forbidden"],
    [new errors.NotFoundError(x), 404, "not_found"],
    [new errors.ConflictError(x), 409, "conflict"],
    [new errors.IdempotencyMismatchError(x), 409, "idempotency_mismatch"],
    [new errors.IdentityRequiredError(x), 422, "identity_required"],
    [new errors.RateLimitedError(x, { retryAfterSeconds: 60 }), 429, "rate_limited"],
    [new errors.UnavailableError(x, { retryAfterSeconds: 5 }), 503, "provider_unavailable"],
  ])("%s answers %i %s with its own words", (error, status, code) => {
    expect(answered(error)).toMatchObject({ statusCode: status, code, detail: "x" });
    const chinese = answered(error, "zh");
    expect(chinese).toMatchObject({ statusCode: status, code, detail: "某" });
    expect(chinese.title).toMatch(HAN);
    expect(error.message).toBe("x"); // what the log gets
  });

  test("a wrong setting answers 500 misconfigured and names the setting", () => {
    const problems = [{ setting: "MASTER_KEY", message: "is missing" }];
    expect(answered(new errors.MisconfiguredError(problems))).toMatchObject({
      statusCode: 500,
      code: "misconfigured",
      detail: "Settings: MASTER_KEY is missing.",
    });
    const chinese = answered(new errors.MisconfiguredError(problems), "zh");
    expect(chinese.detail).toMatch(/\p{Script=Han}.*MASTER_KEY/u);
  });

  test("in the words of RFC 9457, never cached, with what the caller should do", () => {
    expect(answered(new errors.RateLimitedError(x, { retryAfterSeconds: 60 })).headers).toEqual({
      "content-type": "application/problem+json; charset=utf-8",
      "cache-control": "no-store",
      "content-language": "en",
      vary: "accept-language",
      "retry-after": "60",
    });
    expect(answered(new errors.UnauthenticatedError(x)).headers).toMatchObject({
      "www-authenticate": "Bearer",
    });
  });

  test.each<[ProviderErrorKind, number, string, string | undefined]>([
    ["unavailable", 503, "provider_unavailable", "5"],
    ["malformed", 503, "provider_unavailable", "5"],
    ["rate-limited", 503, "provider_unavailable", "2"],
    ["configuration", 500, "misconfigured", undefined],
    ["rejected", 422, "provider_rejected", undefined],
    ["unknown-token", 422, "provider_rejected", undefined],
    ["purged", 422, "provider_rejected", undefined],
  ])(
    "of a provider, %s, answers %i %s and none of the vendor's inner words",
    (kind, status, code, retryAfter) => {
      const error = new ProviderError(kind, "DetectAuth", { code: "Vendor.Code", hint: personal });
      const answer = answered(error);
      expect(answer).toMatchObject({ statusCode: status, code });
      expect(answer.headers["retry-after"]).toBe(retryAfter);
      expect(answer.detail).not.toContain("Vendor.Code");
      const { title, detail, headers, ...rest } = answered(error, "zh");
      expect(rest).toMatchObject({ statusCode: status, code });
      expect([title, detail].filter((text) => !HAN.test(text))).toEqual([]);
      expect(detail).not.toContain("Vendor.Code");
      expect(headers["content-language"]).toBe("zh");
    },
  );

  test("of a provider that says how long to wait says the same", () => {
    const error = new ProviderError("rate-limited", "jscode2session", {
      code: "45009",
      retryAfterSeconds: 7_261,
    });
    expect(answered(error)).toMatchObject({ statusCode: 503, headers: { "retry-after": "7261" } });
  });

  test.each(["08006", "53300", "57014", "25006", "53010", "ECONNRESET"])(
    "of a provider with the code %s is not taken for the database's",
    (code) => {
      expect(answered(new ProviderError("rejected", "x", { code }))).toMatchObject({
        code: "provider_rejected",
      });
    },
  );

  const withCode = (code: string, message = "x") => Object.assign(new Error(message), { code });
  test.each([
    withCode("ECONNREFUSED"),
    withCode("57P01", "terminating connection due to administrator command"),
    withCode("57P03", "the database system is starting up"),
    withCode("53300", "sorry, too many clients already"),
    withCode("25006", "cannot execute INSERT in a read-only transaction"),
    withCode("08006"),
    withCode("57014", "canceling statement due to statement timeout"),
    withCode("25P03"),
    withCode("ENETUNREACH"),
    new Error("Connection terminated unexpectedly"),
    new Error("timeout exceeded when trying to connect"),
    new Error("Query read timeout"),
    new AggregateError([withCode("ECONNREFUSED")]),
  ])("of a database away (%s) answers 503, bare and inside a failed query (THREAT 52)", (cause) => {
    for (const error of [cause, new DrizzleQueryError("insert", [personal], cause)]) {
      expect(answered(error)).toMatchObject({
        statusCode: 503,
        code: "provider_unavailable",
      });
      expect(answered(error).headers["retry-after"]).toBe("5");
    }
  });

  test.each<[string, unknown]>([
    ["a defect", new TypeError(`cannot read ${personal}`)],
    [
      "a failed query",
      new DrizzleQueryError("insert", [personal], withCode("23505", `duplicate ${personal}`)),
    ],
    [
      "a message that we should not have sent",
      new DrizzleQueryError("insert", [personal], withCode("08P01", `bad message ${personal}`)),
    ],
    [
      "a query that the server refuses in words like those of an outage",
      Object.assign(new DatabaseError("timeout exceeded", 1, "error"), { code: "22000", severity: "ERROR" }),
    ],
    ["a failed query without a cause", new DrizzleQueryError("insert", [personal])],
    ["a text", personal],
    ["nothing", undefined],
    ["null", null],
  ])("that is %s says only where to look (THREAT 65)", (_, error) => {
    expect(answered(error)).toMatchObject({
      statusCode: 500,
      code: "internal",
      detail: "The error was logged under this requestId.",
    });
    expect(answered(error, "zh").detail).toMatch(HAN);
  });
});
