import type { Incoming, Reply } from "../exchange.ts";
import { encode } from "./authentication.ts";
import { APP_ID, type Bucket, type Buckets } from "./buckets.ts";
import { checkBody } from "./objects.ts";
import { CosError, escaped, replied, xmlReply } from "./replies.ts";

/** Who owns every bucket here. */
export const OWNER = "qcs::cam::uin/100000000001:uin/100000000001";
const EVERYBODY = "http://cam.qcloud.com/groups/global/AllUsers";

/** The sub-resources that are kept as they were put, and what COS says where there is none. */
const PARTS: Readonly<Record<string, string | Reply>> = {
  policy: "NoSuchBucketPolicy",
  lifecycle: "NoSuchLifecycleConfiguration",
  "object-lock": "ObjectLockConfigurationNotFoundError",
  versioning: xmlReply("<VersioningConfiguration/>"),
};
/** Their bodies need a Content-MD5. */
const NEED_MD5 = new Set(["lifecycle"]);

/** PUT `/`: creates the bucket. */
export function createBucket(buckets: Buckets, name: string, region: string, incoming: Incoming): Reply {
  if (buckets.get(name)) throw new CosError("BucketAlreadyOwnedByYou", "The bucket is yours already.");
  if (!name.endsWith(`-${APP_ID}`)) {
    throw new CosError("AccessDenied", `A bucket of the simulated account ends in -${APP_ID}.`);
  }
  const acl = incoming.headers["x-cos-acl"] ?? incoming.headers["x-amz-acl"];
  buckets.create(name, region).setAcl(typeof acl === "string" ? acl : "private");
  return replied(200);
}

/** The sub-resource that a request names in its query; `undefined` if it is about the bucket itself. */
export const partOf = ({ query }: Incoming): string | undefined =>
  ["acl", ...Object.keys(PARTS)].find((part) => query.has(part));

/** GET, PUT and DELETE of a sub-resource. */
export function bucketPart(bucket: Bucket, part: string, incoming: Incoming): Reply {
  if (part === "acl") return bucketAcl(bucket, incoming);
  if (incoming.method === "DELETE") {
    bucket.setPart(part, undefined);
    return replied(204);
  }
  if (incoming.method === "PUT") {
    if (NEED_MD5.has(part) && !incoming.headers["content-md5"]) {
      throw new CosError("MissingContentMD5", "This call needs Content-MD5.");
    }
    checkBody(incoming);
    const content = incoming.body.toString("utf8");
    if (part === "policy" && !isJson(content))
      throw new CosError("InvalidArgument", "The policy is not JSON.");
    bucket.setPart(part, content);
    return replied(part === "policy" ? 204 : 200);
  }
  const content = bucket.part(part);
  if (content === undefined) {
    const absent = PARTS[part] ?? "NoSuchKey";
    if (typeof absent !== "string") return absent;
    throw new CosError(absent, "The specified configuration does not exist.");
  }
  if (part === "policy") return replied(200, { "content-type": "application/json" }, content);
  return xmlReply(content.replace(/^\s*<\?xml[^>]*\?>\s*/, ""));
}

function bucketAcl(bucket: Bucket, incoming: Incoming): Reply {
  if (incoming.method === "PUT") {
    const acl = incoming.headers["x-cos-acl"] ?? incoming.headers["x-amz-acl"];
    if (typeof acl !== "string")
      throw new CosError("NotImplemented", "Only the header x-cos-acl is simulated.");
    bucket.setAcl(acl);
    return replied(200);
  }
  const grants = [[`<ID>${OWNER}</ID>`, "FULL_CONTROL"]];
  if (bucket.acl.startsWith("public-read")) grants.push([`<URI>${EVERYBODY}</URI>`, "READ"]);
  if (bucket.acl === "public-read-write") grants.push([`<URI>${EVERYBODY}</URI>`, "WRITE"]);
  const list = grants.map(
    ([grantee, permission]) =>
      `<Grant><Grantee>${grantee}</Grantee><Permission>${permission}</Permission></Grant>`,
  );
  return xmlReply(
    `<AccessControlPolicy><Owner><ID>${OWNER}</ID></Owner><AccessControlList>${list.join("")}</AccessControlList></AccessControlPolicy>`,
  );
}

/** GET `/`: the names of objects, by version 1 or 2 of the call. */
export function listObjects(bucket: Bucket, { query }: Incoming): Reply {
  const prefix = query.get("prefix") ?? "";
  const isSecond = query.get("list-type") === "2";
  const after = (isSecond ? query.get("continuation-token") : query.get("marker")) ?? "";
  const limit = Math.min(Number(query.get("max-keys") ?? 1000), 1000);
  const found = bucket.keys().filter((key) => key.startsWith(prefix) && key > after);
  const page = found.slice(0, limit);
  const written = (key: string) => (query.get("encoding-type") === "url" ? encode(key) : escaped(key));
  const contents = page.map((key) => {
    const facts = bucket.facts(key);
    const modified = new Date(facts?.modifiedAt ?? 0).toISOString();
    return `<Contents><Key>${written(key)}</Key><LastModified>${modified}</LastModified><ETag>"${facts?.etag}"</ETag><Size>${facts?.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next = found.length > page.length ? written(page.at(-1) ?? "") : "";
  const nextTag = isSecond ? "NextContinuationToken" : "NextMarker";
  return xmlReply(
    `<ListBucketResult><Name>${bucket.name}</Name><Prefix>${written(prefix)}</Prefix><MaxKeys>${limit}</MaxKeys>` +
      `<KeyCount>${page.length}</KeyCount><IsTruncated>${next !== ""}</IsTruncated>` +
      `${next && `<${nextTag}>${next}</${nextTag}>`}${contents.join("")}</ListBucketResult>`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
