/** For each alarm how a local stack is made to raise it, or why it cannot be. */
import type { AlarmName } from "../../../../shared/runtime/log.ts";
import { type Text, text } from "../../../language/index.ts";
import type { DrillStack, Subject } from "./stack.ts";

/** How an alarm is raised for real. */
export interface Drill {
  /** What happens, in a few words. */
  readonly what: Text;
  /** Makes it happen, and answers what the alarm is about. */
  run(stack: DrillStack): Promise<Subject>;
  /** Ends the trouble that `run` made, after the alarm, and answers how it ended. */
  mend?(stack: DrillStack, subject: Subject): Promise<Text>;
}

/** Why a local stack cannot be made to raise an alarm. */
export interface NoDrill {
  readonly whyNot: Text;
}

const archiveStatus = async (stack: DrillStack, subject: Subject): Promise<Text> => {
  const { archive } = await stack.read("verificationId" in subject ? subject.verificationId : "");
  return archive.status === "archived" && !archive.missing?.length
    ? text("all evidence is archived", "证据已全部归档")
    : text(`the evidence is not archived: ${archive.status}`, `证据没有归档：${archive.status}`);
};

/** Every alarm. The test holds it against the code's list and against docs/operations.md. */
export const drills: Readonly<Record<AlarmName, Drill | NoDrill>> = {
  purge_deadline_near: {
    what: text(
      "the provider does not answer the archive, and the purge comes near",
      "服务方不回答归档的查询，清除期限临近",
    ),
    async run(stack) {
      const verificationId = await stack.passed();
      await stack.fault("http-500");
      await stack.advance("49h");
      await stack.timer("maintain");
      return { verificationId };
    },
    async mend(stack, subject) {
      await stack.clearFaults();
      await stack.advance("1h"); // past the next try
      await stack.timer("archive");
      return archiveStatus(stack, subject);
    },
  },
  archive_lost: {
    what: text("the provider deletes a result before it is archived", "结果在归档之前已被服务方删除"),
    async run(stack) {
      const verificationId = await stack.passed();
      await stack.fault("http-500");
      await stack.advance("73h");
      await stack.clearFaults();
      await stack.timer("archive");
      return { verificationId };
    },
  },
  evidence_incomplete: {
    what: text(
      "one piece of the evidence is too large for the provider's answer",
      "有一项证据太大，服务方的回答放不下",
    ),
    async run(stack) {
      const verificationId = await stack.passed();
      // Of several kinds in one call, then of the first of them alone: the other kinds are had.
      await stack.fault("ResponseSizeLimitExceeded", 2);
      await stack.timer("archive");
      return { verificationId };
    },
    async mend(stack, subject) {
      await stack.clearFaults();
      await stack.advance("1h"); // past the next look at what is missing
      await stack.timer("archive");
      return archiveStatus(stack, subject);
    },
  },
  answer_unreadable: {
    what: text("the provider's answer is no JSON", "服务方的回答不是 JSON"),
    async run(stack) {
      const verificationId = await stack.finishedByPerson("passed");
      await stack.fault("bad-json");
      await stack.finish(verificationId);
      return { verificationId };
    },
    async mend(stack) {
      await stack.clearFaults();
      return text("the next question settles it", "下一次查询即可结案");
    },
  },
  identity_mismatch: {
    what: text("another person passes than the one asked for", "通过的不是指定的人"),
    async run(stack) {
      const verificationId = await stack.finishedByPerson("other-person");
      await stack.finish(verificationId);
      return { verificationId };
    },
  },
  timer_stopped: {
    what: text("the function archive has not run for too long", "函数 archive 太久没有运行"),
    async run(stack) {
      await stack.timer("archive");
      await stack.forgetRun("archive");
      await stack.timer("maintain");
      return { timer: "archive" };
    },
    async mend(stack) {
      await stack.timer("archive");
      return text("archive runs again", "archive 恢复运行");
    },
  },
  contradicting_result: {
    whyNot: text(
      "Two different answers about one verification must be on their way at once, and the simulator tells everybody the same.",
      "需要关于同一次核身的两个不同回答同时在途，而模拟器对任何查询的回答都一致。",
    ),
  },
  master_key_missing: {
    whyNot: text(
      "Only the log has it, and it takes functions that start with another MASTER_KEY than the one the data was sealed with.",
      "它只出现在日志中，并且需要函数以另一把 MASTER_KEY 启动，而不是封存数据时的那把。",
    ),
  },
  clock_drift: {
    whyNot: text(
      "Only the log has it, and the clock of a local stack moves for simulator and functions together.",
      "它只出现在日志中，而本机环境的模拟器和函数共用一个时钟。",
    ),
  },
};
