/** `npx zhenren settings`: writes what people read about the settings. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "../language/index.ts";
import { settingsDocuments } from "../settings/documents.ts";
import { defineCommand, print } from "./command.ts";

const root = join(import.meta.dirname, "../..");

const command = defineCommand({
  name: "settings",
  summary: text(
    "Writes .env.example and docs/settings*.md from shared/config/ and from what the functions read.",
    "根据 shared/config/ 和各函数读取的设置，生成 .env.example 和 docs/settings*.md。",
  ),
  options: {},
  examples: [["", text("after a change of settings", "修改设置之后")]],
  exitCodes: [text("all are written", "全部写好"), text("one cannot be written", "有一个无法写入")],
  run: () => {
    for (const [file, content] of Object.entries(settingsDocuments())) {
      writeFileSync(join(root, file), content);
      print(file);
    }
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
