/** Deploys of a custom domain against its stand-in; all values are invented. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Environment, functionName, readDeployment } from "../../../tools/deploy/deployment.ts";
import { deployDomain } from "../../../tools/deploy/domain/deploy-domain.ts";
import { domains } from "../../../tools/deploy/domain/domains.ts";
import { Stopped } from "../../../tools/deploy/stopped.ts";
import {
  Account,
  type DomainStandIn,
  key,
  type StoredEndpoint,
  startDomainStandIn,
} from "./domain-stand-in.ts";

/** The host that is wanted. */
export const domain = "verify.shop.example";
/** What a customer with a domain has set, as far as the domain needs it. */
export const env: Environment = {
  STAGE: "test",
  REGION: "ap-guangzhou",
  CUSTOM_DOMAIN: domain,
  CUSTOM_DOMAIN_CERTIFICATE: "invented1",
};
/** The deployment of `serverless.yml`. */
export const deployment = readDeployment();
/** Every function of it. */
export const allKeys = Object.keys(deployment.functions);
/** A function's name in the cloud. */
export const nameOf = (each: string) => functionName(deployment, each, env);

const functionUrl = "https://1250000001-invented1.ap-guangzhou.tencentscf.com";

/** An entry of the domain that is not of this deployment. */
export const foreign: StoredEndpoint = {
  Namespace: "shop",
  FunctionName: "storefront",
  Qualifier: "$LATEST",
  PathMatch: "/*",
  PathRewrite: [{ Path: "/*", Type: "WildcardRules", Rewrite: "/$1" }],
};

/** What differs from a deploy of everything. */
export interface DomainWish {
  readonly env?: Environment;
  readonly deployed?: readonly string[];
  readonly leftOut?: readonly string[];
  readonly dryRun?: boolean;
  readonly addresses?: readonly string[];
}

/** A stand-in for the tests of a file, with an account without domains before each, and a way to deploy to it. */
export function domainWorld() {
  let standIn: DomainStandIn;
  beforeAll(async () => {
    standIn = await startDomainStandIn();
  });
  afterAll(() => standIn.close());

  /** An account in which a person has done their part. */
  const reset = (): Account => {
    const account = new Account();
    for (const each of allKeys) account.functions.add(nameOf(each));
    account.records.set(domain, "1250000001.ap-guangzhou.tencentscf.com");
    account.certificates.set("invented1", domain).set("invented2", domain);
    account.filed.add(domain);
    standIn.account = account;
    standIn.calls = [];
    standIn.faults.clear();
    return account;
  };
  beforeEach(() => void reset());

  const client = () =>
    domains({
      credential: key,
      region: "ap-guangzhou",
      standIn: { host: "127.0.0.1", port: standIn.port },
      repeatAfterMs: 1,
    });

  /** Deploys, and answers what was said, the next steps, and the sentence that it stopped with, if it did. */
  const deploy = async (wish: DomainWish = {}) => {
    const lines: string[] = [];
    let next: readonly string[] = [];
    let stopped: string | undefined;
    standIn.calls = [];
    const calls = client();
    try {
      next = await deployDomain({
        ...{
          deployment,
          env,
          deployed: allKeys,
          leftOut: [],
          dryRun: false,
          addresses: [functionUrl],
          calls,
        },
        ...{
          patience: { lookEveryMs: 1, giveUpAfterMs: 1_000 },
          say: (line: string) => void lines.push(line),
        },
        ...wish,
      });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      stopped = error.message;
    }
    return { output: lines.join("\n"), next: next.join("\n"), stopped };
  };
  const stored = () => {
    const found = standIn.account.domains.get(domain);
    if (!found) throw new Error("The account has no such domain.");
    return found;
  };
  return {
    reset,
    client,
    deploy,
    /** The domain as the account has it. */
    stored,
    get standIn() {
      return standIn;
    },
    /** The calls of the last deploy that change something. */
    writes: () => standIn.calls.filter((action) => action !== "GetCustomDomain"),
    /** The map as text that can be compared, whatever its order. */
    mapNow: () =>
      stored()
        .EndpointsConfig.map((entry) => JSON.stringify(entry))
        .toSorted(),
  };
}
