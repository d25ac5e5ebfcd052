import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readHeaders, readRequest } from "../../shared/http/request.ts";
import { InvalidRequestError } from "../../shared/runtime/errors.ts";
import { apiGatewayEvent, functionUrlEvent } from "./events.ts";

describe.each([
  ["API Gateway", apiGatewayEvent],
  ["a function URL", functionUrlEvent],
])("an event of %s", (_, event) => {
  test("becomes the same request", () => {
    const request = readRequest(event());
    expect(request).toMatchObject({ method: "POST", path: "/verifications/ver_1" });
    expect(request.headers["authorization"]).toBe("Bearer a.b.c");
    expect(request.headers["content-type"]).toBe("application/json");
    expect([...request.query]).toEqual([["lang", ["zh"]]]);
    expect(request.body.toString("utf8")).toBe('{"reference":"订单-7"}');
  });

  test("is read without the fields that it may lack", () => {
    for (const field of ["headers", "queryString", "body", "isBase64Encoded", "queryStringParameters"]) {
      for (const value of [undefined, null]) {
        expect(readRequest(event({ [field]: value })).path).toBe("/verifications/ver_1");
      }
    }
    expect(readRequest(event({ body: undefined })).body).toHaveLength(0);
  });

  test("is nobody's by what a cloud call adds beside its headers (THREAT 76)", () => {
    const forged = { userInfo: { openId: "openid-of-another", appId: "wx" }, wxContext: { OPENID: "other" } };
    expect(readRequest(event(forged))).toEqual(readRequest(event()));
    expect(readRequest(event({ ...forged, headers: {} })).headers).toEqual({});
  });

  test("gives every value of a key, so that a reader can refuse two (THREAT 28)", () => {
    const { query } = readRequest(event({ queryString: { a: ["1", "2"], b: "3", c: [] } }));
    expect([...query]).toEqual([
      ["a", ["1", "2"]],
      ["b", ["3"]],
      ["c", []],
    ]);
  });

  test("joins the values of a header, however often and in whatever case it comes", () => {
    const { headers } = readRequest(event({ headers: { "X-A": ["1", "2"], "x-a": "3", ACCEPT: "*/*" } }));
    expect(headers).toEqual({ "x-a": "1, 2, 3", accept: "*/*" });
  });

  test("whose body is in base64 gives the bytes", () => {
    const bytes = Buffer.from([0, 255, 1, 254]);
    expect(readRequest(event({ body: bytes.toString("base64"), isBase64Encoded: true })).body).toEqual(bytes);
  });

  test("is read where its query is written in other ways", () => {
    const queryOf = (queryString: unknown) => [...readRequest(event({ queryString })).query];
    // Captured publicly: API Gateway's way to write a key without a value.
    expect(queryOf({ BizToken: "b", debug: true })).toEqual([
      ["BizToken", ["b"]],
      ["debug", [""]],
    ]);
    expect(queryOf("BizToken=b%20c&debug&a=1&a=2")).toEqual([
      ["BizToken", ["b c"]],
      ["debug", [""]],
      ["a", ["1", "2"]],
    ]);
    expect(queryOf("")).toEqual([]);
    expect(queryOf({ a: null, b: 5, c: ["x", null, true], d: { e: "f" } })).toEqual([
      ["b", ["5"]],
      ["c", ["x", ""]],
      ["d", []],
    ]);
    for (const query of [7, true, [], ["a=b"]]) expect(queryOf(query)).toEqual([]);
  });

  test("is read where a header is no text", () => {
    const headers = { "content-length": 7, "x-empty": null, "x-flag": true, "x-map": {}, Accept: "*/*" };
    expect(readRequest(event({ headers })).headers).toEqual({
      "content-length": "7",
      "x-flag": "",
      "x-map": "",
      accept: "*/*",
    });
    for (const none of ["a: b", 7, []]) expect(readRequest(event({ headers: none })).headers).toEqual({});
  });

  test("says in words whether its body is in base64", () => {
    const body = Buffer.from("{}").toString("base64");
    const read = (isBase64Encoded: unknown) => readRequest(event({ body, isBase64Encoded })).body.toString();
    for (const yes of [true, "true", "True"]) expect(read(yes)).toBe("{}");
    for (const no of [false, "false", "", null, undefined, 0]) expect(read(no)).toBe(body);
  });

  test("with keys that every object has changes no object (THREAT 62)", () => {
    const hostile: unknown = JSON.parse('{"__proto__":"x","constructor":"y","toString":"z","a":"b"}');
    const { headers, query } = readRequest(event({ headers: hostile, queryString: hostile }));
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(headers["authorization"]).toBeUndefined();
    expect(query.get("a")).toEqual(["b"]);
    expect(query.get("hasOwnProperty")).toBeUndefined();
    expect(Reflect.get({}, "x")).toBeUndefined();
  });
});

describe("what is not an HTTP event", () => {
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "GET /"],
    ["an array", [functionUrlEvent()]],
    [
      "a timer's event",
      { Type: "Timer", TriggerName: "each-minute", Time: "2026-09-21T00:00:00Z", Message: "" },
    ],
    ["no method", functionUrlEvent({ httpMethod: undefined })],
    ["no path", functionUrlEvent({ path: undefined })],
    ["a method that is no text", functionUrlEvent({ httpMethod: 5 })],
    ["a body that was parsed", functionUrlEvent({ body: { reference: "x" } })],
  ])("%s is refused as invalid", (_, event) => {
    expect(() => readRequest(event)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        message: "This function answers HTTP events only.",
      }),
    );
  });

  test("whatever comes is read or refused, and nothing else happens", () => {
    const field = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))),
    );
    const keys = [
      "httpMethod",
      "path",
      "headers",
      "queryString",
      "queryStringParameters",
      "body",
      "isBase64Encoded",
    ];
    const event = fc.record(Object.fromEntries(keys.map((key) => [key, field])), { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), event), (any) => {
        try {
          const request = readRequest(any);
          expect(Buffer.isBuffer(request.body)).toBe(true);
          expect(readHeaders(any)).toEqual(request.headers);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
