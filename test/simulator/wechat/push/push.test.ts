import { createServer } from "node:http";
import { decrypt, getSignature } from "@wecom/crypto";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { control, runningSimulator } from "../../running.ts";
import { face } from "../calls.ts";

const TOKEN = "simpushtoken";
const AES_KEY = "simAESKEY0123456789simAESKEY0123456789simAE";

interface Arrived {
  method: string;
  query: URLSearchParams;
  body: string;
  type: string;
}
const arrived: Arrived[] = [];
let answer: (arrival: Arrived) => string = () => "success";
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const arrival = {
    method: request.method ?? "",
    query: new URL(request.url ?? "", "http://x").searchParams,
    body: Buffer.concat(chunks).toString("utf8"),
    type: request.headers["content-type"] ?? "",
  };
  arrived.push(arrival);
  response.end(answer(arrival));
});
const port = await new Promise<number>((resolve) =>
  receiver.listen(0, "127.0.0.1", () => {
    const address = receiver.address();
    resolve(typeof address === "object" && address ? address.port : 0);
  }),
);
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});
const { origin } = await runningSimulator({ PUSH_URL: `http://127.0.0.1:${port}/wechat/push` });

beforeEach(async () => {
  arrived.length = 0;
  answer = () => "success";
  const settings = { mode: "secure", format: "json", duplicates: 0, delayMs: 0, lose: false };
  await control(origin, "POST", "push", settings);
});
async function finished(): Promise<string> {
  const person = { name: "测试甲", id_card_number: "110101199003070011", out_seq_no: "seq-1" };
  const { user_id_key } = await face(origin, "getuseridkey", person);
  const completion = { token: user_id_key, outcome: "passed", openid: "alice" };
  const { body } = await control(origin, "POST", "complete", completion);
  return (body as { verifyResult: string }).verifyResult;
}
const arrivals = (count: number) => vi.waitFor(() => expect(arrived).toHaveLength(count), { timeout: 6_000 });
const event = (verify_result: string) => ({
  ToUserName: "gh_sim000000001",
  FromUserName: "alice",
  CreateTime: expect.any(Number),
  MsgType: "event",
  Event: "face_identify",
  openid: "alice",
  out_seq_no: "seq-1",
  verify_result,
});
function signedRight({ query }: Arrived): boolean {
  const [timestamp, nonce] = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
  return query.get("signature") === getSignature(TOKEN, timestamp, nonce, "");
}
/** Decrypts `Encrypt` with another library, after checking the signature over it. */
function opened(encrypted: string, { query }: Arrived): string {
  const [timestamp, nonce] = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
  expect(query.get("encrypt_type")).toBe("aes");
  expect(query.get("msg_signature")).toBe(getSignature(TOKEN, timestamp, nonce, encrypted));
  const { message, id } = decrypt(AES_KEY, encrypted);
  expect(id).toBe("wxsim00000000000001");
  return message;
}

test("plain JSON is signed, and is the event itself", async () => {
  await control(origin, "POST", "push", { mode: "plain" });
  const verifyResult = await finished();
  await arrivals(1);
  for (const arrival of arrived) {
    expect(JSON.parse(arrival.body)).toEqual(event(verifyResult));
    expect(signedRight(arrival)).toBe(true);
    expect(arrival.query.has("msg_signature")).toBe(false);
  }
});

test("secure JSON shows only the receiver, and another library decrypts it", async () => {
  const verifyResult = await finished();
  await arrivals(1);
  for (const arrival of arrived) {
    const body = JSON.parse(arrival.body);
    expect(Object.keys(body)).toEqual(["ToUserName", "Encrypt"]);
    expect(JSON.parse(opened(body.Encrypt, arrival))).toEqual(event(verifyResult));
  }
});

test("compatible JSON has both", async () => {
  await control(origin, "POST", "push", { mode: "compatible" });
  const verifyResult = await finished();
  await arrivals(1);
  for (const arrival of arrived) {
    const { Encrypt, ...open } = JSON.parse(arrival.body);
    expect(open).toEqual(event(verifyResult));
    expect(JSON.parse(opened(Encrypt, arrival))).toEqual(event(verifyResult));
  }
});

test("XML has texts as CDATA, plain and encrypted", async () => {
  await control(origin, "POST", "push", { format: "xml" });
  const verifyResult = await finished();
  await arrivals(1);
  for (const arrival of arrived) {
    expect(arrival.type).toContain("text/xml");
    const [, encrypted = ""] = /<Encrypt><!\[CDATA\[(.+)\]\]><\/Encrypt><\/xml>$/.exec(arrival.body) ?? [];
    const message = opened(encrypted, arrival);
    expect(message).toContain(`<verify_result><![CDATA[${verifyResult}]]></verify_result>`);
    expect(message).toMatch(/<CreateTime>\d{10}<\/CreateTime>/);
  }
});

test("a push without a success response is retried, for five seconds at most", async () => {
  answer = () => (arrived.length < 3 ? "fail" : "success");
  await finished();
  await arrivals(3);
  const [first, , third] = arrived;
  expect(third?.body).toBe(first?.body);
});

test("duplicates are the same push again", async () => {
  await control(origin, "POST", "push", { duplicates: 2 });
  await finished();
  await arrivals(3);
  expect(new Set(arrived.map(({ body, query }) => body + query)).size).toBe(1);
});

test("a push can be late, or lost", async () => {
  await control(origin, "POST", "push", { delayMs: 300 });
  const began = performance.now();
  await finished();
  await arrivals(1);
  expect(performance.now() - began).toBeGreaterThan(290);
  await control(origin, "POST", "push", { delayMs: 0, lose: true });
  await finished();
  const { body } = await control(origin, "GET", "push");
  expect(JSON.stringify(body)).toContain('"outcome":"lost"');
  expect(arrived).toHaveLength(1);
});

test("any other event can be sent", async () => {
  await control(origin, "POST", "push", { mode: "plain" });
  await control(origin, "POST", "push/event", {
    event: "user_enter_tempsession",
    fields: { SessionFrom: "]]>" },
  });
  await arrivals(1);
  expect(arrived[0]?.body).toContain('"Event":"user_enter_tempsession"');
});

test("the console's echo is signed", async () => {
  answer = (arrival) => (signedRight(arrival) ? (arrival.query.get("echostr") ?? "") : "");
  expect(await control(origin, "POST", "push/verify")).toMatchObject({ body: { echoed: true } });
  answer = () => "success";
  expect(await control(origin, "POST", "push/verify")).toMatchObject({ body: { echoed: false } });
});

test.each([{ mode: "none" }, { duplicates: -1 }, { delay: 1 }])(
  "the setting %o is rejected",
  async (settings) => {
    expect((await control(origin, "POST", "push", settings)).status).toBe(400);
  },
);
