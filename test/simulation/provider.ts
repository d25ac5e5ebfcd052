/**
 * The providers, in memory: what is true about each flow, told in the vendors' words. This is the model that the invariants
 * judge by; it knows nothing of our tables.
 */
import { ProviderError } from "../../shared/providers/provider-error.ts";
import type { DetectInfoAnswer, Eid, FaceId, RawAnswer } from "../../shared/providers/tencent-cloud/index.ts";
import { type CallOptions, withinTimeLimit } from "../../shared/providers/time-limit.ts";
import type { Identity } from "../support/people.ts";
import { type Flow, mediumOf } from "./flow.ts";
import { type Instance, thisInstance } from "./instance.ts";
import { theWorld } from "./time.ts";

/** As of the vendor's documents. */
const RESULT_LIFETIME_MS = 259_200_000;
const TOKEN_LIFETIME_MS = 7_200_000;
const CALL_TIMEOUT_MS = 10_000;

/** What providers know, and how they are. */
export interface ProviderState {
  readonly flows: Map<string, Flow>;
  /** Tokens issued, by the intent of the instance that asked. */
  readonly issued: { readonly instance: Instance; readonly flow: Flow }[];
  /** WeChat's v2 takes each of our numbers once. */
  readonly usedNumbers: Set<string>;
  /** Hears of each question for a result. */
  readonly onQuestion: (instance: Instance, api: string) => void;
  isDown: () => boolean;
  malformed: () => number;
  rateLimited: () => number;
}

/** Providers that know nothing yet. */
export const newProviders = (onQuestion: ProviderState["onQuestion"]): ProviderState => ({
  flows: new Map(),
  usedNumbers: new Set(),
  issued: [],
  onQuestion,
  isDown: () => false,
  malformed: () => 0,
  rateLimited: () => 0,
});

const text = (bytes: Buffer) => bytes.toString("base64");

/** Makes a call to a provider. */
export function ask<T>(
  state: () => ProviderState,
  operation: string,
  options: CallOptions,
  work: (state: ProviderState) => T,
): Promise<T> {
  const unavailable = () => new ProviderError("unavailable", operation);
  return withinTimeLimit(operation, CALL_TIMEOUT_MS, options, (signal) =>
    thisInstance().call<T>({
      seam: "provider",
      label: operation,
      signal,
      trouble: unavailable,
      work: () => {
        const { chance } = theWorld();
        if (state().isDown())
          throw chance.happens(0.5)
            ? unavailable()
            : new ProviderError("unavailable", operation, { code: "InternalError" });
        if (chance.happens(state().rateLimited()))
          throw new ProviderError("rate-limited", operation, { code: "RequestLimitExceeded" });
        if (chance.happens(state().malformed())) throw new ProviderError("malformed", operation);
        return work(state());
      },
    }),
  );
}

/** Makes a token. */
export function issue(
  state: ProviderState,
  service: Flow["service"],
  facts: Pick<Flow, "verificationId" | "asked">,
  lifetimeMs = TOKEN_LIFETIME_MS,
  resultMs = RESULT_LIFETIME_MS,
): Flow {
  const { now, chance } = theWorld();
  const token = `CANARY-TOKEN-${Math.floor(chance.next() * 2 ** 52).toString(36)}`;
  const flow: Flow = {
    service,
    token,
    ...facts,
    createdAt: now,
    expiresAt: now + lifetimeMs,
    purgeAt: now + resultMs,
    tries: [],
    person: facts.asked,
    openid: "",
    broken: undefined,
  };
  state.flows.set(token, flow);
  state.issued.push({ instance: thisInstance(), flow });
  return flow;
}

function find(state: ProviderState, token: string, operation: string): Flow {
  const flow = state.flows.get(token);
  state.onQuestion(thisInstance(), operation);
  if (!flow) throw new ProviderError("unknown-token", operation, { code: "InvalidParameter" });
  if (theWorld().now >= flow.purgeAt)
    throw new ProviderError("purged", operation, { code: "InvalidParameterValue.BizTokenExpired" });
  return flow;
}

