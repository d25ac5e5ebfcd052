import type { Route } from "../exchange.ts";
import { json } from "../exchange.ts";
import type { Faults } from "../faults.ts";
import type { AccessTokens, Grant } from "./access-tokens.ts";
import { APP_ID, APP_SECRET } from "./account.ts";
import { answered, guarded, WeChatError } from "./envelope.ts";
import { bodyOf } from "./request.ts";

/** The names in faults. */
export const TOKEN = "token";
export const STABLE_TOKEN = "stable_token";

/** Both token endpoints, and the control that makes the tokens useless. */
export function tokenRoutes(faults: Faults, tokens: AccessTokens): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/cgi-bin/token",
      handle: ({ query }) =>
        faults.during(TOKEN, () =>
          guarded(() =>
            granted(
              (name) => query.get(name),
              () => tokens.plainToken(),
            ),
          ),
        ),
    },
    {
      method: "POST",
      path: "/cgi-bin/stable_token",
      handle: (incoming) =>
        faults.during(STABLE_TOKEN, () =>
          guarded(() => {
            const body = bodyOf(incoming);
            return granted(
              (name) => body[name],
              () => tokens.stableToken(body["force_refresh"] === true),
            );
          }),
        ),
    },
    {
      method: "POST",
      path: "/_sim/wechat/invalidate-token",
      handle: () => json({ invalidated: tokens.revokeAll() }),
    },
  ];
}

function granted(field: (name: string) => unknown, grant: () => Grant) {
  const text = (name: string, missing: number) => {
    const value = field(name);
    if (typeof value !== "string" || value === "") throw new WeChatError(missing, `${name} missing`);
    return value;
  };
  if (field("grant_type") !== "client_credential") throw new WeChatError(40002, "invalid grant_type");
  if (text("appid", 41002) !== APP_ID) throw new WeChatError(40013, "invalid appid");
  if (text("secret", 41004) !== APP_SECRET) throw new WeChatError(40125, "invalid appsecret");
  return answered({ ...grant() });
}
