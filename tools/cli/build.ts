/** `npm run build`: bundles every function into `dist/`. */

import { text } from "../language/index.ts";
import { defineCommand, print, printJson } from "./command.ts";

const command = defineCommand({
  name: "build",
  summary: text(
    "Bundles every function into dist/ and prints the size of each.",
    "把每个函数打包到 dist/，并列出各自的大小。",
  ),
  options: {
    json: {
      type: "boolean",
      help: text("sizes as one JSON object, in bytes", "以一个 JSON 对象给出大小，单位为字节"),
    },
  },
  examples: [["", text("builds all functions", "打包全部函数")]],
  exitCodes: [text("all are built", "全部打包完成"), text("one cannot be built", "有函数无法打包")],
  run: async ({ json }) => {
    const { build } = await import("../build/build.ts"); // loads esbuild, which the help does not need
    const sizes = await build();
    if (json) printJson(sizes);
    else {
      for (const [name, bytes] of Object.entries(sizes)) {
        print(`${name.padEnd(20)} ${(bytes / 1024).toFixed(0).padStart(6)} KB`);
      }
    }
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
