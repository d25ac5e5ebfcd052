import { join } from "node:path";
import { type Answer, errorReply, type Incoming, type Route } from "../exchange.ts";
import type { SimulatedService, SimulatorContext } from "../service.ts";
import { authenticate } from "./authentication.ts";
import { bucketPart, createBucket, listObjects, partOf } from "./bucket.ts";
import { Buckets } from "./buckets.ts";
import {
  deleteObject,
  getObject,
  type ObjectRequest,
  putObject,
  requireAccount,
  Uploads,
} from "./objects.ts";
import { CosError, cosErrorFormat, cosFailure, replied } from "./replies.ts";

/** COS takes 5 GB in one request; a test does not need more than this. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** The real host of a bucket. */
const BUCKET_HOST = /^([a-z0-9-]+)\.cos\.([a-z0-9-]+)\.myqcloud\.com(?::\d+)?$/;
const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;
/** Where a bucket is reached below the simulator's own address: `/cos/<bucket>/<key>`. */
const FOLDER = "/cos/";
/** The region of requests that came to the simulator's own address, for buckets that do not exist yet. */
const DEFAULT_REGION = "ap-guangzhou";

const API_NAMES = [
  "cos.put",
  "cos.get",
  "cos.head",
  "cos.delete",
  "cos.list",
  "cos.part",
  "cos.multipart",
  "cos.bucket",
] as const;
type ApiName = (typeof API_NAMES)[number];

/** COS, the object storage, with one bucket from the start: `sim-1250000000` in ap-guangzhou. */
export const cosService: SimulatedService = {
  apis: API_NAMES.map((name) => ({ name, errorFormat: cosErrorFormat, perSecond: null })),
  start(context) {
    const buckets = new Buckets(join(context.folder, "cos"));
    const uploads = new Uploads();
    const handle = (incoming: Incoming) => answer(context, buckets, uploads, incoming);
    const routes = METHODS.flatMap((method): Route[] => [
      { method, path: `${FOLDER}*`, maxBodyBytes: MAX_BODY_BYTES, handle },
      { method, path: "/*", host: BUCKET_HOST, maxBodyBytes: MAX_BODY_BYTES, handle },
    ]);
    return {
      routes: [
        ...routes,
        {
          method: "GET",
          path: "/_sim/cos",
          handle: () => ({
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ openUploads: uploads.openCount }),
          }),
        },
      ],
      controls: [],
    };
  },
};

/** Bucket, region and key of a request, by its host or by its path. */
function addressOf({ host, path }: Incoming) {
  const [, hostBucket, hostRegion] = BUCKET_HOST.exec(host) ?? [];
  if (hostBucket && hostRegion) return { name: hostBucket, region: hostRegion, path };
  const [name = "", ...rest] = path.slice(FOLDER.length).split("/");
  return { name, region: undefined, path: `/${rest.join("/")}` };
}

function answer(
  { clock, faults }: SimulatorContext,
  buckets: Buckets,
  uploads: Uploads,
  incoming: Incoming,
): Answer {
  if (incoming.path === FOLDER) return errorReply(404, "A bucket's name is missing after /cos/.");
  return faults.withFault(apiOf(incoming, addressOf(incoming).path), () =>
    catchErrors(() => {
      const nowMs = clock.now();
      const { name, region, path } = addressOf(incoming);
      const bucket = buckets.get(name);
      const target = { region: region ?? bucket?.region ?? DEFAULT_REGION, path };
      const caller = authenticate(incoming, target, nowMs);
      if (path === "/") {
        requireAccount({ caller });
        if (incoming.method === "PUT" && !partOf(incoming)) {
          return createBucket(buckets, name, target.region, incoming);
        }
      }
      if (!bucket || (region !== undefined && region !== bucket.region)) {
        throw new CosError("NoSuchBucket", "The specified bucket does not exist.");
      }
      if (path === "/") {
        if (incoming.method === "HEAD") return replied(200, { "x-cos-bucket-region": bucket.region });
        const part = partOf(incoming);
        if (part) return bucketPart(bucket, part, incoming);
        if (incoming.method === "GET") return listObjects(bucket, incoming);
        throw new CosError("NotImplemented", "The simulator does not know this call.");
      }
      const key = decodeURIComponent(path.slice(1));
      return objectAnswer({ bucket, key, incoming, caller, nowMs }, uploads);
    }),
  );
}

function objectAnswer(request: ObjectRequest, uploads: Uploads): Answer {
  const { method, query } = request.incoming;
  const isMultipart = query.has("uploadId");
  if (method === "GET" || method === "HEAD") return getObject(request);
  if (method === "PUT") return isMultipart ? uploads.put(request) : putObject(request);
  if (method === "DELETE") return isMultipart ? uploads.abort(request) : deleteObject(request);
  if (query.has("uploads")) return uploads.initiate(request);
  if (isMultipart) return uploads.complete(request);
  throw new CosError("NotImplemented", "The simulator does not know this call.");
}

/** The name under which a call is counted and can be made to fail. */
function apiOf(incoming: Incoming, path: string): ApiName {
  const { method, query } = incoming;
  if (path === "/") return method === "GET" && !partOf(incoming) ? "cos.list" : "cos.bucket";
  if (query.has("uploads")) return "cos.multipart";
  if (query.has("uploadId")) return method === "PUT" ? "cos.part" : "cos.multipart";
  if (method === "GET") return "cos.get";
  if (method === "HEAD") return "cos.head";
  return method === "DELETE" ? "cos.delete" : "cos.put";
}

function catchErrors(call: () => Answer): Answer {
  try {
    return call();
  } catch (error) {
    if (error instanceof CosError) return cosFailure(error);
    throw error;
  }
}
