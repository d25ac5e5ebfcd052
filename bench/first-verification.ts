/** From a fresh clone to a verified person in the console, by the commands of README: what a newcomer waits for. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";

const ROOT = join(import.meta.dirname, "..");
/** What a newcomer waits for at most, once npm has the packages in its cache. */
const MAX_SECONDS = 60;

const tokens = z.object({ user: z.string(), backend: z.string() });
const issued = z.object({ verificationId: z.string(), start: z.object({ bizToken: z.string() }) });
const listed = z.object({
  verifications: z.array(z.object({ verificationId: z.string(), status: z.string() })),
});

/** The environment of a shell, without what `npm run` has added to it. */
function shellEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return { ...Object.fromEntries(own), PORT: "0", SIMULATOR_PORT: "0" };
}

/** The address that `npm start` prints once it is ready. */
function readyAt(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
      const [, url] = /^Zhenren is ready: (\S+)$/m.exec(output) ?? [];
      if (url) resolve(url);
    });
    child.once("close", () => reject(new Error(`npm start has ended:\n${output}`)));
  });
}

async function answerOf<Schema extends z.ZodType>(
  schema: Schema,
  url: string,
  { bearer, body }: { bearer?: string; body?: object } = {},
): Promise<z.infer<Schema>> {
  const response = await fetch(url, {
    headers: {
      "content-type": "application/json",
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return schema.parse(JSON.parse(text));
}

/** A person passes in a mini-program, and the console shows it. */
async function verifySomebody(url: string): Promise<void> {
  const { user, backend } = await answerOf(tokens, `${url}/_local/tokens`);
  const identity = { name: "张三", idCardNumber: "11010119900307002X" };
  const { verificationId, start } = await answerOf(issued, `${url}/tokens/mini-program`, {
    bearer: user,
    body: { identity },
  });
  const completion = { token: start.bizToken, outcome: "passed" };
  await answerOf(z.unknown(), `${url}/_local/simulator/complete`, { body: completion });
  await answerOf(z.unknown(), `${url}/verifications/${verificationId}/finish`, { bearer: user, body: {} });
  const { verifications } = await answerOf(listed, `${url}/console/verifications`, { bearer: backend });
  const found = verifications.find((each) => each.verificationId === verificationId);
  if (found?.status !== "passed") throw new Error(`The console shows ${JSON.stringify(verifications)}`);
}

/** Measures each step once and prints it. Answers whether all of them together took no longer than they may. */
export async function benchFirstVerification(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-first-"));
  chmodSync(folder, 0o755); // PostgreSQL runs as another user where this one is root
  const clone = join(folder, "zhenren");
  const env = shellEnvironment();
  let totalSeconds = 0;
  async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const begun = performance.now();
    const done = await work();
    const seconds = (performance.now() - begun) / 1_000;
    totalSeconds += seconds;
    console.log(`| ${name} | ${seconds.toFixed(1)} |`);
    return done;
  }
  let started: ChildProcess | undefined;
  console.log("| step | seconds |\n|---|---|");
  try {
    await step("`git clone`", () => execFileSync("git", ["clone", "--quiet", ROOT, clone], { env }));
    await step("`npm ci`", () => execFileSync("npm", ["ci"], { cwd: clone, env, stdio: "pipe" }));
    const url = await step("`npm start`, until it is ready", () => {
      started = spawn("npm", ["start"], { cwd: clone, env, stdio: ["ignore", "pipe", "inherit"] });
      return readyAt(started);
    });
    await step("a person passes and is in the console", () => verifySomebody(url));
  } finally {
    if (started?.kill("SIGTERM")) await once(started, "close");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  console.log(`| all | ${totalSeconds.toFixed(1)} |`);
  return totalSeconds <= MAX_SECONDS;
}
