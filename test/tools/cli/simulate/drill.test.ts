/** `npx zhenren simulate drill`: alarms that a running stack raises itself. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { drills } from "../../../../tools/cli/simulate/drill/drills.ts";
import { drillCommand } from "../../../../tools/cli/simulate/drill.ts";
import { chineseOf, readMarkdown, tableRows } from "../../../docs/markdown.ts";
import { temporaryFolder } from "../../../simulator/running.ts";
import { stackForTests } from "../../../support/stack.ts";
import { runCommand } from "../events/run.ts";

const PAGE = "docs/operations.md";
const names = Object.keys(drills);
const withoutDrill = names.filter((name) => !canRun(name));

function canRun(name: string): boolean {
  const drill = Object.entries(drills).find(([alarm]) => alarm === name)?.[1];
  return drill !== undefined && "run" in drill;
}

/** The alarms of a page, with what it says to do. */
const alarmsOf = (page: string) =>
  tableRows(readMarkdown(page).prose).flatMap(([first = "", , todo = ""]) => {
    const [, name] = /^`([a-z]+_[a-z_]+)`$/.exec(first) ?? [];
    return name === undefined ? [] : [{ name, todo }];
  });

const firstWords = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(" ")[0]);

describe("the list of drills", () => {
  test.each([PAGE, chineseOf(PAGE)])("has every alarm of %s, which says which have none", (page) => {
    expect(names.toSorted()).toEqual(
      alarmsOf(page)
        .map(({ name }) => name)
        .toSorted(),
    );
    const about = readMarkdown(page)
      .prose.split("\n\n")
      .find((paragraph) => paragraph.includes("npx zhenren simulate drill"));
    const named = [...(about ?? "").matchAll(/`([a-z]+_[a-z_]+)`/g)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(withoutDrill.toSorted());
  });

  test("is printed without a name, and says of each why it has none", async () => {
    const nowhere = { LOCAL_DIR: temporaryFolder() };
    const { code, out } = await runCommand(drillCommand, nowhere);
    expect(code).toBe(0);
    expect(firstWords(out)).toEqual(names);
    for (const alarm of withoutDrill) {
      const refused = await runCommand(drillCommand, nowhere, alarm);
      expect(refused).toMatchObject({ code: 1, out: "" });
      expect(out).toContain(refused.err.trim());
    }
  });

  test("knows no other alarm, and needs a stack that runs", async () => {
    const nowhere = { LOCAL_DIR: temporaryFolder() };
    const unknown = await runCommand(drillCommand, nowhere, "archive_lots");
    expect(unknown).toMatchObject({ code: 2, out: "" });
    expect(unknown.err).toMatch(/^There is no alarm "archive_lots"\. Did you mean archive_lost\? Usage: /);
    const stopped = await runCommand(drillCommand, nowhere, "archive_lost");
    expect(stopped).toMatchObject({ code: 1, out: "", err: expect.stringContaining("is not running on") });
  });
});

const ran = z.object({
  alarm: z.string(),
  eventId: z.string(),
  verificationId: z.optional(z.string()),
  afterwards: z.optional(z.string()),
  clockMoved: z.boolean(),
  runbook: z.string(),
});

describe("a drill on a running stack", () => {
  const stack = stackForTests();
  const drill = async (alarm: string) => {
    const { code, out, err } = await runCommand(drillCommand, { LOCAL_DIR: stack.localDir }, alarm, "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return ran.parse(JSON.parse(out));
  };

  // The clock goes one way: what moves it furthest comes last.
  const ends: [alarm: string, afterwards: string | undefined][] = [
    ["identity_mismatch", undefined],
    ["answer_unreadable", "the next question settles it"],
    ["evidence_incomplete", "all evidence is archived"],
    ["timer_stopped", "archive runs again"],
    ["purge_deadline_near", "all evidence is archived"],
    ["archive_lost", undefined],
  ];

  test.each(ends)("raises %s", { timeout: 60_000 }, async (alarm, afterwards) => {
    const told = await drill(alarm);
    const [event] = await stack.sql("select type, data from outbound_event where id = $1", [told.eventId]);
    expect(event).toMatchObject({ type: "alarm.raised", data: { alarm } });
    if (told.verificationId !== undefined) {
      expect(await stack.eventsOf(told.verificationId)).toContain(alarm);
    }
    await stack.logged(new RegExp(`"alarm":"${alarm}"`));
    expect(told.afterwards).toBe(afterwards);
    const [row] = alarmsOf(PAGE).filter(({ name }) => name === alarm);
    expect(told.runbook).toBe(row?.todo);
    expect(told.runbook).not.toBe("");
  });

  test("tells people what was done, and what to do", async () => {
    const { code, out, err } = await runCommand(
      drillCommand,
      { LOCAL_DIR: stack.localDir },
      "identity_mismatch",
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toBe("identity_mismatch: another person passes than the one asked for");
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^ {2}- ver_\S+: another person passed$/),
      "  - the client asks: failed",
      expect.stringMatching(/^Raised after \d+ s: evt_\S+\.$/),
      expect.stringMatching(/^What to do \(docs\/operations\.md\): the verification is `failed`/),
    ]);
  });

  test("is tested for every alarm that has one", () => {
    expect(ends.map(([alarm]) => alarm).toSorted()).toEqual(names.filter(canRun).toSorted());
  });
});
