/**
 * In place of what axios imports for browsers, `fetch`, forms, data URIs, HTTP/2, redirects and proxies. The client for
 * WeChat's servers asks for the `http` adapter, no redirects and no proxy, and sends JSON.
 */
export default class Unused {
  constructor() {
    unused();
  }
}

export { unused as estimateDataURLBufferAllocation, unused as getFetch, unused as getProxyForUrl };

function unused(): never {
  throw new Error("this part of axios is left out of the bundles (tools/build/stubs/axios.ts)");
}
