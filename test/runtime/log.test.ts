import { DrizzleQueryError } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { UnavailableError } from "../../shared/runtime/errors.ts";

/** Invented; none of it may be in a line. */
const secrets = ["张三", "11010119900307002X", "TOKEN-SECRET", "sim-app-secret"];
const personal = secrets.join(" ");
const lines: string[] = [];

let log: typeof import("../../shared/runtime/log.ts").log;
let logAlarm: typeof import("../../shared/runtime/log.ts").logAlarm;
beforeAll(async () => {
  vi.stubEnv("LOG_LEVEL", "info");
  ({ log, logAlarm } = await import("../../shared/runtime/log.ts"));
});
beforeEach(() => {
  lines.splice(0);
  const write = vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  return () => write.mockRestore();
});

/** The one line that was written, parsed; it holds nothing personal. */
function written(): Record<string, unknown> {
  expect(lines).toHaveLength(1);
  const [line = ""] = lines;
  expect(line.endsWith("\n")).toBe(true);
  for (const secret of secrets) expect(line).not.toContain(secret);
  return JSON.parse(line);
}

describe("a line of the log", () => {
  test("is JSON with time, level, function and the facts it was given", () => {
    log.info({ verification: "ver_1", status: "passed", code: "0" }, "settled");
    expect(written()).toMatchObject({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      function: "local",
      verification: "ver_1",
      status: "passed",
      code: "0",
      msg: "settled",
    });
  });

  test.each(["idCardNumber", "identity", "token", "bizToken", "authorization", "secret", "accessToken"])(
    "censors %s by its name, at the top and one level down",
    (key) => {
      log.warn({ [key]: personal, request: { [key]: personal } }, "oops");
      expect(written()).toMatchObject({ [key]: "[sealed]", request: { [key]: "[sealed]" } });
    },
  );

  test("of an alarm names it where alarm policies look", () => {
    logAlarm("identity_mismatch", { verification: "ver_1" });
    expect(written()).toMatchObject({ level: 50, alarm: "identity_mismatch", verification: "ver_1" });
  });
});

describe("an error in the log", () => {
  const later = { en: "later", zh: "稍后" };

  test("tells class, message, code, requestId and cause", () => {
    const cause = new ProviderError("unavailable", "DetectAuth", { code: "InternalError", requestId: "r-1" });
    log.error({ error: new UnavailableError(later, { cause }) }, "a request failed");
    expect(written()["error"]).toMatchObject({
      type: "UnavailableError",
      message: "later",
      stack: expect.stringMatching(/^\s+at .*log\.test\.ts/),
      cause: { type: "ProviderError", message: "DetectAuth: unavailable (InternalError)", requestId: "r-1" },
    });
  });

  test("of a failed query keeps its parameters back, in message, stack and cause", () => {
    const error = new DrizzleQueryError('insert into "verification" values ($1)', secrets, new Error("lost"));
    expect(error.message).toContain("张三");
    log.error({ error: new UnavailableError(later, { cause: error }) }, "oops");
    expect(JSON.stringify(written())).toContain("insert into");
  });

  test("as HTTP clients throw them keeps configuration, headers and body back", () => {
    const config = {
      url: `https://x/?secret=${personal}`,
      data: personal,
      headers: { authorization: personal },
    };
    const error = Object.assign(new Error("Request failed with status code 400"), {
      config,
      request: { path: personal },
      response: { data: personal, config },
      toJSON: () => ({ config }),
    });
    log.error({ error }, "oops");
    expect(written()["error"]).not.toHaveProperty("config");
  });

  test("given alone, or under pino's own name, is told no more of", () => {
    const error = Object.assign(new Error("boom"), { config: { data: personal } });
    log.error(error);
    expect(written()).toMatchObject({ err: { type: "Error", message: "boom" } });
    lines.splice(0);
    log.error({ err: error }, "oops");
    expect(written()).toMatchObject({ err: { type: "Error", message: "boom" } });
  });

  test("of a JSON parser, which quotes the text, is told without it", () => {
    try {
      JSON.parse(`${personal}`);
    } catch (error) {
      log.error({ error: new Error("unreadable", { cause: error }) }, "oops");
    }
    expect(written()["error"]).toMatchObject({ cause: { type: "SyntaxError" } });
  });

  test("that is its own cause, or no error at all, does not end the function", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    log.error({ error: loop }, "oops");
    written();
    for (const error of [personal, { message: personal }, null, undefined, 5, [personal]]) {
      lines.splice(0);
      log.error({ error }, "oops");
      written();
    }
  });

  test("whose message is no text is told without it", () => {
    const error = Object.assign(new Error("x"), { message: { name: personal }, code: { token: personal } });
    log.error({ error }, "oops");
    written();
  });
});
