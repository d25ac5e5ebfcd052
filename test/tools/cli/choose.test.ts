/** `npx zhenren choose`, and the rules that README shows before anything else. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { channelTooling } from "../../../shared/channels/tooling.ts";
import { readMarkdown, tableRows } from "../../docs/markdown.ts";
import { runCommand } from "../../support/command.ts";

const judgements = z.array(z.object({ channel: z.string(), verdict: z.string() }));

async function choose(...args: string[]) {
  const { code, out } = await runCommand("choose.ts", [...args, "--json"], {});
  const judged = judgements.parse(JSON.parse(out));
  return { code, verdicts: Object.fromEntries(judged.map(({ channel, verdict }) => [channel, verdict])) };
}

describe("zhenren choose", () => {
  test("knows that a company on no list may have H5 and E证通, and that WeChat keeps a list of its own", async () => {
    expect(await choose("--industry", "other")).toEqual({
      code: 0,
      verdicts: { "mini-program": "not-listed", h5: "may-apply", eid: "may-apply", wechat: "ask-the-vendor" },
    });
  });

  test("knows what runs in a mini-program", async () => {
    expect(await choose("--industry", "hotel", "--in", "mini-program")).toEqual({
      code: 0,
      verdicts: {
        "mini-program": "may-apply",
        h5: "does-not-run-there",
        eid: "may-apply",
        wechat: "ask-the-vendor",
      },
    });
  });

  test("promises nothing where it was told nothing", async () => {
    expect((await choose()).verdicts).toMatchObject({ "mini-program": "depends-on-the-industry" });
  });

  test("refuses an industry and a place that it does not know", async () => {
    for (const args of [
      ["--industry", "fishing"],
      ["--in", "television"],
    ])
      expect(await runCommand("choose.ts", args, {})).toMatchObject({ code: 2, out: "" });
  });
});

test.each([
  ["README.md", "en"],
  ["README.zh-CN.md", "zh"],
] as const)(
  "%s shows the rule and the review of each channel as they are stated beside it",
  (page, language) => {
    const rows = tableRows(readMarkdown(page).prose).slice(0, channelTooling.length);
    expect(rows.map((row) => [/^\[([\w-]+)\]/.exec(row[0] ?? "")?.[1], ...row.slice(1)])).toEqual(
      channelTooling.map(({ channel, eligibility }) => [
        channel,
        eligibility.rule[language],
        eligibility.review[language],
      ]),
    );
  },
);
