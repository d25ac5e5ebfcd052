/** Looks at a mini-program that Taro or uni-app has built: is it whole, and is our client in it, without the simulator? */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { examineMiniProgram, findingLine } from "../doctor/mini-program/index.ts";

/** WeChat's limit of a main package is 2 MB; what these examples need is far below. */
const MAX_BYTES = 600_000;

/** A text that only the client has, and one that only its simulator has. */
const CLIENT_MARK = "ZhenrenError";
const SIMULATOR_MARK = "_sim/complete";

const appJson = z.object({ pages: z.array(z.string()).min(1), __usePrivacyCheck__: z.literal(true) });

/** What is wrong in a folder, and its bytes. */
export function examineBuilt(folder: string): { problems: string[]; bytes: number } {
  const problems: string[] = [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
  const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  if (bytes > MAX_BYTES) problems.push(`${bytes} bytes are more than ${MAX_BYTES}`);

  const app = appJson.safeParse(JSON.parse(readFileSync(join(folder, "app.json"), "utf8")));
  if (!app.success) problems.push(`app.json: ${z.prettifyError(app.error)}`);
  for (const page of app.data?.pages ?? [])
    for (const kind of ["js", "json", "wxml"])
      if (!existsSync(join(folder, `${page}.${kind}`))) problems.push(`there is no ${page}.${kind}`);

  const code = files
    .filter((file) => file.endsWith(".js"))
    .map((file) => readFileSync(join(folder, file), "utf8"));
  const copies = code.reduce((sum, text) => sum + text.split(`name="${CLIENT_MARK}"`).length - 1, 0);
  if (copies !== 1) problems.push(`the client is in it ${copies} times`);
  if (code.some((text) => text.includes(SIMULATOR_MARK))) problems.push("the simulator is in it");
  return { problems: [...problems, ...examineMiniProgram(folder).map(findingLine)], bytes };
}
