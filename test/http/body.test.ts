import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { idCardNumber, personName } from "../../shared/contract/identity.ts";
import { MAX_BODY_BYTES, readJson } from "../../shared/http/body.ts";
import { readRequest } from "../../shared/http/request.ts";
import { InvalidRequestError } from "../../shared/runtime/errors.ts";
import { functionUrlEvent } from "./events.ts";

const schema = z.strictObject({
  identity: z.strictObject({ name: personName, idCardNumber }).optional(),
  reference: z.string().max(8).optional(),
  kind: z.enum(["a", "b"]).optional(),
});
const read = (body: string | Buffer) =>
  readJson(
    readRequest(
      typeof body === "string"
        ? functionUrlEvent({ body })
        : functionUrlEvent({ body: body.toString("base64"), isBase64Encoded: true }),
    ),
    schema,
  );

describe("a body in JSON", () => {
  test("is read as the schema says; none is an empty one", () => {
    expect(read('{"reference":"订单-7"}')).toEqual({ reference: "订单-7" });
    expect(read("")).toEqual({});
    expect(read("{}")).toEqual({});
    expect(read(Buffer.from("\ufeff{}"))).toEqual({});
  });

  test.each([
    ["{", "The body is not JSON in UTF-8."],
    ["reference=x", "The body is not JSON in UTF-8."],
    ["[]", "body: must be object"],
    ["null", "body: must be object"],
    ['"x"', "body: must be object"],
    ['{"reference":5}', "reference: must be string"],
    ['{"reference":null}', "reference: must be string"],
    ['{"identity":{"name":"x"}}', "identity.idCardNumber: is missing"],
    ['{"identity":"x"}', "identity: must be object"],
    ['{"zzz":1}', "unknown field: zzz"],
    [
      '{"identity":{"name":"张三","idCardNumber":"11010119900307002X","age":3}}',
      "identity: unknown field: age",
    ],
    [
      '{"identity":{"name":"张三","idCardNumber":"110101199003070021"}}',
      "identity.idCardNumber: has a wrong check digit",
    ],
  ])("%s is refused: %s", (body, message) => {
    expect(() => read(body)).toThrow(new InvalidRequestError(message));
  });

  test("that is not UTF-8 is refused instead of mended: a name must reach the provider as it was given", () => {
    const gbk = Buffer.concat([Buffer.from('{"reference":"'), Buffer.from([0xd5, 0xc5]), Buffer.from('"}')]);
    expect(() => read(gbk)).toThrow("The body is not JSON in UTF-8.");
    expect(() => read(gbk.toString("utf8"))).toThrow("The body is not JSON in UTF-8."); // mended by the platform
  });

  test("has 64 KB and not a byte more (THREAT 61)", () => {
    const of = (bytes: number) => Buffer.from(`{}${" ".repeat(bytes - 2)}`);
    expect(read(of(MAX_BODY_BYTES))).toEqual({});
    expect(() => read(of(MAX_BODY_BYTES + 1))).toThrow(expect.objectContaining({ status: 413 }));
  });

  test("however deep, is refused without harm", () => {
    for (const deep of ["[".repeat(65_000), `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`]) {
      expect(() => read(deep)).toThrow(InvalidRequestError);
    }
  });

  test.each(["__proto__", "constructor", "prototype", "toString"])(
    "with the key %s is refused, not merged (THREAT 62)",
    (key) => {
      expect(() => read(`{"${key}":{"reference":"x"}}`)).toThrow(/^unknown field/);
      expect(() => read(`{"identity":{"${key}":{}}}`)).toThrow(/unknown field/);
      expect(Reflect.get({}, "reference")).toBeUndefined();
    },
  );

  test("is never repeated in the refusal, neither its values nor keys that look like values", () => {
    const secret = fc.string({ minLength: 6, unit: "grapheme" }).map((text) => `秘${text}`);
    const value = fc.oneof(secret, fc.record({ name: secret, idCardNumber: secret }), fc.array(secret));
    const body = fc.dictionary(fc.oneof(fc.constantFrom("identity", "reference", "kind"), secret), value, {
      minKeys: 1,
    });
    fc.assert(
      fc.property(body, (json) => {
        try {
          read(JSON.stringify(json));
        } catch (error) {
          expect(String(error)).not.toContain("秘");
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
