import * as z from "zod";
import { CloudError } from "../faceid/envelope.ts";
import type { Flow, Flows } from "../faceid/flows.ts";
import type { Action, Fields } from "../faceid/gateway.ts";
import { parsedParameters, required } from "../faceid/parameters.ts";
import { asks, bestFrames, cardImages, mediaQuery } from "../faceid/result-media.ts";
import { resultText } from "../faceid/result-text.ts";
import type { Evidence } from "../media/evidence.ts";
import type { Person } from "../people.ts";
import { intentionResult } from "./intention.ts";
import { type EidInfo, NO_IDENTITY } from "./sealed-identity.ts";

/** The parameters of GetEidResult (public doc 1007/54090); there is no video, so InfoType has no 4. */
const parameters = z.strictObject({
  EidToken: required(64),
  ...mediaQuery(/^[012356]{0,6}$/),
});

const MAX_BEST_FRAMES = 3;

/** GetEidResult; `seal` encrypts the verified person into EidInfo. */
export function getEidResult(
  flows: Flows,
  evidence: Evidence,
  seal: (person: Person, flow: Flow) => EidInfo,
): Action {
  return (body) => {
    const given = parsedParameters(body, parameters);
    return () => {
      const flow = readableFlow(flows, given.EidToken);
      const last = flow.attempts.at(-1);
      return {
        Text: asks(given, "1") ? withoutIdentity(resultText(flow)) : null,
        IdCardData: cardImages(flow, evidence, given, ""),
        BestFrame: bestFrames(flow, evidence, given, MAX_BEST_FRAMES, ""),
        EidInfo: flow.finished && last?.code === 0 ? seal(last, flow) : NO_IDENTITY,
        ...intentionResult(flow, evidence, given),
      };
    };
  };
}

const statusParameters = z.strictObject({ EidToken: required(64) });

/** CheckEidTokenStatus (public doc 1007/58231). A failed attempt that may be repeated leaves the status at `doing`. */
export function checkEidTokenStatus(flows: Flows): Action {
  return (body) => {
    const { EidToken } = parsedParameters(body, statusParameters);
    return () => {
      const flow = readableFlow(flows, EidToken);
      const state = flows.stateOf(flow);
      if (state === "finished") return { Status: "finished" };
      if (state === "expired") return { Status: "timeout" };
      return { Status: flow.opened || state === "attempted" ? "doing" : "init" };
    };
  };
}

function readableFlow(flows: Flows, token: string): Flow {
  const flow = flows.find(token);
  if (!flow) throw new CloudError("InvalidParameterValue.BizTokenIllegal", "BizToken不合法。");
  if (flows.stateOf(flow) !== "purged") return flow;
  throw new CloudError("InvalidParameterValue.BizTokenExpired", "BizToken过期。");
}

/** eID leaves names and numbers out of the text: the fields are present and empty. */
function withoutIdentity(text: Fields): Fields {
  const detail = z.array(z.record(z.string(), z.unknown())).parse(text["LivenessDetail"]);
  const unnamed = detail.map((attempt) => ({ ...attempt, Idcard: "", Name: "" }));
  return { ...text, IdCard: "", Name: "", OcrName: "", OcrIdCard: "", LivenessDetail: unnamed };
}
