/** `person find`: which verifications there are of a person. */
import { verificationsOfPerson } from "../../../shared/store/erasure.ts";
import { text, verbatim } from "../../language/index.ts";
import { logAccess } from "../archive/accesses.ts";
import { factsOf } from "../archive/list.ts";
import { WHICH_ARCHIVE, withArchive } from "../archive/open.ts";
import { table, time } from "../archive/table.ts";
import { defineCommand, print, printJson } from "../command.ts";
import { FROM_STDIN, readIdCardNumber } from "./id-card-number.ts";

/** What a search by ID number cannot see, for the help. */
export const NOT_FOUND_BY_NUMBER = text(
  "Found is who was asked for, or whom the provider named. Nobody finds whom it named by a hash alone (WeChat v1), and whose number nobody knows.",
  "能找到的是请求中指定的人，或服务方给出号码的人。服务方只给出哈希（微信 v1）或没有给出号码的，无法找到。",
);

/** What every command says about whom nothing is kept. */
export const NOTHING_KEPT = text("Nothing is kept about this person.", "没有保存这个人的任何内容。");

const HEAD = [
  text("VERIFICATION", "核身"),
  text("CHANNEL", "核身方式"),
  text("STATUS", "状态"),
  text("ARCHIVE", "归档状态"),
  text("CREATED", "创建"),
];

/** `person find`. */
export const findCommand = defineCommand({
  name: "person find",
  summary: text("Lists what is kept about one person, by ID number.", "按身份证号列出保存的某个人的核身。"),
  details: verbatim([FROM_STDIN, NOT_FOUND_BY_NUMBER, WHICH_ARCHIVE].join("\n")),
  options: { json: { type: "boolean", help: text("one JSON array", "输出一个 JSON 数组") } },
  examples: [["< id-number.txt", text("everything about whom the file names", "文件中这个人的全部核身")]],
  exitCodes: [
    text("listed, if there is any", "已列出（如果有）"),
    text("the database cannot be read", "无法读取数据库"),
  ],
  run: async ({ json }) => {
    const number = await readIdCardNumber();
    const rows = await withArchive(async (deps) => {
      const found = await verificationsOfPerson(deps.db, deps.keyring, number);
      await logAccess(deps, "person find", found);
      return found;
    });
    const facts = rows.map(factsOf);
    if (json) printJson(facts);
    else if (facts.length === 0) print(NOTHING_KEPT);
    else {
      print(
        table(
          HEAD,
          facts.map((each) => [
            each.verificationId,
            each.channel,
            each.status,
            each.archiveStatus,
            time(each.createdAt),
          ]),
        ),
      );
    }
    return 0;
  },
});
