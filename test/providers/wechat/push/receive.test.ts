import * as wecom from "@wecom/crypto";
import { expect, test } from "vitest";
import { faceIdentifyEvent } from "../../../../shared/providers/wechat/push/face-identify.ts";
import {
  echo,
  type PushMode,
  type PushSettings,
  receivePush,
} from "../../../../shared/providers/wechat/push/receive.ts";
import { pushSignature } from "../../../../shared/providers/wechat/push/signed-query.ts";
import { writeFlatXml, writePush } from "../../../../shared/providers/wechat/push/write.ts";
import { aesKey, appId, get, plain, secure, token } from "./vectors.ts";

const now = new Date("2027-01-10T00:00:00Z");
const at = (timestamp: string, shiftSeconds = 0) => new Date((Number(timestamp) + shiftSeconds) * 1000);
const settings = (mode: PushMode): PushSettings => ({ mode, tokens: [token], aesKeys: [aesKey], appId });
const event = {
  ToUserName: "gh_1",
  FromUserName: "o1",
  CreateTime: 1703657835,
  MsgType: "event",
  Event: "face_identify",
  openid: "o1",
  out_seq_no: "seq-1",
  verify_result: "a-verify-result",
};
const written = (mode: PushMode, format: "json" | "xml" = "json", change: Partial<PushSettings> = {}) =>
  writePush({ ...settings(mode), ...change, format, now }, event);
const refusal = (reason: string, isFromWechat: boolean) =>
  expect.objectContaining({ name: "PushError", reason, isFromWechat });

const getQuery = { ...get };
const secureQuery = {
  signature: secure.signature,
  timestamp: secure.timestamp,
  nonce: secure.nonce,
  openid: "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
  encrypt_type: "aes",
  msg_signature: secure.msgSignature,
};
const secureBody = Buffer.from(JSON.stringify({ ToUserName: "gh_97417a04a28d", Encrypt: secure.encrypt }));

test("the published GET is echoed", () => {
  expect(echo(settings("secure"), at(get.timestamp), Object.entries(getQuery))).toBe(get.echostr);
});

