/** A deploy against the stand-in, with an environment in which every function is configured; all values are invented. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import { connectTo } from "../../../tools/deploy/cloud/cloud.ts";
import { deploy as run } from "../../../tools/deploy/deploy.ts";
import { type Environment, readDeployment } from "../../../tools/deploy/deployment.ts";
import { directWay } from "../../../tools/deploy/direct/direct-way.ts";
import type { Domains } from "../../../tools/deploy/domain/domains.ts";
import type { Patience } from "../../../tools/deploy/observe.ts";
import type { Way } from "../../../tools/deploy/way.ts";
import { real } from "../../config/sample.ts";
import { key, type StandInServer, startStandIn } from "./stand-in/server.ts";

/** What a customer of all channels has set. */
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

/** Every function of `serverless.yml`. */
export const allKeys = Object.keys(readDeployment().functions);

/** What differs from a plain deploy of everything. */
export interface Wish {
  readonly env?: Environment;
  readonly named?: readonly string[];
  readonly dryRun?: boolean;
  /** Code by function; what is missing has code of its own that says little. */
  readonly code?: Readonly<Record<string, Buffer>>;
  readonly nodeVersion?: string;
  /** Where custom domains are, if the deploy is to have one. */
  readonly domains?: Domains;
  /** Another file than the project's `serverless.yml`. */
  readonly file?: string;
  /** Another way than `--direct`. */
  readonly way?: (env: Environment, patience: Patience, say: (line: string) => void) => Way;
}

/** What came of it. */
export interface Came {
  readonly exitCode: number;
  /** Both streams. */
  readonly output: string;
}

/** A stand-in for the tests of a file, with an empty account before each, and a way to deploy to it. */
export function world() {
  let standIn: StandInServer;
  beforeAll(async () => {
    standIn = await startStandIn();
  });
  afterAll(() => standIn.close());
  const reset = () => standIn.reset();
  beforeEach(reset);

  const deploy = async (wish: Wish = {}): Promise<Came> => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const env = wish.env ?? settings;
    const patience = { lookEveryMs: 1, giveUpAfterMs: 2_000 };
    standIn.calls = [];
    const exitCode = await run({
      deployment: readDeployment(wish.file),
      env,
      named: wish.named ?? [],
      dryRun: wish.dryRun ?? false,
      build: async () => ({
        ...Object.fromEntries(allKeys.map((each) => [each, Buffer.from(`exports.name = "${each}";`)])),
        ...wish.code,
      }),
      connect: () => ({
        ...connectTo({
          credential: {
            secretId: env["TENCENT_SECRET_ID"] ?? "",
            secretKey: env["TENCENT_SECRET_KEY"] ?? "",
          },
          region: "ap-guangzhou",
          standIn: { host: "127.0.0.1", port: standIn.port },
          repeatAfterMs: 1,
        }),
        ...(wish.domains && { domains: wish.domains }),
      }),
      way: (wish.way ?? directWay)(env, patience, write),
      patience,
      nodeVersion: wish.nodeVersion ?? "20.19.4",
      say: write,
      complain: write,
    });
    return { exitCode, output: lines.join("\n") };
  };
  return {
    deploy,
    reset,
    get standIn() {
      return standIn;
    },
    /** Everything that the account holds, as text that can be compared. */
    account: () =>
      JSON.stringify(
        [...standIn.cloud.functions]
          .toSorted(([one], [other]) => one.localeCompare(other))
          .map(([name, { facts, environment, files, triggers, status }]) => ({
            name,
            ...{ facts, environment, triggers, status },
            files: [...files].map(([file, bytes]) => [file, bytes.toString("utf8")]),
          })),
        undefined,
        1,
      ),
    /** One function of the account. */
    fn(name: string, set: "zhenren" | "apigw" = "zhenren") {
      const found = standIn.cloud.functions.get(`zhenren-test-${set}-${name}`);
      if (!found) throw new Error(`The account has no ${name}.`);
      return found;
    },
  };
}
