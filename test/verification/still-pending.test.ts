import { describe, expect, test } from "vitest";
import { settle } from "../../shared/verification/settle.ts";
import { during, failedWith, nothingYet, over, zhang } from "./observations.ts";
import { makeWorld, setTime, type World } from "./world.ts";

const settleNow = async (world: World, id: string) => settle(world.settleDeps, await world.row(id), "finish");

describe("a look at the provider that brought no end", () => {
  test.each(["finish", "landing", "push"] as const)(
    "after %s is followed by the timer's next run",
    async (trigger) => {
      setTime(during);
      const world = await makeWorld();
      const { id } = await world.pending(zhang, { checkAt: over });
      await settle(world.settleDeps, await world.row(id), trigger);
      expect((await world.row(id)).checkAt).toEqual(during);
    },
  );

  test("by the timer leaves the next one to the timer", async () => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending(zhang, { checkAt: over });
    await settle(world.settleDeps, await world.row(id), "timer");
    expect((await world.row(id)).checkAt).toEqual(over);
  });

  test("leaves on record why the last try failed, though the next answer does not say it, and so does the end", async () => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    world.channel.onObserve = () => failedWith("1301", { echo: id, attempts: [] });
    const { lastAttempt } = await settleNow(world, id);
    expect(lastAttempt).toMatchObject({ providerCode: "1301" });
    world.channel.onObserve = () => nothingYet;
    expect(await settleNow(world, id)).toMatchObject({ status: "pending", lastAttempt });
    setTime(over);
    expect(await settleNow(world, id)).toMatchObject({ status: "expired", lastAttempt });
  });
});
