/** Cold start: from spawning a node to the bundle's first answer, against a handler that does nothing. */
import { createHash } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBundle } from "../tools/build/serverless-yml.ts";
import { invokeOnce, median } from "./measure.ts";
import type { World } from "./world.ts";

const runs = 15;

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
    reconcile: timer,
    archive: timer,
  };
}

/** Measures every function and the empty one in turn, `runs` times. */
export async function benchColdStart(world: World): Promise<string[]> {
  const empty = join(world.distDir, "empty", "index.js");
  mkdirSync(join(world.distDir, "empty"), { recursive: true });
  writeFileSync(empty, "exports.main_handler = async () => ({ statusCode: 200 });\n");
  const events = await firstEvents(world);
  const names = Object.keys(readBundle().functions);
  const times = new Map(["empty", ...names].map((name): [string, number[]] => [name, []]));
  for (let run = 0; run < runs; run++) {
    times.get("empty")?.push((await invokeOnce(empty, {}, world.environment("login"))).ms);
    for (const name of names) {
      const file = join(world.distDir, name, "index.js");
      times.get(name)?.push((await invokeOnce(file, events[name], world.environment(name))).ms);
    }
  }
  const base = median(times.get("empty") ?? []);
  return [
    "| function | bundle KB | first answer ms | above empty ms | ratio |",
    "|---|---|---|---|---|",
    `| (empty handler) | 0 | ${base.toFixed(0)} | 0 | 1.0 |`,
    ...names.map((name) => {
      const ms = median(times.get(name) ?? []);
      const kilobytes = statSync(join(world.distDir, name, "index.js")).size / 1024;
      return `| ${name} | ${kilobytes.toFixed(0)} | ${ms.toFixed(0)} | ${(ms - base).toFixed(0)} | ${(ms / base).toFixed(1)} |`;
    }),
  ];
}
