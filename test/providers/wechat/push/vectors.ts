/** Published vectors of the message push (developers.weixin.qq.com, 消息推送 and 消息加解密), each recomputed with node:crypto. */
export const token = "AAAAA";
export const aesKey = "A".repeat(43);
export const appId = "wxba5fad812f8e6fb9";

export const get = {
  timestamp: "1714036504",
  nonce: "1514711492",
  echostr: "4375120948345356249",
  signature: "f464b24fc39322e44b38aa78f5edd27bd1441696",
};

export const plain = {
  timestamp: "1714037059",
  nonce: "486452656",
  signature: "899cf89e464efb63f54ddac96b0a0a235f53aa78",
};

export const secure = {
  timestamp: "1714112445",
  nonce: "415670741",
  signature: "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
  msgSignature: "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
  random: "a8eedb185eb2fecf",
  message:
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}',
  encrypt:
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
};

export const reply = {
  timestamp: "1713424427",
  nonce: "415670741",
  random: "707722b803182950",
  message: '{"demo_resp":"good luck"}',
  encrypt: "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
  msgSignature: "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
};

/** The Java sample of the older document. */
export const javaSample = {
  aesKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
  appId: "wxb11529c136998cb6",
  random: "aaaabbbbccccdddd",
  message: "我是中文abcd123",
  encrypt: "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
};
