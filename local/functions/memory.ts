/** How much memory a process of ours really holds. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:os";

/** The resident bytes of a process, or `undefined` when it is gone. Cheap on Linux, a `ps` elsewhere. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes =
      platform() === "linux"
        ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
        : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return kilobytes ? Number(kilobytes) * 1024 : undefined;
  } catch {
    return undefined;
  }
}
