/** In place of `whatwg-url`, which node-fetch 2 brings for Nodes without `URL`: 290 KB of tables. */
import { URL } from "node:url";

export default { URL };
