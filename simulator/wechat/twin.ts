import type { Twin } from "../twin.ts";
import { weChatDialect } from "./envelope.ts";
import { JSCODE2SESSION, jscode2session } from "./jscode2session.ts";

/** WeChat's own API, api.weixin.qq.com. */
export const weChatTwin: Twin = {
  apis: [{ name: JSCODE2SESSION, dialect: weChatDialect, perSecond: null }],
  open({ faults }) {
    return { routes: [{ method: "GET", path: "/sns/jscode2session", handle: jscode2session(faults) }] };
  },
};
