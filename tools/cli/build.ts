/** `npx zhenren build`: bundles every function into `dist/`. */

import { text } from "../language/index.ts";
import { defineCommand, print, printJson } from "./command.ts";

// Both load esbuild, which the help does not need.
const buildFunctions = async () => (await import("../build/build.ts")).build();
async function buildPackage() {
  const { buildClient, installInExample } = await import("../build/client.ts");
  const sizes = await buildClient();
  installInExample();
  return sizes;
}

const command = defineCommand({
  name: "build",
  summary: text(
    "Bundles every function into dist/, or the npm package of the client into dist/client/, and prints the sizes.",
    "把每个函数打包到 dist/，或把客户端的 npm 包生成到 dist/client/，并列出大小。",
  ),
  options: {
    client: {
      type: "boolean",
      help: text(
        "the package zhenren-client instead of the functions; its sizes are gzipped",
        "生成 zhenren-client 包而不是函数；大小为 gzip 之后的",
      ),
    },
    json: {
      type: "boolean",
      help: text("sizes as one JSON object, in bytes", "以一个 JSON 对象给出大小，单位为字节"),
    },
  },
  examples: [
    ["", text("builds all functions", "打包全部函数")],
    [
      "--client",
      text(
        "the package, ready for npm publish dist/client, and for examples/mini-program",
        "生成可供 npm publish dist/client 的包",
      ),
    ],
  ],
  exitCodes: [text("all are built", "全部打包完成"), text("one cannot be built", "有函数无法打包")],
  run: async ({ client, json }) => {
    const sizes = await (client ? buildPackage() : buildFunctions());
    if (json) printJson(sizes);
    else {
      for (const [name, bytes] of Object.entries(sizes)) {
        print(`${name.padEnd(20)} ${(bytes / 1024).toFixed(client ? 1 : 0).padStart(6)} KB`);
      }
    }
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
