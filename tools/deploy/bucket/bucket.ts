/** `npx zhenren deploy --with-bucket`: brings the bucket that ARCHIVE_URL names to its desired state. */
import { cosAccess, cosAccessSettings } from "../../../shared/app/cos-access.ts";
import { type CosAddress, parseCosUrl } from "../../../shared/archive/stores/index.ts";
import { readSettings } from "../../../shared/config/read.ts";
import {
  type CosBucket,
  type CosLifecycleRule,
  cosBucket,
  cosExchange,
} from "../../../shared/providers/cos/index.ts";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { type Text, text, verbatim } from "../../language/index.ts";
import { converge } from "../converge.ts";
import { DeployError } from "../deploy-error.ts";
import type { Environment } from "../deployment.ts";
import { hasRules, lifecycleRules, type Statement, statements, withRules } from "./desired.ts";

/** What is created, for whom, and where its output goes. */
export interface BucketOptions {
  /** `ARCHIVE_URL`, `SCF_ROLE`, `RETENTION_DAYS`, and the key of an operator. */
  readonly env: Environment;
  readonly dryRun: boolean;
  readonly print: (line: string) => void;
}

interface ObservedBucket {
  readonly exists: boolean;
  readonly owner: string;
  readonly policy: readonly unknown[];
  readonly rules: readonly CosLifecycleRule[];
}

type Step = "create" | "policy" | "lifecycle";

/** Brings the bucket to its desired state, or prints what would be done. Throws {@link DeployError}. */
export async function ensureBucket({ env, dryRun, print }: BucketOptions): Promise<void> {
  const address = addressOf(env);
  const bucket = cosBucket(cosExchange({ ...address, ...reachedBy(env, address) }));
  const role = env["SCF_ROLE"] ?? "";
  const days = /^\d+$/.test(env["RETENTION_DAYS"] ?? "") ? Number(env["RETENTION_DAYS"]) : undefined;
  const rules = lifecycleRules(address, days);
  const wanted = ({ owner }: ObservedBucket) => statements(address, owner, role);
  const lacking = (observed: ObservedBucket) =>
    wanted(observed).filter((statement) => !observed.policy.some((other) => isSame(other, statement)));
  const observe = () => observeBucket(bucket, address);
  const diff = (observed: ObservedBucket): Step[] => {
    if (!observed.exists) return ["create"];
    const steps: Step[] = lacking(observed).length > 0 ? ["policy"] : [];
    return hasRules(observed.rules, rules) ? steps : [...steps, "lifecycle"];
  };
  print(verbatim(address.bucket));
  try {
    if (dryRun) {
      for (const step of diff(await observe())) print(`    ${text("would", "将会")} ${descriptions[step]}`);
      return;
    }
    const { stepCount } = await converge<ObservedBucket, Step>({
      observe,
      diff,
      apply: async (step, observed) => {
        if (step === "create") await bucket.create();
        else if (step === "lifecycle") await bucket.putLifecycle(withRules(observed.rules, rules));
        else {
          const Statement = [...observed.policy, ...lacking(observed)];
          await bucket.putPolicy({ version: "2.0", Statement });
        }
        return undefined;
      },
      onStep: (step) => print(`    ${descriptions[step]}`),
      describeStuck: () =>
        text(
          `${address.bucket} does not reach its desired state; check it in the console (COS), then run the same command again.`,
          `${address.bucket} 没有达到预期状态；请在控制台（对象存储）检查，然后再次运行同一命令。`,
        ),
    });
    print(stepCount === 0 ? text("    up to date", "    已是最新") : text("    done", "    完成"));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new DeployError(
      "call_failed",
      text(
        `${address.bucket}: ${error.message}. The deploying key needs the rights on buckets that docs/evidence-store.md lists.`,
        `${address.bucket}：${error.message}。部署用的密钥需要 docs/evidence-store.zh-CN.md 所列的存储桶权限。`,
      ),
      { cause: error },
    );
  }
}

const descriptions: Readonly<Record<Step, Text>> = {
  create: text("create the bucket, private", "创建存储桶，私有"),
  policy: text("add the role's rights and refuse plain http", "添加角色的权限，并拒绝不加密的 http"),
  lifecycle: text("set the lifecycle", "设置生命周期"),
};

/** How the bucket is reached with the operator's key. */
export function reachedBy(env: Environment, address: CosAddress) {
  const { credential, endpointOverride } = cosAccess(readSettings(cosAccessSettings, env));
  const endpoint = endpointOverride ?? address.endpoint;
  return { credential, ...(endpoint && { endpoint }) };
}

function addressOf(env: Environment): CosAddress {
  try {
    return parseCosUrl(env["ARCHIVE_URL"] ?? "");
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    throw new DeployError(
      "refused",
      text(
        `ARCHIVE_URL for --with-bucket: ${message}.`,
        `--with-bucket 要求的 ARCHIVE_URL 有误：${message}。`,
      ),
    );
  }
}

async function observeBucket(bucket: CosBucket, { region }: CosAddress): Promise<ObservedBucket> {
  const found = await bucket.region();
  if (found === undefined) return { exists: false, owner: "", policy: [], rules: [] };
  if (found !== "" && found !== region) {
    throw new DeployError(
      "refused",
      text(
        `The bucket is in ${found}, but ARCHIVE_URL says ${region}; correct one of them.`,
        `存储桶在 ${found}，而 ARCHIVE_URL 写的是 ${region}；请更正其一。`,
      ),
    );
  }
  const [{ owner }, policy, rules] = [await bucket.acl(), await bucket.policy(), await bucket.lifecycle()];
  const [, uin = ""] = /^qcs::cam::uin\/(\d+):/.exec(owner) ?? [];
  return { exists: true, owner: uin, policy: statementsOf(policy), rules };
}

/** The statements of a policy, which COS spells with a small or a capital letter. */
export function statementsOf(policy: unknown): readonly unknown[] {
  if (typeof policy !== "object" || policy === null) return [];
  const entries = new Map(Object.entries(policy).map(([name, value]) => [name.toLowerCase(), value]));
  const list: unknown = entries.get("statement");
  return Array.isArray(list) ? list : [];
}

const isSame = (other: unknown, statement: Statement): boolean => canonical(other) === canonical(statement);

/** JSON without the order of names and lists, and without their letter case where COS has none. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, inner]) => `${name.toLowerCase()}:${canonical(inner)}`);
  return `{${pairs.sort().join()}}`;
}
