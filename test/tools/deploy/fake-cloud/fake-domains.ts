/** Custom domains of one account, and what DNS, the SSL console and the filing office say about them. */
import type * as z from "zod";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import { hostName, type requests } from "./scf-requests.ts";

type RequestOf<Name extends keyof typeof requests> = z.infer<(typeof requests)[Name]>;

/** An entry of a domain's map. */
export type StoredEndpoint = RequestOf<"CreateCustomDomain">["EndpointsConfig"][number];

/** A domain as the account has it. */
export interface StoredDomain {
  Protocol: string;
  EndpointsConfig: StoredEndpoint[];
  CertConfig: { CertificateId?: string };
  WafConfig: { WafOpen: string; WafInstanceId?: string | undefined };
}

/** The value that the CNAME record of a domain must have. */
export const cnameTarget = "1250000001.ap-guangzhou.tencentscf.com";

/** Error codes from the SDK for Go, scf v1.3.101, errors.go. */
export class FakeDomains {
  readonly stored = new Map<string, StoredDomain>();
  /** DNS records by host. */
  readonly records = new Map<string, string>();
  /** The hosts of certificates by id. */
  readonly certificates = new Map<string, string>();
  /** Hosts with an ICP filing. */
  readonly filed = new Set<string>();
  /** Whether updates take effect. */
  isFrozen = false;

  constructor(private readonly hasFunction: (name: string) => boolean) {}

  get({ Domain }: RequestOf<"GetCustomDomain">) {
    const { EndpointsConfig, ...rest } = this.find(Domain);
    return {
      Domain,
      ...rest,
      // Reversed, because no document promises an order.
      EndpointsConfig: EndpointsConfig.map((entry) => ({ PathRewrite: null, ...entry })).reverse(),
      Tags: [],
    };
  }

  create({ Domain, ...request }: RequestOf<"CreateCustomDomain">) {
    if (this.stored.has(Domain)) throw new CloudError("FailedOperation", "域名已存在。");
    if (!hostName.test(Domain) || !this.filed.has(Domain))
      throw new CloudError("InvalidParameterValue.Domain", "域名参数非法。");
    if (this.records.get(Domain) !== cnameTarget)
      throw new CloudError("FailedOperation.CNAME", "CNAME解析错误。");
    this.write(Domain, { CertConfig: {}, WafConfig: { WafOpen: "CLOSE", WafInstanceId: "" } }, request);
    return {};
  }

  update({ Domain, ...request }: RequestOf<"UpdateCustomDomain">) {
    const found = this.find(Domain);
    if (this.isFrozen) return {};
    // As bad as the documents allow: what an update does not name is lost.
    this.write(Domain, { ...found, WafConfig: { WafOpen: "CLOSE", WafInstanceId: "" } }, request);
    return {};
  }

  /** The functions that a request of this path may reach: every match, because no document says which of two wins. */
  reached(domain: string, path: string): string[] {
    return this.find(domain)
      .EndpointsConfig.filter(({ PathMatch }) =>
        PathMatch.endsWith("*") ? path.startsWith(PathMatch.slice(0, -1)) : path === PathMatch,
      )
      .map(({ FunctionName }) => FunctionName);
  }

  private find(domain: string): StoredDomain {
    const found = this.stored.get(domain);
    if (!found) throw new CloudError("FailedOperation.Domain.UnExist", "自定义域名不存在。");
    return found;
  }

  private write(domain: string, before: object, request: object): void {
    const after = { ...before, ...request } as StoredDomain; // the schema of the request checked each field
    const { Protocol, EndpointsConfig, CertConfig } = after;
    if (Protocol.includes("HTTPS") && this.certificates.get(CertConfig.CertificateId ?? "") !== domain)
      throw new CloudError("FailedOperation.Ssl", "证书错误。");
    const paths = EndpointsConfig.map(({ PathMatch }) => PathMatch);
    if (new Set(paths).size < paths.length) throw new CloudError("InvalidParameterValue", "a path twice");
    for (const { FunctionName } of EndpointsConfig) {
      if (!this.hasFunction(FunctionName)) throw new CloudError("ResourceNotFound.Function", "函数不存在。");
    }
    this.stored.set(domain, after);
  }
}