test.each([
  ["a wrong signature", { signature: "0".repeat(40) }, 0, "signature"],
  ["no signature", { signature: undefined }, 0, "signature"],
  ["an upper-case signature", { signature: get.signature.toUpperCase() }, 0, "query"],
  ["another nonce", { nonce: "1514711493" }, 0, "signature"],
  ["no nonce", { nonce: undefined }, 0, "query"],
  ["a script to echo", { echostr: "<script>1</script>" }, 0, "query"],
  ["nothing to echo", { echostr: undefined }, 0, "query"],
  ["an old timestamp", {}, 301, "timestamp"],
  ["a timestamp ahead", {}, -301, "timestamp"],
])("a GET with %s is not echoed", (_case, change, shift, reason) => {
  const query = Object.entries({ ...getQuery, ...change }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  expect(() => echo(settings("secure"), at(get.timestamp, shift), query)).toThrow(refusal(reason, false));
});

test("the published plain POST is received", () => {
  const body = Buffer.from('{"MsgType":"event","Event":"debug_demo"}');
  expect(
    receivePush(settings("plain"), at(plain.timestamp), { query: Object.entries(plain), body }),
  ).toMatchObject({
    fields: { Event: "debug_demo" },
    signature: plain.signature,
    sentAt: at(plain.timestamp),
  });
});

test("the published secure POST is received", () => {
  const push = { query: new URLSearchParams(secureQuery), body: secureBody };
  expect(receivePush(settings("secure"), at(secure.timestamp), push)).toMatchObject({
    fields: { Event: "debug_demo", debug_str: "hello world", CreateTime: 1714112445 },
    signature: secure.msgSignature,
  });
});

test.each<[PushMode, "json" | "xml"]>([
  ["plain", "json"],
  ["plain", "xml"],
  ["compatible", "json"],
  ["compatible", "xml"],
  ["secure", "json"],
  ["secure", "xml"],
])("a face_identify event arrives in mode %s as %s", (mode, format) => {
  const { fields } = receivePush(settings(mode), now, written(mode, format));
  expect(faceIdentifyEvent(fields)).toEqual({
    toUserName: "gh_1",
    openid: "o1",
    outSeqNo: "seq-1",
    verifyResult: "a-verify-result",
  });
});

test("what an independent library encrypts and signs is received", () => {
  const timestamp = String(now.getTime() / 1000);
  const encrypt = wecom.encrypt(aesKey, writeFlatXml(event), appId);
  const query = new URLSearchParams({
    timestamp,
    nonce: "n1",
    encrypt_type: "aes",
    msg_signature: wecom.getSignature(token, timestamp, "n1", encrypt),
  });
  const body = Buffer.from(writeFlatXml({ ToUserName: "gh_1", Encrypt: encrypt }));
  expect(receivePush(settings("secure"), now, { query, body }).fields).toMatchObject({ openid: "o1" });
});

test("a query as a map of all values is read like pairs", () => {
  const { query, body } = written("secure");
  const all = new Map([...query].map(([name, value]) => [name, [value]] as const));
  expect(receivePush(settings("secure"), now, { query: all, body }).fields).toMatchObject({ openid: "o1" });
});

test.each<[PushMode, PushMode, string]>([
  ["secure", "plain", "mode"],
  ["secure", "compatible", "mode"],
  ["compatible", "plain", "mode"],
  ["plain", "secure", "mode"],
  ["plain", "compatible", "mode"],
])("configured %s does not accept %s", (configured, sent, reason) => {
  for (const format of ["json", "xml"] as const) {
    expect(() => receivePush(settings(configured), now, written(sent, format))).toThrow(
      refusal(reason, true),
    );
  }
});

test("while the console is switched, compatible also accepts secure", () => {
  expect(receivePush(settings("compatible"), now, written("secure")).fields).toMatchObject({ openid: "o1" });
});

test("a push without msg_signature is refused, though its signature is right", () => {
  const { query, body } = written("secure");
  query.delete("msg_signature");
  expect(() => receivePush(settings("secure"), now, { query, body })).toThrow(refusal("mode", true));
});

test("nor is one accepted whose encrypt_type was taken away, in either direction", () => {
  const { query, body } = written("secure");
  query.delete("encrypt_type");
  expect(() => receivePush(settings("secure"), now, { query, body })).toThrow(refusal("mode", true));
  expect(() => receivePush(settings("plain"), now, { query, body })).toThrow(refusal("mode", true));
  const open = written("plain");
  open.query.set("encrypt_type", "aes");
  expect(() => receivePush(settings("plain"), now, open)).toThrow(refusal("mode", true));
  open.query.set("encrypt_type", "raw");
  expect(receivePush(settings("plain"), now, open).fields).toMatchObject({ openid: "o1" });
});

test("the plain signature does not pass for the msg_signature", () => {
  const { query, body } = written("secure");
  query.set("msg_signature", query.get("signature") ?? "");
  expect(() => receivePush(settings("secure"), now, { query, body })).toThrow(refusal("signature", true));
});

test("in compatible mode what the body shows in the clear has no effect", () => {
  const { query, body } = written("compatible");
  const shown: Record<string, unknown> = JSON.parse(body.toString());
  const changed = Buffer.from(JSON.stringify({ ...shown, openid: "attacker", verify_result: "theirs" }));
  expect(receivePush(settings("compatible"), now, { query, body: changed }).fields).toMatchObject({
    openid: "o1",
    verify_result: "a-verify-result",
  });
});

test("a changed ciphertext is refused by its signature before anything is decrypted", () => {
  const { query, body } = written("secure");
  const envelope: { Encrypt: string } = JSON.parse(body.toString());
  for (const position of [0, 40, envelope.Encrypt.length - 5]) {
    const other = envelope.Encrypt[position] === "A" ? "B" : "A";
    const Encrypt = envelope.Encrypt.slice(0, position) + other + envelope.Encrypt.slice(position + 1);
    expect(() =>
      receivePush(settings("secure"), now, { query, body: Buffer.from(JSON.stringify({ Encrypt })) }),
    ).toThrow(refusal("signature", true));
  }
});

test.each([-300, 0, 300])("a push %i s away is fresh", (shift) => {
  const when = new Date(now.getTime() + shift * 1000);
  for (const mode of ["plain", "secure"] as const) {
    expect(receivePush(settings(mode), when, written(mode)).fields).toMatchObject({ openid: "o1" });
  }
});

test.each([-301, 301, 86_400])("a push %i s away is refused", (shift) => {
  const when = new Date(now.getTime() + shift * 1000);
  for (const mode of ["plain", "compatible", "secure"] as const) {
    expect(() => receivePush(settings(mode), when, written(mode))).toThrow(refusal("timestamp", false));
  }
});

test("a fresh timestamp put on an old push is refused", () => {
  const { query, body } = written("secure");
  query.set("timestamp", String(now.getTime() / 1000 + 3600));
  const when = new Date(now.getTime() + 3_600_000);
  expect(() => receivePush(settings("secure"), when, { query, body })).toThrow(refusal("signature", false));
});

test("a message for another app is refused, and WeChat is told success", () => {
  const push = written("secure", "json", { appId: "wxother0000000000" });
  expect(() => receivePush(settings("secure"), now, push)).toThrow(refusal("appid", true));
});

test("Token and key may be changed one after the other", () => {
  const changing = { ...settings("secure"), tokens: ["next", token], aesKeys: ["B".repeat(43), aesKey] };
  expect(receivePush(changing, now, written("secure")).fields).toMatchObject({ openid: "o1" });
  const next = written("secure", "json", { tokens: ["next"], aesKeys: ["B".repeat(43)] });
  expect(receivePush(changing, now, next).fields).toMatchObject({ openid: "o1" });
  const gone = written("secure", "json", { tokens: ["before"] });
  expect(() => receivePush(changing, now, gone)).toThrow(refusal("signature", false));
});

test("any parameter twice is refused, also as an array", () => {
  for (const name of ["signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "openid"]) {
    const { query, body } = written("secure");
    query.append(name, query.get(name) ?? "x");
    query.append(name, "y");
    expect(() => receivePush(settings("secure"), now, { query, body })).toThrow(refusal("query", false));
    const arrays = new Map([...new Set(query.keys())].map((key) => [key, query.getAll(key)] as const));
    expect(() => receivePush(settings("secure"), now, { query: arrays, body })).toThrow(
      refusal("query", false),
    );
  }
});

test.each(["1e9", " 1799539200", "-1", "0x10", "１", "", "99999999999999999999"])(
  "timestamp %j is refused, however it is signed",
  (timestamp) => {
    const signature = pushSignature([token, timestamp, "n"]);
    const query = Object.entries({ signature, timestamp, nonce: "n" });
    expect(() => receivePush(settings("plain"), now, { query, body: Buffer.from("{}") })).toThrow(
      refusal("query", false),
    );
  },
);

test("an event that we cannot read is refused, and WeChat is told success", () => {
  for (const unreadable of ['{"Event":"subscribe_msg_popup_event","List":[', '{"Event":"a","Event":"b"}']) {
    for (const mode of ["plain", "compatible"] as const) {
      const { query } = written(mode);
      const push = { query, body: Buffer.from(unreadable) };
      expect(() => receivePush(settings(mode), now, push)).toThrow(refusal("body", true));
    }
  }
});

test("an event of another kind with fields inside fields is read as far as it is flat", () => {
  const body = Buffer.from('{"MsgType":"event","Event":"subscribe_msg_popup_event","List":[{"a":"b"}]}');
  const { query } = written("plain");
  const { fields } = receivePush(settings("plain"), now, { query, body });
  expect({ ...fields }).toEqual({ MsgType: "event", Event: "subscribe_msg_popup_event" });
  expect(faceIdentifyEvent(fields)).toBeUndefined();
});

test.each([null, true, false, [], {}, { a: { verify_result: "other" } }, [{ openid: "other" }]])(
  "face_identify with a field more that is %j is still face_identify",
  (extra) => {
    const body = Buffer.from(JSON.stringify({ ...event, NewField: extra }));
    const { query } = written("plain");
    const { fields } = receivePush(settings("plain"), now, { query, body });
    expect(faceIdentifyEvent(fields)).toEqual(faceIdentifyEvent(event));
  },
);

const inLines = secure.encrypt.replace(/.{76}/g, "$&\n");
test.each([
  ["around it", `<xml><Encrypt>\n  <![CDATA[${secure.encrypt}]]>\n</Encrypt></xml>`],
  ["inside it", `<xml><Encrypt><![CDATA[${inLines}]]></Encrypt></xml>`],
  ["inside and around it, in JSON", JSON.stringify({ Encrypt: `\r\n${inLines}\r\n` })],
])("the published push is read with line breaks %s", (_case, body) => {
  const push = { query: Object.entries(secureQuery), body: Buffer.from(body) };
  const { fields } = receivePush(settings("secure"), at(secure.timestamp), push);
  expect({ ...fields }).toEqual(JSON.parse(secure.message));
});

test("a push whose line breaks are signed is read too, and one signed otherwise is not", () => {
  const body = Buffer.from(JSON.stringify({ Encrypt: inLines }));
  const signed = (text: string) => pushSignature([token, secure.timestamp, secure.nonce, text]);
  const receive = (msg_signature: string) =>
    receivePush(settings("secure"), at(secure.timestamp), {
      query: Object.entries({ ...secureQuery, msg_signature }),
      body,
    });
  expect({ ...receive(signed(inLines)).fields }).toEqual(JSON.parse(secure.message));
  expect(() => receive(signed(`${secure.encrypt} `))).toThrow(refusal("signature", true));
});

test("a stranger's body is refused, and the stranger is not told success", () => {
  const query = Object.entries({ ...secureQuery, signature: "0".repeat(40), msg_signature: "0".repeat(40) });
  const push = { query, body: Buffer.from("<!DOCTYPE x>") };
  expect(() => receivePush(settings("secure"), at(secure.timestamp), push)).toThrow(refusal("body", false));
  expect(() => receivePush(settings("plain"), at(secure.timestamp), push)).toThrow(
    refusal("signature", false),
  );
});

test("other events are not face_identify, and one that says too little is refused", () => {
  expect(faceIdentifyEvent({ ...event, Event: "debug_demo" })).toBeUndefined();
  expect(faceIdentifyEvent({ ...event, MsgType: "text" })).toBeUndefined();
  expect(faceIdentifyEvent({})).toBeUndefined();
  for (const change of [{ openid: 5 }, { verify_result: "" }, { out_seq_no: 5 }]) {
    expect(() => faceIdentifyEvent({ ...event, ...change })).toThrow(refusal("body", true));
  }
  const { openid: _, ...without } = event;
  expect(() => faceIdentifyEvent(without)).toThrow(refusal("body", true));
});

test("a wrong EncodingAESKey is said to be the configuration, not the sender", () => {
  expect(() => receivePush({ ...settings("secure"), aesKeys: ["short"] }, now, written("secure"))).toThrow(
    expect.objectContaining({ name: "ProviderError", kind: "configuration" }),
  );
});
