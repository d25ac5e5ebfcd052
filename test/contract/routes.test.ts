import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  matchPath,
  pathTo,
  type RouteContract,
  type RouteName,
  routes,
} from "../../shared/contract/routes.ts";

const names = Object.keys(routes) as RouteName[]; // the table's own keys
const segment = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.isWellFormed());
const prefix = fc.array(fc.constantFrom("release", "v1", "verifications", "finish", "a%2Fb"), {
  maxLength: 3,
});

describe("a path", () => {
  test.each([
    ["/verifications/ver_1", "/verifications/{id}", { id: "ver_1" }],
    ["/release/verifications/ver_1", "/verifications/{id}", { id: "ver_1" }],
    ["/verifications/ver_1/", "/verifications/{id}", { id: "ver_1" }],
    ["//verifications//ver_1", "/verifications/{id}", { id: "ver_1" }],
    ["/verifications/%E5%BC%A0%2F", "/verifications/{id}", { id: "张/" }],
    ["/verifications/ver_1/finish", "/verifications/{id}/finish", { id: "ver_1" }],
    ["/login", "/login", {}],
  ])("%s is %s", (path, template, values) => {
    expect(matchPath(path, template)).toEqual(values);
  });

  test.each([
    ["/verifications", "/verifications/{id}"],
    ["/verifications/ver_1/finish", "/verifications/{id}"],
    ["/verifications/ver_1", "/verifications/{id}/finish"],
    ["/Verifications/ver_1", "/verifications/{id}"],
    ["/verifications/%", "/verifications/{id}"],
    ["/verifications/%E5", "/verifications/{id}"],
    ["/%6Cogin", "/login"],
    ["/xlogin", "/login"],
    ["", "/login"],
    ["/", "/login"],
  ])("%j is not %s", (path, template) => {
    expect(matchPath(path, template)).toBeUndefined();
  });

  test("made for a route is matched by it, behind any prefix, and gives the values back", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), segment, prefix, (name, value, before) => {
        const path = `/${before.join("/")}${pathTo(name, { id: value, state: value })}`;
        const found = matchPath(path, routes[name].path);
        for (const given of Object.values(found ?? { none: undefined })) expect(given).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });

  test("of whatever text never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom(...names), (path, name) => {
        matchPath(path, routes[name].path);
      }),
    );
  });
});

describe("the table of routes", () => {
  test("has no two routes that answer one request, so that each means one function", () => {
    for (const one of names) {
      const path = pathTo(one, { id: "ver_1", state: "s" });
      const answering = names.filter(
        (name) => routes[name].method === routes[one].method && matchPath(path, routes[name].path),
      );
      expect(answering).toEqual([one]);
    }
  });

  test("says of each route what it takes, what it answers and with which problems", () => {
    for (const name of names) {
      const { method, request, responses, problems }: RouteContract = routes[name];
      const statuses = Object.keys(responses).map(Number);
      expect(
        statuses.filter((status) => status < 300),
        name,
      ).toHaveLength(1);
      // What is not JSON is for browsers and for WeChat; then a body is not read as JSON either.
      const json = Object.values(responses).every((body) => typeof body !== "string");
      expect(request !== null, name).toBe(json && method === "POST");
      expect(new Set(problems).size).toBe(problems.length);
      expect(problems).toEqual(expect.arrayContaining(["invalid_request", "misconfigured", "internal"]));
    }
  });

  test("has request and response schemas that JSON Schema can say, for documents and clients", () => {
    for (const name of names) {
      const { request, responses }: RouteContract = routes[name];
      for (const [schema, io] of [
        [request, "input"],
        ...Object.values(responses).map((body) => [body, "output"] as const),
      ] as const) {
        if (schema === null || typeof schema === "string") continue;
        expect(JSON.stringify(z.toJSONSchema(schema, { io })), name).toContain("additionalProperties");
      }
    }
  });

  test("lets nobody read or change a verification without a bearer", () => {
    for (const name of names) {
      if (/^\/(tokens|verifications)\//.test(routes[name].path)) expect(routes[name].access).toBe("bearer");
    }
  });
});
