/** What CAM must allow: the functions by their role, and the user who deploys. The documents are tested against it. */
import { channelTooling } from "../../shared/channels/tooling.ts";

/** A policy, in the words of CAM. */
export interface Policy {
  readonly version: "2.0";
  readonly statement: readonly {
    readonly effect: "allow";
    readonly action: string | readonly string[];
    readonly resource: string;
  }[];
}

/** The policy of the functions' role; `undefined` where these channels call nothing of Tencent Cloud. */
export function functionsPolicy(channels: readonly string[]): Policy | undefined {
  const action = channelTooling
    .filter(({ channel }) => channels.includes(channel))
    .flatMap(({ camActions }) => camActions);
  if (action.length === 0) return undefined;
  return { version: "2.0", statement: [{ effect: "allow", action: [...new Set(action)], resource: "*" }] };
}

/** What the functions' role needs besides, on the key of `KMS_KEY_ID`. */
export const KMS_ACTIONS = ["kms:Encrypt", "kms:Decrypt"];

/** What a deploy calls itself. */
const DEPLOY_ACTIONS = [
  "scf:GetFunction",
  "scf:CreateFunction",
  "scf:UpdateFunctionCode",
  "scf:UpdateFunctionConfiguration",
  "scf:DeleteFunction",
  "scf:ListTriggers",
  "scf:CreateTrigger",
  "scf:UpdateTrigger",
  "scf:DeleteTrigger",
  "scf:GetCustomDomain",
  "scf:CreateCustomDomain",
  "scf:UpdateCustomDomain",
  "apigw:DescribeService",
];

/** What the serverless CLI calls besides; `--direct` does without. */
export const CLI_ACTIONS = ["sls:*", "cam:GetUserAppId", "cam:GetRole"];

/** The policy of the user who deploys. `account` is the number of the account (uin). */
export const deployerPolicy = (account: string, role: string): Policy => ({
  version: "2.0",
  statement: [
    { effect: "allow", action: DEPLOY_ACTIONS, resource: "*" },
    { effect: "allow", action: "cam:PassRole", resource: `qcs::cam::uin/${account}:roleName/${role}` },
  ],
});
