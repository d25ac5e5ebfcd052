import type { Twin, World } from "../twin.ts";
import { AccessTokens } from "./access-tokens.ts";
import { weChatDialect } from "./envelope.ts";
import { getInfo, getUserIdKey } from "./face1/calls.ts";
import { Face1Control } from "./face1/flow-control.ts";
import { Face1Flows } from "./face1/flows.ts";
import { getVerifyId, queryVerifyInfo } from "./face2/calls.ts";
import { Face2Control } from "./face2/flow-control.ts";
import { Face2Flows } from "./face2/flows.ts";
import { Images } from "./images.ts";
import { JSCODE2SESSION, jscode2session } from "./jscode2session.ts";
import { Phone } from "./phone.ts";
import { pushRoutes } from "./push/routes.ts";
import { PushSender } from "./push/sender.ts";
import { type Body, faceRoute } from "./request.ts";
import { STABLE_TOKEN, TOKEN, tokenRoutes } from "./token-routes.ts";

const NAMES = [
  JSCODE2SESSION,
  TOKEN,
  STABLE_TOKEN,
  "getverifyid",
  "queryverifyinfo",
  "getuseridkey",
  "getinfo",
  "getimage",
] as const;

/** WeChat's own API, api.weixin.qq.com: login, access tokens, the face API in both generations, and the message push. */
export const weChatTwin: Twin = {
  apis: NAMES.map((name) => ({ name, dialect: weChatDialect, perSecond: null })),
  open({ faults, folder, clock, evidence, settings }: World) {
    const tokens = new AccessTokens(folder, clock);
    const phone = new Phone();
    const sender = new PushSender(settings.PUSH_URL, clock);
    const face1 = new Face1Flows(folder, clock);
    const face2 = new Face2Flows(folder, clock);
    const images = new Images(evidence, clock, face1, face2);
    const face = (name: (typeof NAMES)[number], call: (body: Body) => ReturnType<typeof getInfo>) =>
      faceRoute(name, faults, tokens, call);
    return {
      routes: [
        { method: "GET", path: "/sns/jscode2session", handle: jscode2session(faults, phone) },
        ...tokenRoutes(faults, tokens),
        face("getverifyid", (body) => getVerifyId(face2, body)),
        face("queryverifyinfo", (body) => queryVerifyInfo(face2, body)),
        face("getuseridkey", (body) => getUserIdKey(face1, body)),
        face("getinfo", (body) => getInfo(face1, clock, body)),
        face("getimage", (body) => images.get(body)),
        images.permissionRoute(),
        ...pushRoutes(sender, phone),
      ],
      controls: [new Face1Control(face1, phone, sender), new Face2Control(face2)],
    };
  },
};
