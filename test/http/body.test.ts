import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { idCardNumber, personName } from "../../shared/contract/identity.ts";
import { tokenRequest } from "../../shared/contract/token.ts";
import { MAX_BODY_BYTES, readJson } from "../../shared/http/body.ts";
import { readRequest } from "../../shared/http/request.ts";
import { InvalidRequestError } from "../../shared/runtime/errors.ts";
import { functionUrlEvent } from "./events.ts";

const schema = z.strictObject({
  identity: z.strictObject({ name: personName, idCardNumber }).optional(),
  reference: z.string().max(8).optional(),
  kind: z.enum(["a", "b"]).optional(),
});
const person = (over: object) => ({ name: "张三", idCardNumber: "11010119900307002X", ...over });

/** What a call throws. */
function refusalOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequestError);
    return error;
  }
  throw new Error("nothing was refused");
}

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
    ["{", "The body is not JSON in UTF-8.", "请求体不是 UTF-8 编码的 JSON。"],
    ["reference=x", "The body is not JSON in UTF-8.", "请求体不是 UTF-8 编码的 JSON。"],
    ["[]", "body: must be object", "请求体：类型必须是 object"],
    ["null", "body: must be object", "请求体：类型必须是 object"],
    ['"x"', "body: must be object", "请求体：类型必须是 object"],
    ['{"reference":5}', "reference: must be string", "reference：类型必须是 string"],
    ['{"reference":null}', "reference: must be string", "reference：类型必须是 string"],
    ['{"identity":{"name":"x"}}', "identity.idCardNumber: is missing", "identity.idCardNumber：缺失"],
    ['{"identity":"x"}', "identity: must be object", "identity：类型必须是 object"],
    ['{"zzz":1}', "unknown field: zzz", "未知字段：zzz"],
    ['{"订单":1}', "unknown field", "未知字段"],
    [
      '{"reference":5,"zzz":1}',
      "reference: must be string; unknown field: zzz",
      "reference：类型必须是 string；未知字段：zzz",
    ],
    [
      '{"identity":{"name":"张三","idCardNumber":"11010119900307002X","age":3}}',
      "identity: unknown field: age",
      "identity：未知字段：age",
    ],
    [
      '{"identity":{"name":"张三","idCardNumber":"110101199003070021"}}',
      "identity.idCardNumber: has a wrong check digit",
      "identity.idCardNumber：校验位不正确",
    ],
  ])("%s is refused: %s", (body, en, zh) => {
    expect(refusalOf(() => read(body))).toMatchObject({
      code: "invalid_request",
      message: en,
      text: { en, zh },
    });
  });

  test.each<[unknown, string]>([
    [{ reference: "" }, "reference：至少 1 个字符"],
    [{ reference: "x".repeat(129) }, "reference：最多 128 个字符"],
    [{ subject: "a\u0000" }, "subject：含有控制字符"],
    [{ returnUrl: "x".repeat(2_049) }, "returnUrl：最多 2048 个字符"],
    [{ identity: person({ name: " " }) }, "identity.name：必须有 1 到 32 个字符"],
    [{ identity: person({ name: "张\u200b三" }) }, "identity.name：含有姓名中不会有的字符"],
    [
      { identity: person({ idCardNumber: "1" }) },
      "identity.idCardNumber：必须是 18 位：17 位数字加一位数字或 X",
    ],
    [
      { identity: person({ idCardNumber: "110101190002290031" }) },
      "identity.idCardNumber：其中的出生日期不存在",
    ],
  ])("of a token request, %j, is refused in Chinese too: %s", (body, zh) => {
    const request = readRequest(functionUrlEvent({ body: JSON.stringify(body) }));
    const refusal = refusalOf(() => readJson(request, tokenRequest));
    expect(refusal).toMatchObject({ text: { zh } });
    expect(refusal).toMatchObject({ text: { en: expect.stringMatching(/^\p{ASCII}+$/u) } });
  });

  test("that breaks a rule without words of its own is refused in both languages all the same", () => {
    expect(refusalOf(() => read('{"kind":"c"}'))).toMatchObject({
      text: { en: expect.stringMatching(/^kind: /), zh: "kind：无效" },
    });
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
          expect(JSON.stringify(error) + String(error)).not.toContain("秘");
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
