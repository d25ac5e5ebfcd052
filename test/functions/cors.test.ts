/** Which web pages may call, through the local stack: its functions have the simulator, so pages of this machine are free. */
import { describe, expect, test } from "vitest";
import { pathTo, type RouteName, routes } from "../../shared/contract/routes.ts";
import type { Answer } from "../support/request.ts";
import { stackForTests } from "../support/stack.ts";

const shop = "https://shop.example";
const routeNames = Object.keys(routes) as RouteName[]; // the table's own keys
const path = (name: RouteName) => pathTo(name, { id: "ver_1", state: "s" });

const corsOf = (answer: Answer) =>
  Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith("access-control-")));

describe.each(["http", "apigw"])("behind an event of %s", (HTTP_TRIGGER) => {
  const stack = stackForTests({ HTTP_TRIGGER, CORS_ORIGINS: `${shop},https://m.shop.example` });
  const preflight = (name: RouteName, origin: string) =>
    stack.send("OPTIONS", path(name), {
      headers: {
        origin,
        "access-control-request-method": routes[name].method,
        "access-control-request-headers": "authorization,content-type",
      },
    });

  test.each(routeNames)("OPTIONS of %s allows its methods to the pages that are configured", async (name) => {
    const answer = await preflight(name, shop);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    const { "access-control-allow-methods": methods = "", ...others } = corsOf(answer);
    expect(methods.split(", ")).toEqual(
      expect.arrayContaining([
        ...new Set(
          routeNames.filter((other) => path(other) === path(name)).map((other) => routes[other].method),
        ),
        "OPTIONS",
      ]),
    );
    expect(others).toEqual({
      "access-control-allow-origin": shop,
      "access-control-allow-headers": "authorization, content-type, idempotency-key",
      "access-control-max-age": "7200",
      "access-control-expose-headers": "x-request-id, retry-after",
    });
    expect(answer.headers.get("vary")).toMatch(/\borigin\b/i);
  });

  test.each([
    "https://evil.example",
    "https://shop.example.evil.example",
    "https://evilshop.example",
    "https://sub.shop.example",
    "https://shop.example:8443",
    "https://shop.example/",
    "http://shop.example",
    "https://SHOP.example",
    "null",
    "*",
    "https://shop.example, https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://10.0.0.7:3000",
  ])("a page of %s may neither ask nor read", async (origin) => {
    const asked = await preflight("issueH5", origin);
    expect([asked.status, corsOf(asked)]).toEqual([204, {}]);
    expect(asked.headers.get("vary")).toMatch(/\borigin\b/i);
    const user = await stack.asUser("mei");
    const read = await user.send("GET", path("readVerification"), { headers: { origin } });
    expect([read.status, corsOf(read)]).toEqual([404, {}]);
  });

  test.each([
    shop,
    "https://m.shop.example",
    "http://localhost:5173",
    "http://127.0.0.1",
    "http://[::1]:8080",
  ])("a page of %s may read responses and problems", async (origin) => {
    const user = await stack.asUser("mei");
    const readable = {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "x-request-id, retry-after",
    };
    const { id } = await user.issue("h5");
    const options = { headers: { origin } };
    for (const answer of [
      await user.send("GET", `/verifications/${id}`, options),
      await user.send("GET", path("readVerification"), options),
      await stack.send("POST", "/tokens/h5", options),
      await stack.send("POST", "/login", { body: "{", ...options }),
    ]) {
      expect(corsOf(answer)).toEqual(readable);
      expect(answer.headers.get("vary")).toMatch(/\borigin\b/i);
    }
  });

  test("a caller without an origin is answered as ever, with vary for the caches", async () => {
    const user = await stack.asUser("mei");
    const answer = await user.send("GET", path("readVerification"));
    expect([answer.status, corsOf(answer)]).toEqual([404, {}]);
    expect(answer.headers.get("vary")).toMatch(/\borigin\b/i);
    const options = await stack.send("OPTIONS", "/tokens/h5");
    expect([options.status, options.headers.get("allow"), corsOf(options)]).toEqual([
      204,
      "POST, OPTIONS",
      {},
    ]);
  });

  test("OPTIONS of a path that there is not is not found, and never needs a bearer", async () => {
    expect((await stack.send("OPTIONS", "/nowhere", { headers: { origin: shop } })).status).toBe(404);
  });
});
