import { beforeAll, describe, expect, test } from "vitest";
import { bearerToken, type Caller } from "../support/callers.ts";
import { expectProblem } from "../support/contract.ts";
import { withCheckDigit } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";
import { badIdentities, badTokenBodies, foreignReturnUrls } from "./bad-values.ts";

describe.each(["http", "apigw"])("behind an event of %s", (HTTP_TRIGGER) => {
  const stack = stackForTests({ HTTP_TRIGGER });
  let user: Caller;
  let backend: Caller;
  beforeAll(async () => {
    user = await stack.asUser("mei");
    backend = await stack.asBackend();
  });

  /** Expects that whatever `request` does is refused so, and leaves no row and no word about a person. */
  async function refused(request: () => ReturnType<Caller["send"]>, status: number, code: string) {
    const rows = await stack.rows();
    const answer = await request();
    const detail = expectProblem(answer, status, code);
    stack.expectNothingPersonal(answer.text);
    expect(await stack.rows()).toEqual(rows);
    return detail;
  }

  describe.each(["mini-program", "h5"] as const)("POST /tokens/%s refuses", (channel) => {
    test.each(badTokenBodies)(
      "$what",
      async ({ body, says, by = "user", code = "invalid_request", status = 400 }) => {
        const caller = by === "backend" ? backend : user;
        expect(await refused(() => caller.ask(channel, body), status, code)).toMatch(says);
      },
    );

    test.each(badIdentities)("$what", async ({ identity, says }) => {
      for (const text of [identity.name, identity.idCardNumber].filter((given) => given.trim().length > 3)) {
        stack.keepSecret(text);
      }
      expect(await refused(() => user.ask(channel, { identity }), 400, "invalid_request")).toMatch(says);
    });

    test.each(["", "two words", "k".repeat(256), "schlüssel"])("the Idempotency-Key %j", async (key) => {
      const request = () => user.ask(channel, {}, { "idempotency-key": key });
      expect(await refused(request, 400, "invalid_request")).toMatch(/^Idempotency-Key:/);
    });
  });

  test.each(foreignReturnUrls)("the returnUrl %j leads nowhere", async (returnUrl) => {
    expect(await refused(() => user.ask("h5", { returnUrl }), 400, "invalid_request")).toMatch(/^returnUrl:/);
  });

  test("a mini-program has no page to return from", async () => {
    const request = () => user.ask("mini-program", { returnUrl: "https://shop.example/done" });
    expect(await refused(request, 400, "invalid_request")).toMatch(/^returnUrl:/);
  });

  test("a body of 64 KB is read, and one byte more is not", async () => {
    const padded = (length: number) => `{"reference":"r"${" ".repeat(length - 17)}}`;
    expect((await user.ask("h5", padded(65_537 - 1))).status).toBe(201);
    await refused(() => user.ask("h5", padded(65_537)), 413, "invalid_request");
    await refused(() => user.ask("h5", padded(1_048_576)), 413, "invalid_request");
    await refused(() => stack.send("POST", "/login", { body: padded(65_537) }), 413, "invalid_request");
  });

  test("a lower-case x is accepted and upper-cased, as the provider wants it", async () => {
    const idCardNumber = "11010119900307002x";
    await user.issue("h5", { identity: { name: "张三", idCardNumber } });
    await user.issue("mini-program", {
      identity: { name: "张三", idCardNumber: withCheckDigit("11010120000229003") },
    });
  });

  describe("a bearer token", () => {
    const everywhere: [string, string][] = [
      ["POST", "/tokens/mini-program"],
      ["POST", "/tokens/h5"],
      ["GET", "/verifications/ver_01933b60-0000-7000-8000-000000000000"],
      ["POST", "/verifications/ver_01933b60-0000-7000-8000-000000000000/finish"],
    ];
    const secret = () => stack.running.settings["AUTH_SECRET"] ?? "";
    const claims = { sub: "mei", scope: "user" };
    const unsigned = [{ alg: "none" }, { ...claims, exp: 4_102_444_800 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const bad: [string, () => Promise<string | undefined>][] = [
      ["that is missing", async () => undefined],
      ["that is no JWT", async () => "abc.def"],
      ["that is not signed", async () => `${unsigned}.`],
      ["signed with another secret", () => bearerToken("f".repeat(43), claims)],
      ["signed with another algorithm", () => bearerToken(secret(), claims, "HS512")],
      [
        "that has expired",
        () => bearerToken(secret(), { ...claims, exp: Math.floor(Date.now() / 1000) - 60 }),
      ],
      ["without an end", () => bearerToken(secret(), { ...claims, exp: undefined })],
      ["of nobody", () => bearerToken(secret(), { ...claims, sub: undefined })],
      ["of a name with a NUL", () => bearerToken(secret(), { ...claims, sub: "mei\0" })],
      ["of an empty name", () => bearerToken(secret(), { ...claims, sub: "" })],
      ["without a scope", () => bearerToken(secret(), { ...claims, scope: undefined })],
      ["of a scope that there is not", () => bearerToken(secret(), { ...claims, scope: "admin" })],
      ["for later", () => bearerToken(secret(), { ...claims, nbf: Math.floor(Date.now() / 1000) + 3600 })],
    ];
    test.each(bad)("%s is refused", async (_, make) => {
      const bearer = await make();
      if (bearer) stack.keepSecret(bearer);
      for (const [method, path] of everywhere) {
        await refused(() => stack.send(method, path, { bearer }), 401, "unauthenticated");
        const answer = await stack.send(method, path, { bearer });
        expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      }
    });

    test("in another scheme or sent twice is refused", async () => {
      for (const authorization of [`Basic ${user.bearer}`, user.bearer, `Bearer ${user.bearer}, Bearer x`]) {
        const request = () => stack.send("POST", "/tokens/h5", { headers: { authorization } });
        await refused(request, 401, "unauthenticated");
      }
    });
  });

  describe("a verification", () => {
    test("of another user looks like none", async () => {
      const { id } = await user.issue("h5");
      const other = await stack.asUser("lin");
      for (const [method, path] of [
        ["GET", id],
        ["POST", `${id}/finish`],
      ] as const) {
        await refused(() => other.send(method, `/verifications/${path}`), 404, "not_found");
      }
      const known = await other.send("GET", `/verifications/${id}`);
      const unknown = await other.send("GET", "/verifications/ver_01933b60-0000-7000-8000-000000000000");
      const withoutId = ({ text }: { text: string }) => text.replace(/"requestId":"[^"]+"/, "");
      expect(withoutId(known)).toBe(withoutId(unknown));
    });

    test.each([
      "ver_01933b60-0000-7000-8000-000000000000",
      "ver_",
      "1%27%20or%20%271%27=%271",
      "%00",
      "ver_%00",
      "%ff",
      "%E4%BA%BA",
      "__proto__",
      "..%2f..%2fetc",
      "v".repeat(4_000),
    ])("with the id %j there is not", async (id) => {
      await refused(() => backend.send("GET", `/verifications/${id}`), 404, "not_found");
      await refused(
        () => backend.send("POST", `/verifications/${id}/finish`, { body: {} }),
        404,
        "not_found",
      );
    });

    test.each([
      "{",
      "[]",
      '{"status":"passed"}',
      { verifyResult: 1 },
      { verifyResult: "" },
      { verifyResult: "r".repeat(2_049) },
    ])("is not finished with %j", async (body) => {
      const { id } = await user.issue("h5");
      await refused(() => user.send("POST", `/verifications/${id}/finish`, { body }), 400, "invalid_request");
    });
  });

  test.each([
    ["GET", "/tokens/h5", "POST, OPTIONS"],
    ["PUT", "/tokens/mini-program", "POST, OPTIONS"],
    ["DELETE", "/verifications/ver_1", "GET, OPTIONS"],
    ["PATCH", "/verifications/ver_1", "GET, OPTIONS"],
    ["GET", "/verifications/ver_1/finish", "POST, OPTIONS"],
    ["POST", "/h5/landing/abc", "GET, OPTIONS"],
    ["DELETE", "/wechat/push", "GET, POST, OPTIONS"],
    ["POST", "/console/verifications", "GET, OPTIONS"],
    ["GET", "/login", "POST, OPTIONS"],
  ])("%s %s is no method of that path, and the answer says which are", async (method, path, allow) => {
    const answer = await user.send(method, path);
    expectProblem(answer, 405, "invalid_request");
    expect(answer.headers.get("allow")).toBe(allow);
  });

  test.each([
    "/tokens",
    "/tokens/",
    "/tokens/passport",
    "/verification/ver_1",
    "/verifications/ver_1/settle",
    "/TOKENS/h5",
    "/h5/landing",
  ])("POST %s is no path", async (path) => {
    await refused(() => user.send("POST", path, { body: {} }), 404, "not_found");
  });

  test("a path behind any prefix is the path", async () => {
    expect((await user.send("POST", "/release/tokens/h5", { body: {} })).status).toBe(201);
  });

  test("a query on a token request changes nothing", async () => {
    const answer = await user.send("POST", "/tokens/h5?subject=lin&subject=other&__proto__=x", { body: {} });
    expect(answer.status).toBe(201);
    expect(await stack.sql("select owner from verification order by id desc limit 1")).toEqual([
      { owner: "mei" },
    ]);
  });

  test("nothing personal was logged, and nothing went wrong inside", async () => {
    await user.issue("h5");
    const logs = await stack.logged(/"msg":"started"/);
    stack.expectNothingPersonal(logs);
    expect(logs).not.toMatch(/"level":(50|60)/);
  });
});
