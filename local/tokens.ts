/** Bearer tokens for trying things out. */
import { SignJWT } from "jose";

/** A token of each kind that the contract knows. */
export interface Tokens {
  /** Acts for `demo-user`. */
  readonly user: string;
  /** May name a subject. */
  readonly backend: string;
}

/** Long enough that a clock which is moved by days or months leaves them valid. */
const lifeSeconds = 365 * 24 * 3600;

/** Makes both tokens. `now` is simulated time in milliseconds. */
export async function makeTokens(authSecret: string, now: number): Promise<Tokens> {
  const key = new TextEncoder().encode(authSecret);
  const make = (scope: "user" | "backend"): Promise<string> =>
    new SignJWT({ scope })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(`demo-${scope}`)
      .setExpirationTime(Math.floor(now / 1000) + lifeSeconds)
      .sign(key);
  return { user: await make("user"), backend: await make("backend") };
}
