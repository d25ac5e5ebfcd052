/** A bucket's own settings, for the tools that create and check it; functions have no right to them. */
import { ProviderError } from "../provider-error.ts";
import { type CallOptions, withinTimeLimit } from "../time-limit.ts";
import { type CosExchange, type CosRequest, readText } from "./exchange.ts";
import { element, elements, numberOf, textOf } from "./xml.ts";

/** One entry of an ACL. */
export interface CosGrant {
  /** A URI of a group, such as `http://cam.qcloud.com/groups/global/AllUsers`, or an account. */
  readonly grantee: string;
  readonly permission: string;
}

/** One rule of a lifecycle, as far as it is read here. */
export interface CosLifecycleRule {
  readonly id: string;
  readonly isEnabled: boolean;
  /** Empty: the whole bucket. */
  readonly prefix: string;
  /** After how many days objects are deleted. */
  readonly expirationDays?: number | undefined;
  /** After how many days versions are deleted that are not current any more. */
  readonly noncurrentDays?: number | undefined;
  /** After how many days unfinished uploads are removed. */
  readonly abortDays?: number | undefined;
  /** The rule as COS wrote it; what is sent if it is there, because a rule may hold more than is read here. */
  readonly xml?: string;
}

/** The settings of one bucket. Every method throws `ProviderError`. */
export interface CosBucket {
  /** Its region; `undefined` if there is no such bucket. */
  region(options?: CallOptions): Promise<string | undefined>;
  /** Creates it, private. One that exists already and is ours is no error. */
  create(options?: CallOptions): Promise<void>;
  /** Owner, such as `qcs::cam::uin/1000:uin/1000`, and grants. */
  acl(options?: CallOptions): Promise<{ readonly owner: string; readonly grants: readonly CosGrant[] }>;
  /** The policy's JSON; `undefined` without one. */
  policy(options?: CallOptions): Promise<unknown>;
  putPolicy(policy: unknown, options?: CallOptions): Promise<void>;
  lifecycle(options?: CallOptions): Promise<readonly CosLifecycleRule[]>;
  putLifecycle(rules: readonly CosLifecycleRule[], options?: CallOptions): Promise<void>;
  /** `Enabled` or `Suspended`; `undefined` if versions were never kept. */
  versioning(options?: CallOptions): Promise<string | undefined>;
  /** For how many days objects are locked; `undefined` without a lock, 0 for a lock without a default. */
  lockDays(options?: CallOptions): Promise<number | undefined>;
}

const CALL_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The settings behind an exchange. */
export function cosBucket(exchange: CosExchange): CosBucket {
  const ask = (options: CallOptions, request: Omit<CosRequest, "signal">) =>
    withinTimeLimit(request.operation, CALL_TIMEOUT_MS, options, async (signal) => {
      const response = await exchange({ ...request, signal });
      const { statusCode: status, headers } = response;
      return { status, headers, text: await readText(request.operation, response, MAX_ANSWER_BYTES) };
    });
  /** A part of the settings; `undefined` if it is not set. */
  const get = async (operation: string, part: string, options: CallOptions) => {
    const query = { [part]: "" };
    const { status, text } = await ask(options, { operation, method: "GET", query, expected: [404] });
    if (status !== 404) return text;
    if (textOf(text, "Code") !== "NoSuchBucket") return undefined;
    throw new ProviderError("configuration", operation, { code: "NoSuchBucket" });
  };
  const put = async (operation: string, part: string, content: string, options: CallOptions) => {
    const body = [Buffer.from(content)];
    await ask(options, { operation, method: "PUT", query: { [part]: "" }, body });
  };
  return {
    async region(options = {}) {
      const operation = "HeadBucket";
      const { status, headers } = await ask(options, { operation, method: "HEAD", expected: [404] });
      const region = headers["x-cos-bucket-region"] ?? headers["x-amz-bucket-region"];
      return status === 404 ? undefined : typeof region === "string" ? region : "";
    },
    async create(options = {}) {
      const headers = { "x-cos-acl": "private" };
      try {
        await ask(options, { operation: "PutBucket", method: "PUT", headers });
      } catch (error) {
        if (!(error instanceof ProviderError) || error.code !== "BucketAlreadyOwnedByYou") throw error;
      }
    },
    async acl(options = {}) {
      const xml = (await get("GetBucketACL", "acl", options)) ?? "";
      const [owner = ""] = elements(xml, "Owner");
      const grants = elements(xml, "Grant").map((grant) => ({
        grantee: textOf(grant, "URI") ?? textOf(grant, "ID") ?? "",
        permission: textOf(grant, "Permission") ?? "",
      }));
      return { owner: textOf(owner, "ID") ?? "", grants };
    },
    async policy(options = {}) {
      const text = await get("GetBucketPolicy", "policy", options);
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text);
      } catch {
        throw new ProviderError("malformed", "GetBucketPolicy", { hint: "the policy is not JSON" });
      }
    },
    putPolicy: (policy, options = {}) => put("PutBucketPolicy", "policy", JSON.stringify(policy), options),
    async lifecycle(options = {}) {
      const xml = (await get("GetBucketLifecycle", "lifecycle", options)) ?? "";
      return elements(xml, "Rule").map(parseRule);
    },
    putLifecycle: (rules, options = {}) =>
      put(
        "PutBucketLifecycle",
        "lifecycle",
        element("LifecycleConfiguration", rules.map(writeRule)),
        options,
      ),
    async versioning(options = {}) {
      return textOf((await get("GetBucketVersioning", "versioning", options)) ?? "", "Status");
    },
    async lockDays(options = {}) {
      const xml = (await get("GetBucketObjectLockConfiguration", "object-lock", options)) ?? "";
      if (textOf(xml, "ObjectLockEnabled") !== "Enabled") return undefined;
      return numberOf(xml, "Days") ?? (numberOf(xml, "Years") ?? 0) * 365;
    },
  };
}

function parseRule(xml: string): CosLifecycleRule {
  const [expiration = ""] = elements(xml, "Expiration");
  return {
    id: textOf(xml, "ID") ?? "",
    isEnabled: textOf(xml, "Status") === "Enabled",
    prefix: textOf(xml, "Prefix") ?? "",
    expirationDays: numberOf(expiration, "Days"),
    noncurrentDays: numberOf(elements(xml, "NoncurrentVersionExpiration")[0] ?? "", "NoncurrentDays"),
    abortDays: numberOf(xml, "DaysAfterInitiation"),
    xml,
  };
}

function writeRule({ xml, id, isEnabled, prefix, ...days }: CosLifecycleRule): string {
  if (xml !== undefined) return element("Rule", [xml]);
  const daysIn = (outer: string, inner: string, value: number | undefined) =>
    value === undefined ? [] : [element(outer, [element(inner, String(value))])];
  return element("Rule", [
    element("ID", id),
    element("Filter", [element("Prefix", prefix)]),
    element("Status", isEnabled ? "Enabled" : "Disabled"),
    ...daysIn("Expiration", "Days", days.expirationDays),
    ...daysIn("NoncurrentVersionExpiration", "NoncurrentDays", days.noncurrentDays),
    ...daysIn("AbortIncompleteMultipartUpload", "DaysAfterInitiation", days.abortDays),
  ]);
}
