/** The simulated Tencent Cloud account: the simulator takes this key, and the real services refuse it. */
export const SIMULATED_ACCOUNT = {
  TENCENT_SECRET_ID: "sim-secret-id",
  TENCENT_SECRET_KEY: "sim-secret-key",
} as const;
