/** The client for COS, Tencent Cloud's object storage: all that the rest of the project imports. It throws only `ProviderError`. */

/** @example await cosBucket(cosExchange(options)).region(); */
export { type CosBucket, type CosLifecycleRule, cosBucket } from "./bucket.ts";

/** @example const options: CosOptions = { bucket: "evidence-1250000000", region: "ap-guangzhou", credential }; */
export { type CosCredential, type CosOptions, cosExchange } from "./exchange.ts";

/** @example await cosObjects(cosExchange(options)).put("folder/name", bytes); */
export { type CosObjects, cosObjects } from "./objects.ts";
