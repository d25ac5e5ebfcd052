/**
 * A stand-in for what SCF's API does about custom domains: checks TC3 as the real one does, takes what the vendor's types
 * and their comments allow (SDK 4.1.313, scf v20180416) and keeps it; codes from the SDK for Go, scf v1.3.101, errors.go.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import * as z from "zod";
import type { Incoming } from "../../../simulator/exchange.ts";
import {
  authorizationOf,
  checkSignature,
  commonParameter,
} from "../../../simulator/faceid/authentication.ts";
import { CloudError } from "../../../simulator/faceid/envelope.ts";

/** The key that the stand-in knows. */
export const key = { secretId: "AKIDinventedfordomains01", secretKey: "invented-domain-key-0123456789ab" };

const host = z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+$/);
const endpoint = z.strictObject({
  Namespace: z.string().min(1),
  FunctionName: z.string().min(1),
  Qualifier: z.string().min(1),
  PathMatch: z.string().regex(/^\/(\*|[^/*]+(\/[^/*]+)*(\/\*)?)?$/),
  PathRewrite: z
    .array(
      z.strictObject({
        Path: z.string(),
        Type: z.enum(["WildcardRules", "ExactRules"]),
        Rewrite: z.string(),
      }),
    )
    .min(1)
    .optional(),
});
const fields = {
  Protocol: z.enum(["HTTP", "HTTPS", "HTTP&HTTPS"]),
  EndpointsConfig: z.array(endpoint).min(1),
  CertConfig: z.strictObject({ CertificateId: z.string().min(1) }).optional(),
  WafConfig: z
    .strictObject({ WafOpen: z.enum(["OPEN", "CLOSE"]), WafInstanceId: z.string().min(1).optional() })
    .optional(),
};
const requests = {
  GetCustomDomain: z.strictObject({ Domain: z.string() }),
  CreateCustomDomain: z.strictObject({ Domain: z.string(), ...fields }),
  UpdateCustomDomain: z.strictObject({ Domain: z.string(), ...z.object(fields).partial().shape }),
};

type Action = keyof typeof requests;

/** An entry of a domain's map. */
export type StoredEndpoint = z.infer<typeof endpoint>;

/** A domain as the account has it. */
export interface StoredDomain {
  Protocol: string;
  EndpointsConfig: StoredEndpoint[];
  CertConfig: { CertificateId?: string };
  WafConfig: { WafOpen: string; WafInstanceId: string };
}

/** One account in one region, with what DNS, the SSL console and the filing office say. */
export class Account {
  readonly domains = new Map<string, StoredDomain>();
  /** Functions with a function URL. */
  readonly functions = new Set<string>();
  /** What DNS answers, by host. */
  readonly records = new Map<string, string>();
  /** Hosts that certificates are for, by id. */
  readonly certificates = new Map<string, string>();
  /** Hosts with an ICP filing. */
  readonly filed = new Set<string>();

  answer(action: Action, body: unknown): object {
    const parsed = requests[action].safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new CloudError("InvalidParameterValue", `${issue?.path.join(".")}: ${issue?.message}`);
    }
    return this[action](parsed.data as never); // parsed by the schema of this very action
  }

  GetCustomDomain({ Domain }: z.infer<typeof requests.GetCustomDomain>) {
    // Turned round, because nothing is promised about the order.
    const { EndpointsConfig, ...rest } = this.find(Domain);
    return {
      Domain,
      ...rest,
      EndpointsConfig: EndpointsConfig.map((entry) => ({ PathRewrite: null, ...entry })).reverse(),
      Tags: [],
    };
  }

  CreateCustomDomain({ Domain, ...request }: z.infer<typeof requests.CreateCustomDomain>) {
    if (this.domains.has(Domain)) throw new CloudError("FailedOperation", "域名已存在。");
    if (!host.safeParse(Domain).success || !this.filed.has(Domain))
      throw new CloudError("InvalidParameterValue.Domain", "域名参数非法。");
    if (this.records.get(Domain) !== "1250000001.ap-guangzhou.tencentscf.com")
      throw new CloudError("FailedOperation.CNAME", "CNAME解析错误。");
    this.keep(Domain, { CertConfig: {}, WafConfig: { WafOpen: "CLOSE", WafInstanceId: "" } }, request);
    return {};
  }

  UpdateCustomDomain({ Domain, ...request }: z.infer<typeof requests.UpdateCustomDomain>) {
    const found = this.find(Domain);
    // As bad as the documents allow: what an update does not name is not kept.
    this.keep(Domain, { ...found, WafConfig: { WafOpen: "CLOSE", WafInstanceId: "" } }, request);
    return {};
  }

  /** Whom a request of this path may reach: every match, because nothing is written about which of two goes first. */
  reached(domain: string, path: string): string[] {
    return this.find(domain)
      .EndpointsConfig.filter(({ PathMatch }) =>
        PathMatch.endsWith("*") ? path.startsWith(PathMatch.slice(0, -1)) : path === PathMatch,
      )
      .map(({ FunctionName }) => FunctionName);
  }

  private find(domain: string): StoredDomain {
    const found = this.domains.get(domain);
    if (!found) throw new CloudError("FailedOperation.Domain.UnExist", "自定义域名不存在。");
    return found;
  }

  private keep(domain: string, before: object, request: object): void {
    const after = { ...before, ...request } as StoredDomain; // each field parsed above
    const { Protocol, EndpointsConfig, CertConfig } = after;
    if (Protocol.includes("HTTPS") && this.certificates.get(CertConfig.CertificateId ?? "") !== domain)
      throw new CloudError("FailedOperation.Ssl", "证书错误。");
    const paths = EndpointsConfig.map(({ PathMatch }) => PathMatch);
    if (new Set(paths).size < paths.length) throw new CloudError("InvalidParameterValue", "a path twice");
    for (const { FunctionName } of EndpointsConfig) {
      if (!this.functions.has(FunctionName))
        throw new CloudError("ResourceNotFound.Function", "函数不存在。");
    }
    this.domains.set(domain, after);
  }
}

/** What goes wrong at a call; with `after`, the call has taken effect all the same. `reset` breaks the connection. */
export interface Fault {
  readonly when: "before" | "after";
  readonly how: "reset" | (string & {});
}

/** A stand-in that listens. */
export interface DomainStandIn {
  account: Account;
  /** The actions so far, refused ones too. */
  calls: string[];
  /** The fault of the call with this number, from 0. */
  faults: Map<number, Fault>;
  readonly port: number;
  close(): void;
}

/** Starts one on 127.0.0.1. */
export async function startDomainStandIn(): Promise<DomainStandIn> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = handle(running, request, Buffer.concat(chunks));
    if (!answer) return void request.socket.destroy();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ Response: { ...answer, RequestId: randomUUID() } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const running: DomainStandIn = { account: new Account(), calls: [], faults: new Map(), port, close };
  return running;
}

/** The answer; none breaks the connection. */
function handle(standIn: DomainStandIn, request: IncomingMessage, body: Buffer): object | undefined {
  const refusal = (Code: string, Message = "…") => ({ Error: { Code, Message } });
  const fault = standIn.faults.get(standIn.calls.length);
  const broken = () => (fault?.how === "reset" ? undefined : refusal(fault?.how ?? ""));
  try {
    const action = authenticated(request, body);
    standIn.calls.push(action);
    if (fault?.when === "before") return broken();
    const answer = standIn.account.answer(action, JSON.parse(body.toString("utf8")));
    return fault ? broken() : answer;
  } catch (error) {
    if (fault) return broken(); // whatever it would have answered
    if (error instanceof CloudError) return refusal(error.code, error.message);
    return refusal("InvalidAction", String(error));
  }
}

function authenticated(request: IncomingMessage, body: Buffer): Action {
  const { headers } = request;
  const from = { method: "POST", host: headers.host ?? "", path: "/", query: new URLSearchParams() };
  const incoming: Incoming = { ...from, headers, body, tooLarge: false };
  const authorization = authorizationOf(incoming);
  if (authorization.secretId !== key.secretId) throw new CloudError("AuthFailure.SecretIdNotFound", "…");
  if (authorization.service !== "scf" || headers.host !== "scf.tencentcloudapi.com")
    throw new CloudError("AuthFailure.SignatureFailure", "another service");
  checkSignature(incoming, authorization, commonParameter(incoming, "Timestamp"), key);
  if (commonParameter(incoming, "Version") !== "2018-04-16") throw new CloudError("NoSuchVersion", "…");
  if (headers["x-tc-region"] !== "ap-guangzhou") throw new CloudError("UnsupportedRegion", "…");
  const action = commonParameter(incoming, "Action");
  if (!Object.hasOwn(requests, action)) throw new CloudError("InvalidAction", action);
  return action as Action; // one of its keys
}
