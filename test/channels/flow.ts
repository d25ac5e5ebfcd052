/** A flow through the gateway in the channels eID and WeChat: what the client, the person and the provider do in it. */
import * as z from "zod";
import { verification as anyVerification } from "../../shared/contract/verification.ts";
import type { Caller } from "../support/callers.ts";

import { type Identity, somebody } from "../support/people.ts";
import type { Answer } from "../support/request.ts";
import { send } from "../support/request.ts";
import type { TestStack } from "../support/stack.ts";

const channel = z.enum(["eid", "wechat"]);

/** 201 of `POST /tokens/eid` and `/tokens/wechat`. */
export const tokenAnswer = z.strictObject({
  verificationId: z.string().regex(/^ver_[0-9a-f-]{36}$/),
  channel,
  status: z.literal("pending"),
  expiresAt: z.iso.datetime({ precision: 3 }),
  start: z.union([
    z.strictObject({ eidToken: z.string().min(1) }),
    z.strictObject({ eidToken: z.string().min(1), url: z.url() }),
    z.strictObject({ userIdKey: z.string().min(1) }),
    z.strictObject({ verifyId: z.string().min(1) }),
  ]),
});

const verification = z.strictObject({ ...anyVerification.shape, channel });
const completed = z.looseObject({ verifyResult: z.string().optional() });

/** A verification as the world sees it. */
export type Verification = z.infer<typeof verification>;

/** Parses an answer that has to be a verification. */
export function verificationIn(answer: Answer): Verification {
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return verification.parse(answer.json());
}

/** A control of the simulator that has no method of its own. */
export async function simControl(stack: TestStack, path: string, body: unknown): Promise<unknown> {
  const answer = await send("POST", `${stack.running.simulatorUrl}/_sim/${path}`, { body });
  if (answer.status !== 200) throw new Error(`_sim/${path}: ${answer.status} ${answer.text}`);
  return answer.json();
}

/** One verification with everybody who takes part in it. */
export interface Flow {
  readonly id: string;
  readonly user: Caller;
  readonly identity: Identity | undefined;
  readonly start: Readonly<Record<string, string>>;
  readonly expiresAt: string;
  /** The provider's token. */
  readonly token: string;
  /** The person finishes; answers the result token of WeChat v1. No push comes of it unless `more` says so. */
  complete(outcome: string, more?: { push?: boolean; openid?: string }): Promise<string>;
  /** The client says that the person has finished. */
  finish(body?: unknown): Promise<Verification>;
  read(): Promise<Verification>;
}

/** Starts a verification of a user whose openid is `openid`. `body` replaces what is sent besides the identity. */
export async function startFlow(
  stack: TestStack,
  through: "eid" | "wechat",
  { openid = "mei", identity = somebody() as Identity | null, body = {} as Record<string, unknown> } = {},
): Promise<Flow> {
  const user = await stack.asUser(openid);
  if (identity) stack.keepSecret(identity.name, identity.idCardNumber);
  const answer = await user.send("POST", `/tokens/${through}`, {
    body: { ...(identity && { identity }), ...body },
  });
  if (answer.status !== 201) throw new Error(`POST /tokens/${through}: ${answer.status} ${answer.text}`);
  const { verificationId: id, start, expiresAt } = tokenAnswer.parse(answer.json());
  const [token = ""] = Object.values(start);
  stack.keepSecret(token);
  return {
    id,
    user,
    identity: identity ?? undefined,
    start,
    expiresAt,
    token,
    complete: async (outcome, more = {}) => {
      const body = { token, outcome, push: false, ...(through === "wechat" && { openid }), ...more };
      const { verifyResult = "" } = completed.parse(await simControl(stack, "complete", body));
      if (verifyResult) stack.keepSecret(verifyResult);
      return verifyResult;
    },
    finish: async (said = {}) => {
      await stack.momentPasses();
      return verificationIn(await user.send("POST", `/verifications/${id}/finish`, { body: said }));
    },
    read: async () => verificationIn(await user.send("GET", `/verifications/${id}`)),
  };
}
