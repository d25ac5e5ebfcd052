/** Where a stand-in for SCF's API listens, for rehearsals. */
import type { StandIn } from "../../../shared/providers/tencent-cloud/transport.ts";
import type { Environment } from "../deployment.ts";

/** Reads `SCF_STAND_IN_URL`, which must be http to this machine. Throws an error that names it otherwise. */
export function standInOf(env: Environment): StandIn | undefined {
  const text = env["SCF_STAND_IN_URL"];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" || url.hostname !== "127.0.0.1" || !url.port) {
    throw new Error("SCF_STAND_IN_URL must be http://127.0.0.1:<port>; unset it to reach Tencent Cloud.");
  }
  return { host: url.hostname, port: Number(url.port) };
}
