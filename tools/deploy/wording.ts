/** How steps and failures read on a terminal. Nothing here ever holds the value of a setting. */
import type { ProviderError } from "../../shared/providers/provider-error.ts";
import type { Step } from "./difference.ts";
import type { DesiredTrigger } from "./plan.ts";

/** A step as a line says it. */
export function wordsOf(step: Step): string {
  switch (step.kind) {
    case "create":
      return "create the function";
    case "delete-failed":
      return "delete what a failed creation left";
    case "code":
      return "upload new code";
    case "configuration":
      return `update the configuration: ${step.changes.join(", ") || "the mark of the code"}`;
    case "create-trigger":
      return `create ${triggerWords(step.trigger)}`;
    case "update-trigger":
      return `update ${triggerWords(step.trigger)}: ${step.changes.join(", ")}`;
    case "delete-trigger":
      return `delete ${step.observed.Type} trigger ${step.observed.TriggerName}, which serverless.yml does not list`;
  }
}

function triggerWords(trigger: DesiredTrigger): string {
  if (trigger.type === "timer") return `timer ${trigger.name}`;
  return trigger.type === "http"
    ? "the function URL"
    : `${trigger.method} ${trigger.path} of the API Gateway`;
}

/** What to do about the failures that a first deploy meets (codes: common ones of API 3.0, and those of SCF). */
const remedies: readonly (readonly [RegExp, (error: ProviderError) => string])[] = [
  [
    /^AuthFailure\.SignatureExpire$/,
    () => "The clock of this machine is wrong by more than five minutes; set it.",
  ],
  [
    /^(AuthFailure\.)?UnauthorizedOperation/,
    ({ operation }) =>
      `The key's user may not call scf:${operation}; add it to the user's policy (docs/deploy.md has one; for a role also cam:PassRole).`,
  ],
  [
    /^AuthFailure/,
    () =>
      "Tencent Cloud does not know this key; check TENCENT_SECRET_ID and TENCENT_SECRET_KEY, and TENCENT_TOKEN for a temporary key.",
  ],
  [
    /^LimitExceeded\.Function$/,
    () => "The account has as many functions as it may; delete some, or ask for a higher quota.",
  ],
  [/\.Runtime$/, () => "This region does not offer the runtime of serverless.yml; choose another REGION."],
  [/\.Role$/, () => "SCF_ROLE does not name a role that SCF may take on; create it as docs/deploy.md says."],
  [/\.(Vpc|VpcId|SubnetId)/, () => "The private network is not there in this region; check its ids."],
  [
    /^(ResourceUnavailable|UnsupportedOperation)\.?(InsufficientBalance|Arrears)?/,
    () => "The account may be in arrears, or SCF not activated; look at the console's front page.",
  ],
];

/** A failed call as one paragraph: what, why as far as the code says it, what to do. */
export function explain(error: ProviderError): string {
  const id = error.requestId ? ` Request id for the vendor's support: ${error.requestId}.` : "";
  return `${error.message}. ${remedyOf(error)}${id}`;
}

function remedyOf(error: ProviderError): string {
  const [, remedy] = remedies.find(([code]) => code.test(error.code ?? "")) ?? [];
  if (remedy) return remedy(error);
  return error.retryable
    ? "Tencent Cloud did not answer as it should, five times; try again later."
    : "Look the code up in the API's documentation (Tencent doc 583/17245).";
}
