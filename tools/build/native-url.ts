/**
 * Stands in for `whatwg-url` in the bundles. node-fetch 2, inside the vendor's SDK, brings it for Nodes without `URL`, and
 * uses Node's own where there is one; left in, its tables are 290 KB that every cold start parses for nothing.
 */
import { URL } from "node:url";

export default { URL };
