/** Commands for receivers under development work on a local stack alone: they invent events, or take them away. */
import { createHmac } from "node:crypto";
import { text } from "../../language/index.ts";
import { type OpenDatabase, withDatabase } from "../open-database.ts";

/** Opens the database of a local stack while `work` runs. Throws for a deployment. */
export const withLocalStack = <T>(work: (opened: OpenDatabase) => Promise<T>): Promise<T> =>
  withDatabase((opened) => {
    if (opened.env["SIMULATOR_URL"]) return work(opened);
    throw new Error(
      text(
        "This is a deployment: the command works on the local stack alone. Start it with npm start, without DATABASE_URL.",
        "这是已部署的环境：本命令只用于本机环境。请不设置 DATABASE_URL，用 npm start 启动本机环境。",
      ),
    );
  });

/** The secret that signs what `listen` sends: the stack's own, or one that stays the same for as long as the stack does. */
export function signingSecret(env: OpenDatabase["env"]): string {
  const given = env["WEBHOOK_SECRET"];
  if (given) return given;
  const key = createHmac("sha256", env["AUTH_SECRET"] ?? "").update("events of npx zhenren listen");
  return `whsec_${key.digest("base64")}`;
}
