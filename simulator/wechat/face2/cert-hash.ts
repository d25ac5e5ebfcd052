import { createHash } from "node:crypto";

/** What `cert_hash` is made over. */
export interface Certificate {
  readonly type: string;
  readonly name: string;
  readonly number: string;
}

/** `cert_hash`: lower-case hex SHA-256 over the three parts, each as base64 of its UTF-8 (official face 2.0 reference). */
export function certHash({ type, name, number }: Certificate): string {
  const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
  return createHash("sha256")
    .update(`cert_type=${base64(type)}&cert_name=${base64(name)}&cert_no=${base64(number)}`)
    .digest("hex");
}
