import { expect, test } from "vitest";
import { pushSignature, sealed } from "../../../../simulator/wechat/push/message.ts";

// Vectors of WeChat's public message push references; the first four from the worked example, the last from the old
// official sample with a message beyond ASCII.
const KEY = "A".repeat(43);
const APP_ID = "wxba5fad812f8e6fb9";

test("the signature of the GET example", () => {
  expect(pushSignature("AAAAA", "1714036504", "1514711492")).toBe("f464b24fc39322e44b38aa78f5edd27bd1441696");
});

test("the signature of the plain POST example", () => {
  expect(pushSignature("AAAAA", "1714037059", "486452656")).toBe("899cf89e464efb63f54ddac96b0a0a235f53aa78");
});

test("the sealed message of the secure POST example, and its signature", () => {
  const message =
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,' +
    '"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}';
  const Encrypt = sealed(message, KEY, APP_ID, Buffer.from("a8eedb185eb2fecf"));
  expect(Encrypt).toBe(
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
  );
  const signature = pushSignature("AAAAA", "1714112445", "415670741", Encrypt);
  expect(signature).toBe("046e02f8204d34f8ba5fa3b1db94908f3df2e9b3");
});

test("the sealed reply of the example, and its signature", () => {
  const Encrypt = sealed('{"demo_resp":"good luck"}', KEY, APP_ID, Buffer.from("707722b803182950"));
  expect(Encrypt).toBe(
    "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
  );
  const signature = pushSignature("AAAAA", "1713424427", "415670741", Encrypt);
  expect(signature).toBe("1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1");
});

test("a message beyond ASCII is measured in bytes", () => {
  const key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
  expect(sealed("我是中文abcd123", key, "wxb11529c136998cb6", Buffer.from("aaaabbbbccccdddd"))).toBe(
    "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
  );
});
