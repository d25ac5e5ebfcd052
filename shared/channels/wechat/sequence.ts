/**
 * `out_seq_no`: our number of a flow at WeChat, at most 32 of `[A-Za-z0-9_-]` and unique in the app. It carries the
 * verification's own UUID, so that a push leads back to its verification without a table, even before any row of it is
 * visible; the number of the try follows, because a lost answer uses a number up.
 */

const uuid = /^ver_([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

/** The number of a verification's `attempt`-th try, from 1. */
export function outSeqNo(verificationId: string, attempt: number): string {
  const [, ...parts] = uuid.exec(verificationId) ?? [];
  return `${Buffer.from(parts.join(""), "hex").toString("base64url")}-${attempt}`;
}

/** The verification that a number belongs to; `undefined` if it is none of ours. */
export function verificationOf(outSeqNo: string): string | undefined {
  const [, encoded] = /^([A-Za-z0-9_-]{22})-\d{1,2}$/.exec(outSeqNo) ?? [];
  if (encoded === undefined) return undefined;
  const hex = Buffer.from(encoded, "base64url").toString("hex");
  return `ver_${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}