/** The sections of a result, in the vendor's words. */
function sectionsOf(flow: Flow, infoType: string, isRaw: boolean): DetectInfoAnswer & RawAnswer {
  const { tries, person, verificationId, broken } = flow;
  const last = tries.at(-1);
  const isNamed = flow.service === "faceid" && last !== undefined;
  if (broken === "text" && isRaw && infoType.includes("1"))
    throw new ProviderError("rejected", "result", { code: "FailedOperation.Refused" });
  const Text = {
    ErrCode: last?.code ?? null,
    ErrMsg: last ? "said" : null,
    IdCard: isNamed ? (person?.idCardNumber ?? null) : null,
    Name: isNamed ? (person?.name ?? null) : null,
    LiveStatus: last?.code ?? null,
    Comparestatus: last?.code ?? null,
    Extra: verificationId,
    LivenessDetail: tries.map(({ seq, at, code }) => ({
      Seq: seq,
      ReqTime: String(Math.floor(at)),
      Errcode: code,
      IsNeedCharge: code === 0,
    })),
  };
  const frame = (name: string) => (broken === "best-frame" ? "not base64!" : text(mediumOf(flow, name)));
  return {
    ...(infoType.includes("1") && { Text }),
    ...(infoType.includes("3") &&
      last && { BestFrame: { BestFrame: frame("best-frame"), BestFrames: [frame("best-frame-1")] } }),
    ...(infoType.includes("4") && last && { VideoData: { LivenessVideo: text(mediumOf(flow, "video")) } }),
    IsVerifyIntention: false,
  };
}

const askedOf = ({
  Name,
  IdCard,
}: {
  readonly Name?: string;
  readonly IdCard?: string;
}): Identity | undefined => (Name && IdCard ? { name: Name, idCardNumber: IdCard } : undefined);

/** FaceID's client. */
export function simulatedFaceId(state: () => ProviderState): FaceId {
  type Query = { readonly BizToken: string; readonly InfoType: string };
  const api = "GetDetectInfoEnhanced";
  const query =
    (isRaw: boolean) =>
    ({ BizToken, InfoType }: Query, options: CallOptions = {}) =>
      ask(state, api, options, (known) => {
        const flow = find(known, BizToken, api);
        if (flow.broken === "video" && InfoType.includes("4"))
          throw new ProviderError("rejected", api, { code: "ResponseSizeLimitExceeded" });
        return sectionsOf(flow, InfoType, isRaw);
      });
  return {
    detectAuth: (request, options = {}) =>
      ask(state, "DetectAuth", options, (known) => {
        const facts = { verificationId: request.Extra ?? "", asked: askedOf(request) };
        const { token } = issue(known, "faceid", facts);
        return { BizToken: token, Url: `https://faceid.invalid/?token=${token}` };
      }),
    getDetectInfoEnhanced: query(false),
    getRawDetectInfo: query(true),
  };
}

/** The client of eID. */
export function simulatedEid(state: () => ProviderState): Eid {
  type Query = { readonly EidToken: string; readonly InfoType: string };
  const query =
    (isRaw: boolean) =>
    ({ EidToken, InfoType }: Query, options: CallOptions = {}) =>
      ask(state, "GetEidResult", options, (known) =>
        sectionsOf(find(known, EidToken, "GetEidResult"), InfoType, isRaw),
      );
  return {
    getEidToken: (request, options = {}) =>
      ask(state, "GetEidToken", options, (known) => {
        const facts = { verificationId: request.Extra ?? "", asked: askedOf(request) };
        return { EidToken: issue(known, "eid", facts).token, Url: "https://eid.invalid/" };
      }),
    checkEidTokenStatus: (token, options = {}) =>
      ask(state, "CheckEidTokenStatus", options, (known) => {
        const flow = known.flows.get(token);
        if (!flow) throw new ProviderError("unknown-token", "CheckEidTokenStatus");
        if (theWorld().now >= flow.purgeAt) throw new ProviderError("purged", "CheckEidTokenStatus");
        return { Status: flow.tries.length > 0 ? "finished" : "init" } as const;
      }),
    getEidResult: query(false),
    getRawEidResult: query(true),
  };
}
