/** What a stack makes up once for itself: `LOCAL_DIR/secrets.json`, 0600. Losing it means losing the sealed data. */
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import * as z from "zod";
import { text } from "../tools/language/index.ts";

const secrets = z.strictObject({
  masterKey: z.string(),
  authSecret: z.string(),
  databasePassword: z.string(),
});

/** The secrets of one LOCAL_DIR. */
export type Secrets = z.infer<typeof secrets>;

/** Reads the secrets, or makes them. Throws a sentence when the file is there and is not what it should be. */
export function loadSecrets(localDir: string): Secrets {
  const file = join(localDir, "secrets.json");
  let json: string | undefined;
  try {
    json = readFileSync(file, "utf8");
  } catch {
    const made: Secrets = {
      masterKey: `local-1:${randomBytes(32).toString("base64")}`,
      authSecret: randomBytes(32).toString("base64url"),
      databasePassword: randomBytes(18).toString("base64url"),
    };
    writeFileSync(`${file}.next`, JSON.stringify(made, undefined, 2), { mode: 0o600 });
    renameSync(`${file}.next`, file);
    return made;
  }
  try {
    return secrets.parse(JSON.parse(json));
  } catch {
    throw new Error(
      text(
        `${file} is damaged. Without it the data of this folder cannot be read: set LOCAL_DIR to a new one.`,
        `${file} 已损坏。没有它就无法读取这个目录中的数据：请把 LOCAL_DIR 设为新的目录。`,
      ),
    );
  }
}

/** A bearer token of each kind, for trying things out. */
export interface Tokens {
  /** Acts for `demo-user`. */
  readonly user: string;
  /** May name a subject. */
  readonly backend: string;
}

/** Long enough that a clock which is moved by days or months leaves them valid. */
const TOKEN_LIFETIME_S = 365 * 24 * 3600;

/** Makes both tokens. `nowMs` is simulated time. */
export async function makeTokens(authSecret: string, nowMs: number): Promise<Tokens> {
  const key = new TextEncoder().encode(authSecret);
  const make = (scope: "user" | "backend"): Promise<string> =>
    new SignJWT({ scope })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(`demo-${scope}`)
      .setExpirationTime(Math.floor(nowMs / 1000) + TOKEN_LIFETIME_S)
      .sign(key);
  return { user: await make("user"), backend: await make("backend") };
}
