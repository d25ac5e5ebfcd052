import * as z from "zod";
import { type Incoming, json, type Reply, type Route, withBody } from "../exchange.ts";
import type { Evidence } from "../media/evidence.ts";
import type { SimulatedService } from "../service.ts";
import { AccessTokens, type Grant } from "./access-tokens.ts";
import {
  catchErrors,
  checkApp,
  type Fields,
  jsonFields,
  WechatError,
  wechatErrorFormat,
  wechatReply,
} from "./api.ts";
import { WechatFlows } from "./flows.ts";
import { LoginSession } from "./login.ts";
import { pushRoutes } from "./push/routes.ts";
import { PushSender } from "./push/sender.ts";
import { findResult, getInfo, getUserIdKey } from "./v1.ts";
import { findFlow, getVerifyId, queryVerifyInfo } from "./v2.ts";

/** The paths of the APIs by name. */
const PATHS = {
  jscode2session: "/sns/jscode2session",
  token: "/cgi-bin/token",
  stable_token: "/cgi-bin/stable_token",
  getverifyid: "/cityservice/face/identify/getverifyid",
  queryverifyinfo: "/cityservice/face/identify/queryverifyinfo",
  getuseridkey: "/cityservice/face/identify/getuseridkey",
  getinfo: "/cityservice/face/identify/getinfo",
  getimage: "/cityservice/face/identify/getimage",
} as const;

type ApiName = keyof typeof PATHS;

const permissions = z.strictObject({ getimage: z.boolean() });

/** WeChat's API, api.weixin.qq.com: login, access tokens, v1 and v2 of the face API, and the message push. */
export const wechatService: SimulatedService = {
  apis: Object.keys(PATHS).map((name) => ({ name, errorFormat: wechatErrorFormat, perSecond: null })),
  start({ faults, folder, clock, evidence, settings }) {
    const tokens = new AccessTokens(folder, clock);
    const session = new LoginSession();
    const sender = new PushSender(settings.PUSH_URL, clock);
    const v1 = new WechatFlows(folder, clock, "v1");
    const v2 = new WechatFlows(folder, clock, "v2");
    let permitted = { getimage: false };

    const route = (method: Route["method"], name: ApiName, call: (incoming: Incoming) => Reply): Route => ({
      method,
      path: PATHS[name],
      handle: (incoming) => faults.withFault(name, () => catchErrors(() => call(incoming))),
    });
    const face = (name: ApiName, call: (body: Fields) => Reply) =>
      route("POST", name, (incoming) => {
        tokens.check(incoming.query.get("access_token"));
        return call(jsonFields(incoming));
      });

    return {
      routes: [
        route("GET", "jscode2session", ({ query }) => session.login(Object.fromEntries(query))),
        route("GET", "token", ({ query }) =>
          grantToken(Object.fromEntries(query), () => tokens.plainToken()),
        ),
        route("POST", "stable_token", (incoming) =>
          grantToken(jsonFields(incoming), (body) => tokens.stableToken(body["force_refresh"] === true)),
        ),
        face("getverifyid", (body) => getVerifyId(v2, body)),
        face("queryverifyinfo", (body) => queryVerifyInfo(v2, body)),
        face("getuseridkey", (body) => getUserIdKey(v1, body)),
        face("getinfo", (body) => getInfo(v1, body)),
        face("getimage", (body) => {
          if (!permitted.getimage) throw new WechatError(48001, "api unauthorized");
          return image(evidence, "verify_result" in body ? passedV1(v1, body) : passedV2(v2, body));
        }),
        {
          method: "POST",
          path: "/_sim/wechat/invalidate-token",
          handle: () => json({ invalidated: tokens.revokeAll() }),
        },
        {
          method: "POST",
          path: "/_sim/wechat/permissions",
          handle: (incoming) =>
            withBody(incoming, permissions, (given) => {
              permitted = given;
              return json(permitted);
            }),
        },
        ...pushRoutes(sender, session),
      ],
      controls: [v1.control(session, sender), v2.control(session, sender)],
    };
  },
};

function grantToken(fields: Fields, grant: (fields: Fields) => Grant): Reply {
  if (fields["grant_type"] !== "client_credential") throw new WechatError(40002, "invalid grant_type");
  checkApp(fields);
  return wechatReply(grant(fields));
}

/** `getimage`: the picture of a passed verification, binary. */
function image(evidence: Evidence, seed: string | undefined): Reply {
  if (seed === undefined) throw new WechatError(84003, "user info does not exist");
  return { status: 200, headers: { "content-type": "image/jpeg" }, body: evidence.bestFrame(seed, 0) };
}

function passedV1(flows: WechatFlows, body: Fields): string | undefined {
  const { attempt } = findResult(flows, body);
  return attempt.code === 0 ? attempt.verifyResult : undefined;
}

function passedV2(flows: WechatFlows, body: Fields): string | undefined {
  const flow = findFlow(flows, body);
  return flow.finished ? flow.token : undefined;
}
