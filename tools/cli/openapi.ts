/** `npx zhenren openapi`: writes the OpenAPI document. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "../language/index.ts";
import { OPENAPI_FILE, openApiText } from "../openapi/document.ts";
import { defineCommand, print } from "./command.ts";

const root = join(import.meta.dirname, "../..");

const command = defineCommand({
  name: "openapi",
  summary: text(
    "Writes docs/openapi.json (OpenAPI 3.1) from shared/contract/.",
    "根据 shared/contract/ 生成 docs/openapi.json（OpenAPI 3.1）。",
  ),
  options: {},
  examples: [["", text("after a change of the contract", "修改接口约定之后")]],
  exitCodes: [text("it is written", "已写好"), text("it cannot be written", "无法写入")],
  run: () => {
    writeFileSync(join(root, OPENAPI_FILE), openApiText());
    print(OPENAPI_FILE);
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
