/** Runs a command in this process as a person would: its arguments, its exit code, and what it printed. */
import { vi } from "vitest";
import type { Command } from "../../../../tools/cli/command.ts";

/** What came of a run. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command with these settings in its environment and no others. */
export async function runCommand(
  command: Command,
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Ran> {
  const before = process.env;
  process.env = { PATH: before["PATH"], ...env };
  const printed = { out: "", err: "" };
  const keep = (name: keyof typeof printed) => (chunk: unknown) => {
    printed[name] += String(chunk);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(keep("out")),
    vi.spyOn(process.stderr, "write").mockImplementation(keep("err")),
  ];
  try {
    const code = await command.run(args);
    return { code, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.env = before;
  }
}
