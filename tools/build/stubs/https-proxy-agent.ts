/** In place of `https-proxy-agent`: the vendor's SDK makes one only for a profile with a proxy, which ours has not. */
export default class HttpsProxyAgent {
  constructor() {
    throw new Error("proxies are left out of the bundles (tools/build/stubs/https-proxy-agent.ts)");
  }
}
