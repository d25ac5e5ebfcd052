/** `npx zhenren simulate`: every control that a person would otherwise write curl for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { advanceCommand } from "../../../../tools/cli/simulate/advance.ts";
import { completeCommand } from "../../../../tools/cli/simulate/complete.ts";
import { faultsCommand } from "../../../../tools/cli/simulate/faults.ts";
import { pushCommand } from "../../../../tools/cli/simulate/push.ts";
import { tailCommand } from "../../../../tools/cli/simulate/tail.ts";
import { call } from "../../../simulator/faceid/client.ts";
import { control, runningSimulator, temporaryFolder } from "../../../simulator/running.ts";
import { runCommand } from "../events/run.ts";

const simulator = await runningSimulator();
/** No stack runs on the folder, so the port counts. */
const env = { SIMULATOR_PORT: String(simulator.port), LOCAL_DIR: temporaryFolder() };
const run = (command: Parameters<typeof runCommand>[0], ...args: string[]) =>
  runCommand(command, env, ...args);

async function issue(): Promise<string> {
  const { response } = await call(simulator.port, "DetectAuth", { RuleId: "sim-rule-h5" });
  return z.string().parse(response["BizToken"]);
}

const tokens = z.array(z.object({ token: z.string(), state: z.string() }));
const stateOf = async (token: string) => {
  const { body } = await control(simulator.origin, "GET", "tokens");
  return tokens.parse(body).find((each) => each.token === token)?.state;
};

describe("simulate complete", () => {
  test("finishes the newest verification that is not over, as passed", async () => {
    const [older, newer] = [await issue(), await issue()];
    expect(await run(completeCommand)).toEqual({ code: 0, out: `${newer} is finished: passed.\n`, err: "" });
    expect([await stateOf(older), await stateOf(newer)]).toEqual(["issued", "finished"]);
    expect((await run(completeCommand)).out).toContain(older);
  });

  test("finishes the one that is named, with the outcome that is named, as JSON for programs", async () => {
    const [named] = [await issue(), await issue()];
    const { code, out } = await run(completeCommand, named, "--outcome", "2006", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ token: named, errCode: 2006 });
  });

  test("says so when nobody waits, and when the simulator refuses", async () => {
    const token = await issue();
    await run(completeCommand, token);
    while ((await run(completeCommand)).code === 0);
    expect(await run(completeCommand)).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/^No token waits/),
    });
    const refused = await run(completeCommand, await issue(), "--outcome", "perhaps");
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^The simulator refused: "perhaps" is not/),
    });
  });
});

describe("simulate advance", () => {
  afterAll(() => control(simulator.origin, "POST", "clock", { reset: true }));

  test("moves the clock, and sets it back", async () => {
    const { out } = await run(advanceCommand, "72h", "--json");
    expect(JSON.parse(out)).toMatchObject({ offsetSeconds: 259_200 });
    expect((await run(advanceCommand, "--reset")).out).toMatch(/^It is \d{4}-.*Z, 0 s ahead\.\n$/);
  });

  test.each([[[]], [["1h", "--reset"]]])("called as %j is wrong usage", async (args) => {
    expect(await run(advanceCommand, ...args)).toMatchObject({ code: 2, out: "" });
  });

  test("says what is no time", async () => {
    expect(await run(advanceCommand, "soon")).toMatchObject({
      code: 1,
      err: expect.stringContaining('"soon" is not'),
    });
  });
});

test("simulate faults makes the next calls fail, and ends the faults", async () => {
  const { out } = await run(faultsCommand, "DetectAuth", "InternalError", "--count", "2");
  expect(out).toBe("The next 2 calls of DetectAuth fail: InternalError.\n");
  const codeOf = async () => (await call(simulator.port, "DetectAuth", { RuleId: "sim-rule-h5" })).code;
  expect(await codeOf()).toBe("InternalError");
  expect((await run(faultsCommand, "--clear")).out).toBe("No call fails any more.\n");
  expect(await codeOf()).toBeUndefined();
  for (const args of [[], ["DetectAuth"], ["DetectAuth", "--clear"], ["DetectAuth", "reset", "--count", "0"]])
    expect(await run(faultsCommand, ...args), args.join(" ")).toMatchObject({ code: 2, out: "" });
});

describe("simulate push", () => {
  test("changes how pushes are sent, and shows it", async () => {
    const changed = await run(pushCommand, "--mode", "plain", "--duplicates", "2", "--lose", "yes", "--json");
    expect(JSON.parse(changed.out).settings).toMatchObject({ mode: "plain", duplicates: 2, lose: true });
    await run(pushCommand, "--event", "user_info_modified");
    const { out } = await run(pushCommand);
    expect(out).toMatch(/^mode=plain format=json duplicates=2 delayMs=0 lose=true\n/);
    expect(out).toMatch(/user_info_modified +lost/);
  });

  test("asks the push address for an echo, and exits with 1 where nobody answers", async () => {
    expect((await run(pushCommand, "--verify")).code).toBe(1);
  });

  test("refuses what makes no sense with exit code 2", async () => {
    for (const args of [
      ["--lose", "perhaps"],
      ["--mode", "perhaps"],
      ["--format", "yaml"],
      ["--duplicates", "-"],
      ["--openid", "o1"],
    ])
      expect(await run(pushCommand, ...args), args.join(" ")).toMatchObject({ code: 2, out: "" });
  });
});

test("simulate tail --once shows what was issued, oldest first, a line each", async () => {
  const token = await issue();
  const [text, json] = [await run(tailCommand, "--once"), await run(tailCommand, "--once", "--json")];
  expect(text.out.trimEnd().split("\n").at(-1)).toMatch(new RegExp(`BizToken +issued +${token}$`));
  expect(JSON.parse(json.out.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ token, state: "issued" });
});

describe("without a simulator", () => {
  let nothing: Readonly<Record<string, string>>;
  beforeAll(() => {
    nothing = { SIMULATOR_PORT: "1", LOCAL_DIR: temporaryFolder() };
  });

  test.each([completeCommand, advanceCommand, faultsCommand, pushCommand, tailCommand])(
    "$usage says how to start one",
    async (command) => {
      const args = command === advanceCommand ? ["1h"] : command === faultsCommand ? ["--clear"] : [];
      const { code, err } = await runCommand(command, nothing, ...args);
      expect(code).toBe(1);
      expect(err).toMatch(/^No simulator runs at http:\/\/127\.0\.0\.1:1\. Start it with npx zhenren start/);
    },
  );
});
