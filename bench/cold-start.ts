/** Cold start: from spawning a node to the bundle's first answer, against a handler that does nothing. */
import { createHash } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBundle } from "../tools/build/serverless-yml.ts";
import { type Invocation, invokeOnce, median } from "./measure.ts";
import type { Measured } from "./ratios.ts";
import type { World } from "./world.ts";

const ROUNDS = 15;

/** A first event for each function, and one that it really answers: database and simulator included. */
async function firstEvents(world: World): Promise<Record<string, unknown>> {
  const headers = {
    authorization: `Bearer ${world.stack.tokens.backend}`,
    "content-type": "application/json",
  };
  const post = (path: string, body: unknown) => ({
    httpMethod: "POST",
    path,
    headers,
    body: JSON.stringify(body),
  });
  const identity = { name: "测试甲", idCardNumber: "11010119900307002X" };
  const { verificationId } = await world.issue("mini-program");
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signed = ["simpushtoken", timestamp, "bench"].sort().join("");
  const signature = createHash("sha1").update(signed).digest("hex");
  const timer = { Type: "Timer", TriggerName: "bench", Time: new Date().toISOString(), Message: "{}" };
  return {
    login: post("/login", { code: "demo-bench" }),
    "token-mini-program": post("/tokens/mini-program", {}),
    "token-h5": post("/tokens/h5", {}),
    "token-eid": post("/tokens/eid", {}),
    "token-wechat": post("/tokens/wechat", { identity, subject: "bench" }),
    verification: { httpMethod: "GET", path: `/verifications/${verificationId}`, headers },
    "h5-landing": { httpMethod: "GET", path: "/h5/landing/unknown", headers: {} },
    "wechat-push": {
      httpMethod: "GET",
      path: "/wechat/push",
      headers: {},
      queryString: { signature, timestamp, nonce: "bench", echostr: "1" },
    },
    console: { httpMethod: "GET", path: "/console/backlog", headers, queryString: {} },
    reconcile: timer,
    deliver: timer,
    maintain: timer,
    archive: timer,
  };
}

/** Measures every function and the empty one in turn, `ROUNDS` times. The ratios are of CPU time. */
export async function benchColdStart(world: World): Promise<Measured> {
  const empty = join(world.distDir, "empty", "index.js");
  mkdirSync(join(world.distDir, "empty"), { recursive: true });
  writeFileSync(empty, "exports.main_handler = async () => ({ statusCode: 200 });\n");
  const events = await firstEvents(world);
  const names = Object.keys(readBundle().functions);
  const runs = new Map(["empty", ...names].map((name): [string, Invocation[]] => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    runs.get("empty")?.push(await invokeOnce(empty, {}, world.environment("login")));
    for (const name of names) {
      const file = join(world.distDir, name, "index.js");
      runs.get(name)?.push(await invokeOnce(file, events[name], world.environment(name)));
    }
  }
  const middle = (name: string, figure: "ms" | "cpuMs" | "loadMs" | "loadCpuMs") =>
    median((runs.get(name) ?? []).map((run) => run[figure]));
  const cpuRatio = (name: string) => middle(name, "cpuMs") / middle("empty", "cpuMs");
  const wallRatio = (name: string) => middle(name, "ms") / middle("empty", "ms");
  const rows = ["empty", ...names].map((name) => {
    const kilobytes = statSync(join(world.distDir, name, "index.js")).size / 1024;
    const ratios = [cpuRatio(name), wallRatio(name)].map((ratio) => ratio.toFixed(2));
    const times = (["cpuMs", "ms", "loadMs", "loadCpuMs"] as const).map((figure) =>
      middle(name, figure).toFixed(0),
    );
    return `| ${[name === "empty" ? "(empty handler)" : name, kilobytes.toFixed(0), ...ratios, ...times].join(" | ")} |`;
  });
  return {
    table: [
      "| function | bundle KB | CPU ratio | wall ratio | CPU ms | wall ms | load ms | load CPU ms |",
      "|---|---|---|---|---|---|---|---|",
      ...rows,
    ],
    // The first run of `reconcile` asks about all that earlier rounds left pending: its ratio is of that work.
    ratios: Object.fromEntries(
      names.filter((name) => name !== "reconcile").map((name) => [`cold start of ${name}`, cpuRatio(name)]),
    ),
  };
}
