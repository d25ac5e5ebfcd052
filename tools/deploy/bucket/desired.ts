/** What a bucket for evidence should be: private, its policy, its lifecycle. The same for the deploy and for the documents. */
import type { CosAddress } from "../../../shared/archive/stores/index.ts";
import type { CosLifecycleRule } from "../../../shared/providers/cos/index.ts";

/** A bucket's policy, in the words of COS. */
export interface Statement {
  readonly Effect: "allow" | "deny";
  readonly Principal: { readonly qcs: readonly string[] };
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** All that functions do with objects; they list nothing. */
export const RUNTIME_ACTIONS = [
  "name/cos:PutObject",
  "name/cos:GetObject",
  "name/cos:HeadObject",
  "name/cos:DeleteObject",
  "name/cos:InitiateMultipartUpload",
  "name/cos:UploadPart",
  "name/cos:CompleteMultipartUpload",
  "name/cos:AbortMultipartUpload",
];

/** The statements of the policy. `owner` is the account's uin; without a role, nobody is allowed anything. */
export function statements(address: CosAddress, owner: string, role: string): Statement[] {
  const appId = address.bucket.split("-").at(-1) ?? "";
  const Resource = [`qcs::cos:${address.region}:uid/${appId}:${address.bucket}/${address.prefix}/*`];
  const allow: Statement = {
    Effect: "allow",
    Principal: { qcs: [`qcs::cam::uin/${owner}:roleName/${role}`] },
    Action: RUNTIME_ACTIONS,
    Resource,
  };
  const denyPlain: Statement = {
    Effect: "deny",
    Principal: { qcs: ["qcs::cam::anyone:anyone"] },
    Action: RUNTIME_ACTIONS,
    Resource,
    Condition: { bool_equal: { "cos:secure-transport": "false" } },
  };
  return role === "" ? [denyPlain] : [allow, denyPlain];
}

/** Our rules begin with this; those of others are left alone. */
const RULE_PREFIX = "zhenren-";

/** What evidence of verifications begins with; receipts of erasures lie beside it and stay. */
export const evidencePrefix = ({ prefix }: CosAddress): string => `${prefix}/ver_`;

/** The rules of the lifecycle. Without `retentionDays`, evidence is not deleted by age. */
export function lifecycleRules(address: CosAddress, retentionDays?: number): CosLifecycleRule[] {
  const rule = (name: string, prefix: string) => ({ id: `${RULE_PREFIX}${name}`, isEnabled: true, prefix });
  const leftovers = { ...rule("leftovers", `${address.prefix}/`), noncurrentDays: 1, abortDays: 1 };
  return retentionDays === undefined
    ? [leftovers]
    : [leftovers, { ...rule("retention", evidencePrefix(address)), expirationDays: retentionDays }];
}

const facts = ({ xml: _, ...rule }: CosLifecycleRule) => JSON.stringify(Object.entries(rule).sort());

/** Whether two lifecycles have the same rules of ours. */
export const hasRules = (
  observed: readonly CosLifecycleRule[],
  desired: readonly CosLifecycleRule[],
): boolean => {
  const ours = observed.filter(({ id }) => id.startsWith(RULE_PREFIX));
  const all = new Set(ours.map((rule) => facts(defined(rule))));
  return ours.length === desired.length && desired.every((rule) => all.has(facts(defined(rule))));
};

const defined = (rule: CosLifecycleRule): CosLifecycleRule => JSON.parse(JSON.stringify(rule));

/** The rules to put: those of others, and ours. */
export const withRules = (
  observed: readonly CosLifecycleRule[],
  desired: readonly CosLifecycleRule[],
): CosLifecycleRule[] => [...observed.filter(({ id }) => !id.startsWith(RULE_PREFIX)), ...desired];
