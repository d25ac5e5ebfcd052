import http from "node:http";
import net from "node:net";
import { faceid } from "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/index.js";
import { afterAll } from "vitest";
import { signature } from "../../../simulator/faceid/tc3.ts";

const HOST = "faceid.tencentcloudapi.com";

/** The vendor's own client, which calls the simulator under the real host name. */
export function sdkClient(port: number) {
  const agent = new http.Agent({ keepAlive: true });
  Object.assign(agent, { createConnection: () => net.connect(port, "127.0.0.1") });
  afterAll(() => agent.destroy());
  return new faceid.v20180301.Client({
    credential: { secretId: "sim-secret-id", secretKey: "sim-secret-key" },
    profile: { httpProfile: { protocol: "http://", agent, reqTimeout: 20 } },
  });
}

/** What a test changes in a correct request. */
export interface Tampering {
  secretId?: string;
  secretKey?: string;
  date?: string;
  service?: string;
  signedHeaders?: readonly string[];
  /** Headers changed after signing; undefined removes one. */
  headers?: Readonly<Record<string, string | undefined>>;
  host?: string;
  timestamp?: number;
  contentType?: string;
  /** Sent instead of the signed body. */
  sentBody?: string;
}

/** Sends a signed request, changed as `tampering` says; returns `Response`, and its `Error.Code` as `code`. */
export async function call(
  port: number,
  action: string,
  parameters: unknown,
  tampering: Tampering = {},
): Promise<{ code: string | undefined; response: Record<string, unknown> }> {
  const body = typeof parameters === "string" ? parameters : JSON.stringify(parameters);
  const timestamp = String(tampering.timestamp ?? Math.floor(Date.now() / 1000));
  const date = tampering.date ?? new Date(Number(timestamp) * 1000).toISOString().slice(0, 10);
  const service = tampering.service ?? "faceid";
  const host = tampering.host ?? HOST;
  const headers: Record<string, string> = {
    "content-type": tampering.contentType ?? "application/json",
    host,
    "x-tc-action": action,
    "x-tc-version": "2018-03-01",
    "x-tc-timestamp": timestamp,
  };
  const names = tampering.signedHeaders ?? ["content-type", "host"];
  const signed = signature(
    {
      headers: names.map((name) => [name, headers[name.toLowerCase()] ?? ""]),
      body: Buffer.from(body),
      timestamp,
      date,
      service,
    },
    tampering.secretKey ?? "sim-secret-key",
  );
  headers["authorization"] =
    `TC3-HMAC-SHA256 Credential=${tampering.secretId ?? "sim-secret-id"}/${date}/${service}/tc3_request, ` +
    `SignedHeaders=${names.join(";")}, Signature=${signed}`;
  for (const [name, value] of Object.entries(tampering.headers ?? {})) {
    if (value === undefined) delete headers[name];
    else headers[name] = value;
  }
  const text = await posted(port, headers, tampering.sentBody ?? body);
  const { Response } = JSON.parse(text);
  return { code: Response.Error?.Code, response: Response };
}

function posted(port: number, headers: Record<string, string>, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port, host: "127.0.0.1", method: "POST", path: "/", headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
