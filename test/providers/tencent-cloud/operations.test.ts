/** Each call names, when it fails, the action that it sent: an operator looks for that name in Tencent Cloud's documents. */
import { expect, test } from "vitest";
import { eid } from "../../../shared/providers/tencent-cloud/eid.ts";
import { faceId } from "../../../shared/providers/tencent-cloud/faceid.ts";
import { faceIdBill, kms } from "../../../shared/providers/tencent-cloud/index.ts";
import { answering, type RawServer, rawServer } from "./raw-server.ts";

const person = { Name: "张三", IdCard: "11010119900307002X" };
const key = { region: "ap-guangzhou", keyId: "k", context: {} };
const query = { BizToken: "T-1", RuleId: "sim-rule", InfoType: "1" };
type Ask = (options: RawServer["options"]) => Promise<unknown>;
const withOptionalFields: Ask[] = [
  (options) => faceId(options).getDetectInfoEnhanced(query),
  (options) => faceId(options).getRawDetectInfo(query),
  (options) => eid(options).getEidResult({ EidToken: "T-1", InfoType: "1" }),
  (options) => eid(options).getRawEidResult({ EidToken: "T-1", InfoType: "1" }),
];
const withRequiredFields: Ask[] = [
  (options) => faceId(options).detectAuth({ RuleId: "sim-rule", ...person }),
  (options) => eid(options).getEidToken({ MerchantId: "m", Config: { InputType: "3" } }),
  (options) => eid(options).checkEidTokenStatus("T-1"),
  (options) => kms(options).encrypt(key, Buffer.from("x")),
  (options) => kms(options).decrypt(key, Buffer.from("x")),
  (options) => faceIdBill(options)({ Date: "2026-01-01", Cursor: 0 }),
];
const refusal = { Code: "AuthFailure.SecretIdNotFound", Message: "no" };

test.each([
  ...withRequiredFields.map(
    (ask) => ["without what it must have", "malformed", { Response: { RequestId: "r" } }, ask] as const,
  ),
  ...[...withRequiredFields, ...withOptionalFields].flatMap((ask) => [
    ["of another shape", "malformed", { Response: 7 }, ask] as const,
    ["that refuses", "configuration", { Response: { RequestId: "r", Error: refusal } }, ask] as const,
  ]),
])("an answer %s is named (%s): %j %s", async (_, kind, answer, ask) => {
  const server = await rawServer(answering(answer));
  const error = await ask(server.options).catch((thrown: unknown) => thrown);
  const [action] = server.requests.flatMap((request) => /x-tc-action: (\w+)/i.exec(request)?.[1] ?? []);
  expect(error).toMatchObject({ name: "ProviderError", kind, operation: action });
  expect(server.requests).toHaveLength(1);
});
