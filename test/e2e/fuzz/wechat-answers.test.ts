/** WeChat's answers, random and nearly right: a ProviderError or exactly what was said, never a pass out of something else. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { openEidUserInfo } from "../../../shared/providers/tencent-cloud/eid-user-info.ts";
import { code2Session } from "../../../shared/providers/wechat/code2session.ts";
import type { WechatClient } from "../../../shared/providers/wechat/http.ts";
import { getStableToken } from "../../../shared/providers/wechat/stable-token.ts";
import { getImage, getInfo } from "../../../shared/providers/wechat/v1.ts";
import { getVerifyId, queryVerifyInfo } from "../../../shared/providers/wechat/v2.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 2_000);
const clientAnswering = (bytes: Buffer): WechatClient => ({ send: () => Promise.resolve(bytes) });
const app = { appId: "wx0000000000000001", appSecret: "s" };
const request = {
  outSeqNo: "seq-1",
  openid: "o1",
  verifyId: "v",
  certificate: { certName: "测试甲", certNo: "11010119900307001X" },
};

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    "0",
    null,
    false,
    "",
    [],
    [0],
    {},
    10000,
    "10000",
    "1e400",
    -0,
    0.5,
    "o1",
    "a".repeat(32),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const nearly = fc.record(
  Object.fromEntries(
    [
      ...["errcode", "errmsg", "identify_ret", "verify_ret", "openid", "id_card_number_md5", "name_utf8_md5"],
      ...[
        "user_id_key",
        "verify_id",
        "expires_in",
        "access_token",
        "session_key",
        "unionid",
        "identify_time",
      ],
    ].map((field) => [field, odd]),
  ),
  { requiredKeys: [] },
);
const answers = fc.oneof(
  nearly.map((value) => Buffer.from(JSON.stringify(value))),
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
);

/** What was answered, or `undefined` if a ProviderError was thrown; anything else thrown fails the test. */
async function answered<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof ProviderError) return undefined;
    throw error;
  });
}

test("every call answers what is there or throws a ProviderError", async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (bytes) => {
      const client = clientAnswering(bytes);
      const said = (): Record<string, unknown> => JSON.parse(bytes.toString());

      const info = await answered(getInfo(client, "t", "r"));
      if (info) {
        expect(said()["errcode"]).toBe(0);
        expect(info.identifyRet === said()["identify_ret"]).toBe(true);
        if (info.identifyRet === 0)
          expect(info.openid && info.idCardNumberMd5 && info.nameUtf8Md5).toBeTruthy();
      }
      const verified = await answered(queryVerifyInfo(client, "t", request));
      if (verified) {
        expect(said()["errcode"]).toBe(0);
        expect(verified.verifyRet === said()["verify_ret"]).toBe(true);
      }
      const session = await answered(code2Session(client, app, "c"));
      if (session) expect(session.openid).toBe(said()["openid"]);
      await answered(getVerifyId(client, "t", request));
      await answered(getStableToken(client, app, new Date(0)));
      const image = await answered(getImage(client, "t", "r"));
      if (image) expect(bytes.subarray(0, 2).toString("hex")).toMatch(/^(ffd8|8950)$/);
    }),
    { numRuns },
  );
});

test("an eID envelope of anything is refused by a ProviderError", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("base64")),
    fc
      .uint8Array({ minLength: 110, maxLength: 124 })
      .map((bytes) => Buffer.concat([Buffer.from([0x30, bytes.length, 2, 32]), bytes]).toString("base64")),
  );
  fc.assert(
    fc.property(text, text, (desKey, userInfo) => {
      try {
        openEidUserInfo({ desKey, userInfo }, "39".repeat(32));
      } catch (error) {
        return error instanceof ProviderError;
      }
      return false;
    }),
    { numRuns },
  );
});
