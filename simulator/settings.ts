import * as z from "zod";
import { SIMULATED_PUBLIC_KEY } from "./eid/merchant.ts";

const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  /** 0 lets the machine choose. */
  SIMULATOR_PORT: port.default(3100),
  LOCAL_DIR: z.string().min(1).default(".local"),
  /** Where WeChat's message push goes. */
  PUSH_URL: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:3000/wechat/push"),
  /** The public key that eID seals identities for: 65 bytes, hex, beginning with 04. */
  SIM_EID_PUBLIC_KEY: z
    .string()
    .regex(/^04[0-9a-f]{128}$/i)
    .default(SIMULATED_PUBLIC_KEY),
  /** Attempts that a BizToken or EidToken carries; the one past it ends the flow with code 16. */
  SIM_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(1_000).default(5),
});

/** How the simulator is set up. */
export type Settings = z.infer<typeof environment>;

/** Reads the environment; the error names the variable that is wrong. */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const parsed = environment.safeParse(variables);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new Error(
    `${first?.path.join(".") ?? "The environment"} is not usable: ${first?.message ?? "unknown"}.`,
  );
}
