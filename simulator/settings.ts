import * as z from "zod";

/**
 * The public key (SM2, sm2p256v1) of the simulated merchant of E证通, the same on every machine: what the eID centre was
 * given. The private key opens nothing but what this simulator has encrypted; it is the EID_PRIVATE_KEY of a local setup:
 *
 * 7446a50d4e79be1549d2015c9621f150f00efd59a543a9c577e65e31805f67e9
 */
const SIMULATED_PUBLIC_KEY =
  "04a189902127e7bba140b18f1eb1e3acdab3fe4d55c76e42ed078dc9a42263a705" +
  "c1f13e5ed820748872a873efa67fd55551b2c724c6562f6564b1a59e929eae30";

const environment = z.object({
  /** 0 means any free port. */
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(3100),
  LOCAL_DIR: z.string().min(1).default(".local"),
  /** The address that WeChat's message push calls. */
  PUSH_URL: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:3000/wechat/push"),
  /** The public key that eID encrypts identities for: 65 bytes, hex, beginning with 04. */
  SIM_EID_PUBLIC_KEY: z
    .string()
    .regex(/^04[0-9a-f]{128}$/i)
    .default(SIMULATED_PUBLIC_KEY),
  /** Attempts that a BizToken or EidToken allows; one more ends the flow with code 16. */
  SIM_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(1_000).default(5),
});

/** The settings of the simulator. */
export type Settings = z.infer<typeof environment>;

/** Reads the environment; the error names the variable that is wrong. */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const parsed = environment.safeParse(variables);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new Error(
    `${first?.path.join(".") ?? "The environment"} is not valid: ${first?.message ?? "unknown"}.`,
  );
}
