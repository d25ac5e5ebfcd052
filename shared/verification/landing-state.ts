/** The opaque state in a landing address: it alone says which verification a returning browser belongs to. */
import { createHash, randomBytes } from "node:crypto";

/** A new state: 192 random bits, 32 characters of base64url. */
export const newState = (): string => randomBytes(24).toString("base64url");

/** The hash under which a state is stored; the state is random, so a plain hash is enough. */
export const hashState = (state: string): Buffer => createHash("sha256").update(state).digest();
