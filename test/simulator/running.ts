import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, vi } from "vitest";
import { type RunningSimulator, startSimulator } from "../../simulator/server.ts";
import { readSettings } from "../../simulator/settings.ts";

// A busy machine starts processes slowly.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** A simulator on a free port with an empty folder, closed after the file's last test. */
export async function runningSimulator(
  variables: NodeJS.ProcessEnv = {},
): Promise<RunningSimulator & { folder: string }> {
  const folder = temporaryFolder();
  const settings = readSettings({ SIMULATOR_PORT: "0", LOCAL_DIR: folder, ...variables });
  const running = await startSimulator(settings);
  afterAll(() => running.close());
  return { ...running, folder };
}

/** An empty folder that is removed after the file's last test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "simulator-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Calls a control with a JSON body; returns status and parsed body. */
export async function control(
  origin: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${origin}/_sim/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
