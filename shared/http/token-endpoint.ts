/** What the token functions share: the request and response of `POST /tokens/…`, the same for every channel. */
import type { Channel, Identity } from "../channels/types.ts";
import type { AllSettings } from "../config/settings.ts";
import { idempotencyKey, tokenResponse } from "../contract/token.ts";
import type { Keyring } from "../crypto/keyring.ts";
import { IdentityRequiredError, InvalidRequestError } from "../runtime/errors.ts";
import { REQUEST_BUDGET_MS, timeBudget } from "../runtime/time-budget.ts";
import type { Sql } from "../store/sql.ts";
import { type Landing, type StartDeps, type Started, start } from "../verification/start.ts";
import { ownerFor } from "./auth.ts";
import type { RouteContext, RouteResult } from "./function.ts";

/** The settings that every token function needs. */
export const tokenSettings = ["LIMIT_PER_OWNER", "LIMIT_PER_PERSON"] as const;

/** Whether a channel's request carries a person. */
export type IdentityPolicy = "required" | "optional" | "forbidden";

/** The routes of the token functions; their requests and responses are the same. */
type TokenRoute = "issueMiniProgram" | "issueH5" | "issueEid" | "issueWechat";

/** What differs between the token functions. */
export interface TokenEndpointOptions {
  readonly db: Sql;
  readonly keyring: Keyring;
  readonly settings: Pick<AllSettings, (typeof tokenSettings)[number]>;
  readonly channel: Channel;
  readonly identityPolicy: IdentityPolicy;
  /** Only for channels whose browser comes back to us. */
  readonly landing?: Landing & {
    /** Checks where the landing page may send the browser on to; throws `InvalidRequestError`. */
    readonly checkReturnUrl: (url: string) => string;
  };
}

/** Makes the handler of a token route. */
export function tokenEndpoint(options: TokenEndpointOptions) {
  const { settings, channel, landing } = options;
  const deps: StartDeps = {
    db: options.db,
    keyring: options.keyring,
    channel,
    limitPerOwner: settings.LIMIT_PER_OWNER,
    limitPerPerson: settings.LIMIT_PER_PERSON,
    ...(landing && { landing }),
  };
  return async ({
    request,
    body,
    caller,
    remainingMs,
  }: RouteContext<TokenRoute>): Promise<RouteResult<TokenRoute>> => {
    const key = request.headers["idempotency-key"];
    const wanted = {
      caller: `${caller.scope}:${caller.subject}`,
      owner: ownerFor(caller, body.subject),
      limitOwner: caller.scope === "user" || body.subject !== undefined,
      ...checkIdentity(options.identityPolicy, body.identity),
      ...(body.reference !== undefined && { reference: body.reference }),
      ...(body.returnUrl !== undefined && { returnUrl: checkReturnUrl(options, body.returnUrl) }),
      ...(key !== undefined && { idempotencyKey: checkKey(key) }),
    };
    const started = await start(deps, wanted, { signal: timeBudget(remainingMs, REQUEST_BUDGET_MS) });
    return presentStarted(started);
  };
}

function checkIdentity(policy: IdentityPolicy, identity: Identity | undefined): { identity?: Identity } {
  if (policy === "required" && !identity) {
    throw new IdentityRequiredError({
      en: "identity: this channel needs a name and an ID number.",
      zh: "identity：这个核身方式需要姓名和身份证号。",
    });
  }
  if (policy === "forbidden" && identity) {
    throw new InvalidRequestError({
      en: "identity: this channel does not take one; the person is asked by the provider.",
      zh: "identity：这个核身方式不接受此字段，由服务方向本人询问。",
    });
  }
  return identity ? { identity } : {};
}

function checkReturnUrl({ landing }: TokenEndpointOptions, url: string): string {
  if (!landing)
    throw new InvalidRequestError({
      en: "returnUrl: this channel has no page that could return.",
      zh: "returnUrl：这个核身方式没有可以返回的页面。",
    });
  return landing.checkReturnUrl(url);
}

function checkKey(key: string): string {
  const parsed = idempotencyKey.safeParse(key);
  if (!parsed.success)
    throw new InvalidRequestError({
      en: "Idempotency-Key: must be 1 to 255 visible ASCII characters.",
      zh: "Idempotency-Key：必须是 1 到 255 个可见的 ASCII 字符。",
    });
  return parsed.data;
}

const presentStarted = ({ row, start }: Started): RouteResult<TokenRoute> =>
  tokenResponse.parse({
    verificationId: row.id,
    channel: row.channel,
    // Of a repeated request the verification may be settled by now.
    status: row.status,
    expiresAt: row.expiresAt?.toISOString(),
    start,
  });
