/**
 * In place of `pg/lib/crypto/utils.js`, which logs in to PostgreSQL through WebCrypto: Node then loads WebCrypto and starts its
 * pool of threads, several milliseconds of CPU at a cold start, for hashes that take one.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

export { randomBytes };

const md5 = (data: string | Buffer) => createHash("md5").update(data).digest("hex");

export const postgresMd5PasswordHash = (user: string, password: string, salt: Buffer): string =>
  `md5${md5(Buffer.concat([Buffer.from(md5(password + user)), salt]))}`;

export const hashByName = (name: string, data: Buffer): Buffer => createHash(name).update(data).digest();

export const sha256 = (data: Buffer): Buffer => hashByName("sha256", data);

export const hmacSha256 = (key: Buffer, message: string): Buffer =>
  createHmac("sha256", key).update(message).digest();

export const deriveKey = (password: string, salt: Buffer, iterations: number): Buffer =>
  pbkdf2Sync(password, salt, iterations, 32, "sha256");
