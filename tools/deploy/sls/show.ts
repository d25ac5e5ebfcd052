/** `--render`: the files that the CLI is given, for whoever wants to read them or to deploy them with another CLI. */
import { existsSync, readdirSync } from "node:fs";
import { notYetKnown, withAddresses } from "../addresses.ts";
import type { Deployment, Environment } from "../deployment.ts";
import { plan } from "../plan.ts";
import { select } from "../selection.ts";
import { writeFiles } from "./run.ts";
import { render } from "./sls-way.ts";

/** What is rendered, and where it goes. */
export interface Showing {
  readonly deployment: Deployment;
  readonly env: Environment;
  readonly build: () => Promise<Readonly<Record<string, Buffer>>>;
  /** Folder to write into, which must be empty or not there; without it the text files are shown. */
  readonly into?: string;
  readonly say: (line: string) => void;
}

/** Shows or writes them. Answers the exit code. Throws an error that names a folder that is in use. */
export async function showRendering({ deployment, env, build, into, say }: Showing): Promise<number> {
  if (into && existsSync(into) && readdirSync(into).length > 0) {
    throw new Error(`The folder ${into} is not empty; name a new one.`);
  }
  const { keys, leftOut } = select(deployment, [], env);
  const code = await build();
  const known = withAddresses(env, { publicUrl: env["PUBLIC_URL"] || notYetKnown });
  const desired = keys.map((key) => plan(deployment, key, known, code[key] ?? Buffer.alloc(0)));
  const files = render({ deployment, env, desired });
  if (into) {
    writeFiles(into, files);
    say(
      `Written: ${files.length} files, for ${keys.length} functions. Every variable that they name must be set.`,
    );
  } else {
    for (const { path, content } of files) if (typeof content === "string") say(`# --- ${path}\n${content}`);
  }
  for (const { key, why } of leftOut) say(`# Left out ${key}. ${why}`);
  return 0;
}
