/**
 * In place of the SDK's `AbstractClient`, which brings node-fetch 2, form-data, json-bigint and uuid (540 KB). Our
 * client overrides `request` with an exchange of its own (shared/providers/tencent-cloud/exchange.ts).
 */
import { sdkVersion } from "tencentcloud-sdk-nodejs/tencentcloud/common/sdk_version.js";

export class AbstractClient {
  readonly sdkVersion = `SDK_NODEJS_${sdkVersion}`;

  constructor(
    readonly endpoint: string,
    readonly apiVersion: string,
  ) {}

  request(): never {
    throw new Error("the SDK's HTTP is left out of the bundles (tools/build/stubs/tencent-cloud-client.ts)");
  }
}
