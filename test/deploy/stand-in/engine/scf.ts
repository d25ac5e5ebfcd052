/** `component: scf`: one function, after serverless-components/tencent-scf 0.9.7. */
import type { Inputs, Run } from "./engine.ts";

async function deploy(_inputs: Inputs, _run: Run): Promise<Record<string, unknown>> {
  throw new Error("not yet");
}

async function remove(_inputs: Inputs, _run: Run): Promise<Record<string, unknown>> {
  throw new Error("not yet");
}

/** The component. */
export const scf = { deploy, remove };
