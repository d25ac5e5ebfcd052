/** A key pair of TencentCloud API; `token` is there when the pair is temporary, as a function's role gets it. */
export interface Credential {
  readonly secretKey: string;
  readonly token?: string;
}

/** The simulated account's keys by SecretId; they look simulated, so that nobody takes them for real ones. */
export const CREDENTIALS: ReadonlyMap<string, Credential> = new Map<string, Credential>([
  ["sim-secret-id", { secretKey: "sim-secret-key" }],
  ["sim-temporary-secret-id", { secretKey: "sim-temporary-secret-key", token: "sim-temporary-token" }],
]);
