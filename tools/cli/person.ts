/** `npx zhenren person`: what is kept about one person, a copy of it, and its end. */
import { text } from "../language/index.ts";
import { commandGroup, printError } from "./command.ts";
import { eraseCommand } from "./person/erase.ts";
import { exportCommand } from "./person/export.ts";
import { findCommand } from "./person/find.ts";
import { holdsIdCardNumber } from "./person/id-card-number.ts";

const command = commandGroup("person", { find: findCommand, export: exportCommand, erase: eraseCommand });

const args = process.argv.slice(2);
if (args.some(holdsIdCardNumber)) {
  printError(
    text(
      "An ID number is no argument: give it on stdin, and delete this line from the history of your shell. Nothing was done.",
      "身份证号不能写在参数里：请通过标准输入提供，并从 shell 历史记录中删除这一行。没有执行任何操作。",
    ),
  );
  process.exitCode = 2;
} else {
  process.exitCode = await command.run(args);
}
