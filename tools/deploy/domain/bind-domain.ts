/** Binds the custom domain once the functions are deployed; the same for both deployers. */
import { setTimeout as pause } from "node:timers/promises";
import type * as vendor from "tencentcloud-sdk-nodejs/tencentcloud/services/scf/v20180416/scf_models.js";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import { type Text, text } from "../../language/index.ts";
import type { Polling, Scf } from "../cloud/scf.ts";
import type { ObservedDomain } from "../cloud/scf-responses.ts";
import { converge } from "../converge.ts";
import { DeployError } from "../deploy-error.ts";
import { type Deployment, type Environment, placeOf } from "../deployment.ts";
import { explain } from "../explain.ts";
import {
  type DeployedKeys,
  type DesiredDomain,
  type DomainStep,
  desiredDomain,
  domainStep,
  type Endpoint,
} from "./difference.ts";
import { domainSettings } from "./settings.ts";

/** What a domain is bound to, and how. */
export interface DomainOptions extends DeployedKeys {
  readonly deployment: Deployment;
  /** Without problems, as `domainProblems` found before the first call. */
  readonly env: Environment;
  readonly dryRun: boolean;
  /** Addresses of function URLs, as far as they are known; they hold the account's AppId. */
  readonly addresses: readonly string[];
  readonly scf: Scf;
  readonly polling: Polling;
  readonly print: (line: string) => void;
}

/**
 * Brings the domain to its desired state, or prints, in a dry run, what would be done. Returns the lines that a person has to
 * follow afterwards. Does nothing without a custom domain. Throws {@link DeployError} with what to do if it fails.
 */
export async function bindDomain(options: DomainOptions): Promise<Text[]> {
  const { deployment, env, scf, print, polling } = options;
  const settings = domainSettings(env);
  if (!settings) return [];
  const { domain } = settings;
  const { region } = placeOf(deployment, env);
  const record = `${domain} CNAME ${cnameOf(region, options.addresses)}`;
  const desired = desiredDomain(deployment, env, settings, options);
  try {
    if (options.dryRun) {
      const step = domainStep(desired, await scf.getCustomDomain(domain));
      print(
        step
          ? text(`${domain}: would`, `${domain}：将会`)
          : text(`${domain}: nothing would change`, `${domain}：没有改动`),
      );
      if (step) print(`    ${describe(step)}`);
    } else {
      print(domain);
      const { stepCount } = await converge({
        observe: () => scf.getCustomDomain(domain),
        diff: (observed: ObservedDomain | undefined) => {
          const step = domainStep(desired, observed);
          return step ? [step] : [];
        },
        apply: async (step: DomainStep, observed) => {
          await send(scf, desired, step, observed);
          await pause(polling.intervalMs); // SCF may return the old state for a moment
          return undefined;
        },
        onStep: (step) => print(`    ${describe(step)}`),
        describeStuck: () =>
          text(
            `${domain} does not reach its desired state; check it in the console (SCF, Custom domain), then run the same command again.`,
            `${domain} 没有达到预期状态；请在控制台（云函数 → 自定义域名）检查，然后再次运行同一命令。`,
          ),
      });
      print(stepCount === 0 ? text("    up to date", "    已是最新") : text("    done", "    完成"));
    }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const why = explain(error, "custom-domain", { domain, region, record });
    throw new DeployError("call_failed", text(`${domain}: ${why}`, `${domain}：${why}`), { cause: error });
  }
  return [
    text(
      `  - DNS: keep the record ${record}; users reach all functions through it.`,
      `  - DNS：请保留记录 ${record}；用户通过它访问全部函数。`,
    ),
  ];
}

async function send(
  scf: Scf,
  desired: DesiredDomain,
  { kind, endpoints }: DomainStep,
  observed: ObservedDomain | undefined,
): Promise<void> {
  const request = {
    Domain: desired.domain,
    Protocol: "HTTPS",
    CertConfig: { CertificateId: desired.certificateId },
    EndpointsConfig: endpoints.map(mutable),
  };
  if (kind === "update-domain") return scf.updateCustomDomain({ ...request, ...firewall(observed) });
  try {
    await scf.createCustomDomain(request);
  } catch (error) {
    // No code says that a domain exists already, as it does when an earlier attempt took effect and its response was lost.
    if (!(error instanceof ProviderError) || !(await scf.getCustomDomain(desired.domain))) throw error;
  }
}

/** Repeats a firewall that somebody switched on: no document says whether an update that leaves it out keeps it. */
function firewall(observed: ObservedDomain | undefined): Pick<vendor.UpdateCustomDomainRequest, "WafConfig"> {
  const { WafOpen, WafInstanceId } = observed?.WafConfig ?? {};
  return WafOpen === "OPEN" ? { WafConfig: { WafOpen, ...(WafInstanceId && { WafInstanceId }) } } : {};
}

const mutable = ({ PathRewrite, ...entry }: Endpoint): vendor.EndpointsConf => ({
  ...entry,
  ...(PathRewrite && { PathRewrite: PathRewrite.map((rule) => ({ ...rule })) }),
});

function describe(step: DomainStep): Text {
  const paths = step.endpoints.map(({ PathMatch }) => PathMatch);
  return step.kind === "create-domain"
    ? text(
        `create the custom domain, https only: ${paths.join(", ")}`,
        `创建自定义域名，仅 https：${paths.join("，")}`,
      )
    : text(
        `update the custom domain: ${step.changes.join(", ")}`,
        `更新自定义域名：${step.changes.join("，")}`,
      );
}

/**
 * The value of the domain's CNAME record: each account has one name per region, `<AppId>.<region>.tencentscf.com` (Tencent doc
 * 583/64369). Function URLs begin with the AppId; without one a person has to fill it in.
 */
function cnameOf(region: string, addresses: readonly string[]): string {
  const [appId] = addresses.flatMap((url) => /^https:\/\/(\d+)-[^./]+\./.exec(url)?.slice(1) ?? []);
  return `${appId ?? "<AppId>"}.${region}.tencentscf.com`;
}
