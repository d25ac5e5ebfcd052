/** `npm run settings`: writes what people read about the settings. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsDocuments } from "../settings/documents.ts";
import { defineCommand, print } from "./command.ts";

const root = join(import.meta.dirname, "../..");

const command = defineCommand({
  name: "settings",
  summary: "Writes .env.example and docs/settings*.md from shared/config/ and from what the functions read.",
  options: {},
  examples: [["", "after a change of settings"]],
  exitCodes: ["all are written", "one cannot be written"],
  run: () => {
    for (const [file, text] of Object.entries(settingsDocuments())) {
      writeFileSync(join(root, file), text);
      print(file);
    }
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
