/** Runs uploaded code as SCF would: alone in an empty folder, in a Node of its own, with the settings it was given. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import * as z from "zod";

const endSchema = z.object({ answer: z.unknown().optional(), error: z.string().optional() });

/** A function as the account has it. */
export interface Uploaded {
  readonly code: Buffer | undefined;
  readonly environment: Readonly<Record<string, string>> | undefined;
}

/** Loads the code and sends it one event, as JSON. */
function run({ code = Buffer.alloc(0), environment }: Uploaded, event: string) {
  const empty = mkdtempSync(join(tmpdir(), "zhenren-function-"));
  writeFileSync(join(empty, "index.js"), code);
  const script = `
    const { main_handler } = require(${JSON.stringify(join(empty, "index.js"))});
    const context = { request_id: "r", getRemainingTimeInMillis: () => 5000 };
    main_handler(JSON.parse(process.argv[1]), context).then((answer) => ({ answer }), (e) => ({ error: String(e) }))
      .then((end) => process.stdout.write("\\n" + JSON.stringify(end), () => process.exit(0)));`;
  const out = execFileSync(process.execPath, ["-e", script, event], {
    cwd: empty,
    // No database listens there, so that nothing waits for one.
    env: {
      ...environment,
      DATABASE_URL: "postgres://127.0.0.1:1/none",
      TENCENTCLOUD_RUNENV: "SCF",
      TENCENTCLOUD_SECRETID: "AKIDrole",
    },
  });
  rmSync(empty, { recursive: true });
  return endSchema.parse(JSON.parse(out.toString("utf8").trim().split("\n").at(-1) ?? ""));
}

const sample = (file: string) => readFileSync(join(import.meta.dirname, "../../../events", file), "utf8");

/** Expects that the function loads and its handler responds to its own event; `shape` is that of the trigger. */
export function expectResponse(key: string, uploaded: Uploaded, shape: "http" | "apigw" = "http"): void {
  if (["reconcile", "deliver", "maintain", "archive"].includes(key)) {
    // A timer function would need its database; that it rejects the event of another function shows that it runs.
    expect(run(uploaded, sample("login.http.json")).error).toContain("answers timer events only");
    return;
  }
  const { answer } = run(uploaded, sample(`${key}.${shape}.json`));
  const fields = { isBase64Encoded: false, statusCode: expect.any(Number), headers: expect.any(Object) };
  expect(answer).toMatchObject({ ...fields, body: expect.any(String) });
  expect(answer).not.toMatchObject({ statusCode: 500 }); // no setting is missing
}
