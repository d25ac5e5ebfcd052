/** `npm run build`: bundles every function into `dist/`. */
import { defineCommand, print, printJson } from "./command.ts";

const command = defineCommand({
  name: "build",
  summary: "Bundles every function into dist/ and prints the size of each.",
  options: { json: { type: "boolean", help: "sizes as one JSON object, in bytes" } },
  examples: [["", "builds all functions"]],
  exitCodes: ["all are built", "one cannot be built"],
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
