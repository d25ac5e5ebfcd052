#!/usr/bin/env node
// `npx zhenren`, and every npm script of a command: loads TypeScript in this process, without another one for tsx.
import "../require-node.cjs";

import("tsx/esm/api").then(({ register }) => {
  register();
  return import("./zhenren.ts");
});
