/** Binds a custom domain in the fake cloud; all values are invented. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import { scf } from "../../../tools/deploy/cloud/scf.ts";
import { DeployError } from "../../../tools/deploy/deploy-error.ts";
import { type Environment, functionName, readDeployment } from "../../../tools/deploy/deployment.ts";
import { bindDomain } from "../../../tools/deploy/domain/bind-domain.ts";
import { allKeys, clientOptions } from "./deploy-context.ts";
import { cnameTarget, type FakeDomains, type StoredEndpoint } from "./fake-cloud/fake-domains.ts";
import { emptyFunction } from "./fake-cloud/fake-scf.ts";
import { type FakeCloud, startFakeCloud } from "./fake-cloud/server.ts";

/** The host to bind. */
export const domain = "verify.shop.example";
/** The settings of a customer with a domain, as far as the domain needs them. */
export const env: Environment = {
  STAGE: "test",
  REGION: "ap-guangzhou",
  CUSTOM_DOMAIN: domain,
  CUSTOM_DOMAIN_CERTIFICATE: "invented1",
};
/** The deployment of `serverless.yml`. */
export const deployment = readDeployment();
/** A function's name in the cloud. */
export const nameOf = (each: string) => functionName(deployment, each, env);

/** An entry of the domain that does not belong to this deployment. */
export const foreign: StoredEndpoint = {
  Namespace: "shop",
  FunctionName: "storefront",
  Qualifier: "$LATEST",
  PathMatch: "/*",
  PathRewrite: [{ Path: "/*", Type: "WildcardRules", Rewrite: "/$1" }],
};

/** Does what a person does before the first deploy with a domain. */
export function prepareDomain({ records, certificates, filed }: FakeDomains): void {
  records.set(domain, cnameTarget);
  certificates.set("invented1", domain).set("invented2", domain);
  filed.add(domain);
}

/** What differs from binding the domain to every function. */
export interface DomainOverrides {
  readonly env?: Environment;
  readonly deployed?: readonly string[];
  readonly leftOut?: readonly string[];
  readonly dryRun?: boolean;
  readonly addresses?: readonly string[];
}

/** A fake cloud for the tests of a file, with every function and no domain before each, and a way to bind one. */
export function domainContext() {
  let fakeCloud: FakeCloud;
  beforeAll(async () => {
    fakeCloud = await startFakeCloud();
  });
  afterAll(() => fakeCloud.close());

  const addFunction = (name: string) => fakeCloud.scf.functions.set(name, emptyFunction());
  /** Starts again with a new account. */
  const reset = (): FakeDomains => {
    fakeCloud.reset();
    for (const each of allKeys) addFunction(nameOf(each));
    prepareDomain(fakeCloud.scf.domains);
    return fakeCloud.scf.domains;
  };
  beforeEach(() => void reset());

  /** Binds the domain. Returns what was printed, the next steps, and the error's message if it failed. */
  const bind = async (overrides: DomainOverrides = {}) => {
    const lines: string[] = [];
    let next: readonly string[] = [];
    let error: string | undefined;
    fakeCloud.calls = [];
    try {
      next = await bindDomain({
        deployment,
        env,
        deployed: allKeys,
        leftOut: [],
        dryRun: false,
        addresses: ["https://1250000001-invented1.ap-guangzhou.tencentscf.com"],
        scf: scf(clientOptions(fakeCloud)),
        polling: { intervalMs: 1, timeoutMs: 1_000 },
        print: (line: string) => void lines.push(line),
        ...overrides,
      });
    } catch (caught) {
      if (!(caught instanceof DeployError)) throw caught;
      error = caught.message;
    }
    return { output: lines.join("\n"), next: next.join("\n"), error };
  };
  const stored = () => {
    const found = fakeCloud.scf.domains.stored.get(domain);
    if (!found) throw new Error("The account has no such domain.");
    return found;
  };
  return {
    reset,
    bind,
    addFunction,
    /** The domain as the account has it. */
    stored,
    get fakeCloud() {
      return fakeCloud;
    },
    get domains() {
      return fakeCloud.scf.domains;
    },
    /** The map as text that can be compared, whatever its order. */
    currentMap: () => mapText(stored().EndpointsConfig),
  };
}

/** A map as sorted lines. */
export const mapText = (entries: readonly StoredEndpoint[]): string[] =>
  entries.map((entry) => JSON.stringify(entry)).toSorted();
