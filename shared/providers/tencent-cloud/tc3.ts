/**
 * The signature of Tencent Cloud's API 3.0 (TC3-HMAC-SHA256, Tencent doc 213/30654) for a POST of JSON to `/`. The SDK's own
 * is behind a default export that Node and bundlers read differently.
 */
import { createHash, createHmac } from "node:crypto";

/** What is signed. */
export interface SignedRequest {
  /** Such as `faceid.tencentcloudapi.com`; the service is its first label. */
  readonly host: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly secretId: string;
  readonly secretKey: string;
  /** Seconds since 1970, as in `X-TC-Timestamp`. */
  readonly timestamp: number;
}

/** The value of the `Authorization` header. */
export function authorization(request: SignedRequest): string {
  const { host, contentType, body, secretId, secretKey, timestamp } = request;
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const service = host.split(".")[0] ?? "";
  const signedHeaders = "content-type;host";
  const canonical = `POST\n/\n\ncontent-type:${contentType}\nhost:${host}\n\n${signedHeaders}\n${sha256(body)}`;
  const scope = `${date}/${service}/tc3_request`;
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`;
  const key = [date, service, "tc3_request"].reduce<string | Buffer>(hmac, `TC3${secretKey}`);
  const signature = hmac(key, text).toString("hex");
  return `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
