/** The evidence store in a bucket of COS, below a prefix. Functions need rights on `<prefix>/*` only, and none to list. */
import {
  type CosCredential,
  type CosObjects,
  type CosOptions,
  cosExchange,
  cosObjects,
} from "../../providers/cos/index.ts";
import { ProviderError } from "../../providers/provider-error.ts";
import { checkObjectName, type EvidenceStore, EvidenceStoreError } from "./evidence-store.ts";

/** What a `cos://` address names. */
export interface CosAddress extends Omit<CosOptions, "credential"> {
  /** The folder in the bucket, without slashes around it. */
  readonly prefix: string;
}

/** How COS is reached from here. */
export interface CosAccess {
  /** Read before each request: a role's credentials are renewed while the instance lives. */
  readonly credential: () => CosCredential;
  /** What is called in place of the real service, such as `http://127.0.0.1:3100/cos`. */
  readonly endpointOverride?: string | undefined;
}

const FORM = "cos://<bucket>-<AppId>/<prefix>?region=<region>";

/**
 * Reads an address. Throws an error that names the setting and says what is wrong with it.
 *
 * @example parseCosUrl("cos://evidence-1250000000/production?region=ap-guangzhou")
 */
export function parseCosUrl(text: string): CosAddress {
  const refuse = (why: string) => new Error(`ARCHIVE_URL ${why}; its form is ${FORM}[&endpoint=<host>]`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username || url.password || url.port || url.hash) throw refuse("is not a cos:// address");
  if (!/^[a-z0-9][a-z0-9-]{0,48}-\d{8,12}$/.test(url.hostname)) {
    throw refuse("does not name a bucket with its AppId, such as evidence-1250000000");
  }
  const prefix = url.pathname.replace(/^\/|\/$/g, "");
  if (!/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(prefix) || prefix.length > 200) {
    throw refuse("needs a prefix of letters, digits, - and _, such as production");
  }
  const known = new Set(["region", "endpoint"]);
  for (const name of url.searchParams.keys()) {
    if (!known.delete(name)) throw refuse(`has ${JSON.stringify(name)}, which is unknown or there twice`);
  }
  const region = url.searchParams.get("region") ?? "";
  if (!/^[a-z]{2,3}-[a-z]+(-[a-z0-9]+)*$/.test(region)) throw refuse("needs a region, such as ap-guangzhou");
  const endpoint = url.searchParams.get("endpoint");
  if (endpoint !== null && !isEndpoint(endpoint)) {
    throw refuse("has an endpoint that is neither a host name nor http:// to this machine");
  }
  return { bucket: url.hostname, prefix, region, ...(endpoint !== null && { endpoint }) };
}

/** Without TLS only to this machine: the rest goes through networks of others. */
function isEndpoint(text: string): boolean {
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(text)) return true;
  return URL.canParse(text) && /^http:\/\/127\.0\.0\.1:\d+\/[A-Za-z0-9/_-]*$/.test(text);
}

/** An evidence store in a bucket; the bucket and its rights must exist. */
export function cosStore({ prefix, ...address }: CosAddress, access: CosAccess): EvidenceStore {
  const endpoint = access.endpointOverride ?? address.endpoint;
  const objects: CosObjects = cosObjects(
    cosExchange({ ...address, ...(endpoint && { endpoint }), credential: access.credential }),
  );
  const keyOf = (name: string) => `${prefix}/${checkObjectName(name)}`;
  const put = (name: string, bytes: Buffer | AsyncIterable<Uint8Array>) =>
    withStoreErrors("store", name, () => objects.put(keyOf(name), bytes));
  const getStream = (name: string) =>
    withStoreErrors("read", name, async () => {
      const chunks = await objects.get(keyOf(name));
      return chunks && readChunks(name, chunks);
    });
  return {
    put,
    putStream: put,
    getStream,
    async get(name) {
      const chunks = await getStream(name);
      if (!chunks) return undefined;
      const all: Buffer[] = [];
      for await (const chunk of chunks) all.push(chunk);
      return Buffer.concat(all);
    },
    async *list(below) {
      const start = `${prefix}/${below === "" ? "" : `${checkObjectName(below.replace(/\/$/, ""))}/`}`;
      const names = objects.list(start)[Symbol.asyncIterator]();
      for (;;) {
        const next = await withStoreErrors("list", below, () => names.next());
        if (next.done) return;
        yield next.value.slice(prefix.length + 1);
      }
    },
    remove: (name) => withStoreErrors("remove", name, () => objects.remove(keyOf(name))),
  };
}

async function* readChunks(name: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    throw storeErrorOf("read", name, error);
  }
}

async function withStoreErrors<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeErrorOf(what, name, error);
  }
}

/** What COS's client throws becomes an `EvidenceStoreError` that names the object; what a caller's stream throws stays. */
function storeErrorOf(what: string, name: string, error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  const { code, retryAfterSeconds } = error;
  return new EvidenceStoreError(`cannot ${what} ${name || "the evidence store"} (${error.message})`, {
    cause: error,
    ...(code && { code }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
