/** Deploys to the fake cloud, with an environment in which every function is configured; all values are invented. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import { apiDeployer } from "../../../tools/deploy/api/api-deployer.ts";
import { connect } from "../../../tools/deploy/cloud/clients.ts";
import type { Polling } from "../../../tools/deploy/cloud/scf.ts";
import { type Deployer, deploy as run } from "../../../tools/deploy/deploy.ts";
import { type Environment, readDeployment } from "../../../tools/deploy/deployment.ts";
import { real } from "../../config/sample.ts";
import { snapshot } from "./fake-cloud/components.ts";
import { type FakeCloud, key, startFakeCloud } from "./fake-cloud/server.ts";

/** The settings of a customer who uses all channels. */
export const settings: Environment = {
  ...real,
  STAGE: "test",
  REGION: "ap-guangzhou",
  SCF_ROLE: "zhenren-functions",
  DATABASE_URL: "postgres://zhenren:pass-word-1@10.0.0.8:5432/zhenren",
  AUTH_SECRET: "not-the-simulators-secret-of-32-characters",
  AUTH_JWKS_URL: "https://accounts.shop.example/jwks.json",
  ARCHIVE_URL: "file:/mnt/zhenren",
  PUBLIC_URL: "",
  TENCENT_SECRET_ID: key.secretId,
  TENCENT_SECRET_KEY: key.secretKey,
  TENCENT_TOKEN: "",
  FUNCTION_SECRET_ID: "AKIDinventedforfunctions",
  FUNCTION_SECRET_KEY: "invented-function-key-0123456789",
};

/** Settings that must never be printed. */
export const secretNames = [
  "DATABASE_URL",
  "MASTER_KEY",
  "AUTH_SECRET",
  "WECHAT_APP_SECRET",
  "EID_PRIVATE_KEY",
  "TENCENT_SECRET_ID",
  "TENCENT_SECRET_KEY",
  "WEBHOOK_SECRET",
  "WECHAT_PUSH_TOKEN",
  "WECHAT_PUSH_AES_KEY",
  "FUNCTION_SECRET_ID",
  "FUNCTION_SECRET_KEY",
];

/** Every function of `serverless.yml`. */
export const allKeys = Object.keys(readDeployment().functions);

/** How a client reaches a fake cloud. */
export const clientOptions = (fakeCloud: FakeCloud, env: Environment = settings) => ({
  credential: { secretId: env["TENCENT_SECRET_ID"] ?? "", secretKey: env["TENCENT_SECRET_KEY"] ?? "" },
  region: "ap-guangzhou",
  endpointOverride: { host: "127.0.0.1", port: fakeCloud.port },
  firstRetryMs: 1,
});

/** What differs from a plain deploy of everything. */
export interface DeployOverrides {
  readonly env?: Environment;
  readonly named?: readonly string[];
  readonly dryRun?: boolean;
  readonly isOffline?: boolean;
  /** Code by function; the others have short code of their own. */
  readonly code?: Readonly<Record<string, Buffer>>;
  /** Another file than the project's `serverless.yml`. */
  readonly file?: string;
  /** Another deployer than that of `--direct`. */
  readonly deployer?: (env: Environment, polling: Polling, print: (line: string) => void) => Deployer;
}

/** How a deploy ended. */
export interface DeployEnd {
  readonly exitCode: number;
  /** Both streams. */
  readonly output: string;
}

/** A fake cloud for the tests of a file, with an empty account before each, and a way to deploy to it. */
export function deployContext() {
  let fakeCloud: FakeCloud;
  beforeAll(async () => {
    fakeCloud = await startFakeCloud();
  });
  afterAll(() => fakeCloud.close());
  const reset = () => fakeCloud.reset();
  beforeEach(reset);

  const deploy = async (overrides: DeployOverrides = {}): Promise<DeployEnd> => {
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const env = overrides.env ?? settings;
    const polling = { intervalMs: 1, timeoutMs: 2_000 };
    fakeCloud.calls = [];
    const exitCode = await run({
      deployment: readDeployment(overrides.file),
      env,
      named: overrides.named ?? [],
      dryRun: overrides.dryRun ?? false,
      isOffline: overrides.isOffline ?? false,
      build: async () => ({
        ...Object.fromEntries(allKeys.map((each) => [each, Buffer.from(`exports.name = "${each}";`)])),
        ...overrides.code,
      }),
      connect: () => connect(clientOptions(fakeCloud, env)),
      deployer: (overrides.deployer ?? apiDeployer)(env, polling, print),
      polling,
      print,
      printError: print,
    });
    return { exitCode, output: lines.join("\n") };
  };
  return {
    deploy,
    reset,
    get fakeCloud() {
      return fakeCloud;
    },
    /** The functions of the account, as text that can be compared. */
    account: () => snapshot(fakeCloud.scf),
    /** One function of the account. */
    fn(name: string, set: "zhenren" | "apigw" = "zhenren") {
      const found = fakeCloud.scf.functions.get(`zhenren-test-${set}-${name}`);
      if (!found) throw new Error(`The account has no ${name}.`);
      return found;
    },
  };
}
