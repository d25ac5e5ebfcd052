import { describe, expect, test } from "vitest";
import { expectProblem } from "../support/contract.ts";
import { archiveFindings, storedObjects } from "../support/evidence.ts";
import { stackForTests } from "../support/stack.ts";
import { type Flow, simControl, startFlow } from "./wechat-eid-flow.ts";

const returnUrl = "https://shop.example/back?order=7";

describe("eID", () => {
  const stack = stackForTests();
  const start = (options?: Parameters<typeof startFlow>[2]) => startFlow(stack, "eid", options);
  const land = async (address: URL, query = "") => {
    const answer = await stack.send("GET", address.pathname + query);
    stack.expectNothingPersonal(answer.text);
    const [, outcome] = /data-outcome="([^"]*)"/.exec(answer.text) ?? [];
    const [, forward] = /data-forward="([^"]*)"/.exec(answer.text) ?? [];
    return { status: answer.status, outcome, forward: forward?.replaceAll("&amp;", "&") };
  };

  test("a person is verified from token to passed, and lives ten minutes", async () => {
    const flow = await start({ body: { reference: "order-1" } });
    expect(Object.keys(flow.start)).toEqual(["eidToken"]);
    const before = await flow.read();
    expect(before).toMatchObject({ channel: "eid", status: "pending", reference: "order-1", attempts: 0 });
    const lifetime = Date.parse(flow.expiresAt) - Date.parse(before.createdAt);
    expect(Math.abs(lifetime - 600_000)).toBeLessThan(5_000);
    expect(await flow.finish()).toMatchObject({ status: "pending" }); // the client says so, the provider does not
    await flow.complete("passed");
    expect(await flow.finish({ verifyResult: "whatever" })).toMatchObject({ status: "passed", attempts: 1 });
    expect(await stack.eventsOf(flow.id)).toEqual(["verification.passed"]);
  });

  test.each(["asn1", "prefixed", "raw"])(
    "the eID centre's word opens when it is written as %s",
    async (encoding) => {
      await simControl(stack, "eid", { encoding });
      const [right, wrong] = [await start(), await start()];
      await right.complete("passed");
      await wrong.complete("other-person");
      expect((await right.finish()).status).toBe("passed");
      expect(await wrong.finish()).toMatchObject({ status: "failed", reason: { code: "identity_mismatch" } });
      expect(await stack.eventsOf(wrong.id)).toEqual(["verification.failed", "identity_mismatch"]);
    },
  );

  test("whoever comes passes where nobody in particular was asked for", async () => {
    const flow = await start({ identity: null });
    await flow.complete("other-person");
    expect((await flow.finish()).status).toBe("passed");
  });

  test.each<[string, string]>([
    ["retry", "2016"],
    ["liveness", "1002"],
    ["trouble", "1001"],
    ["unknown", "98765"],
  ])(
    "an outcome of class %s (%s) is no pass, and the reason when the token's time is over",
    async (_, outcome) => {
      const flow = await start();
      await flow.complete(outcome);
      expect((await flow.finish()).status).toBe("pending");
      await stack.simulator.advance("12m");
      await stack.timer("reconcile");
      expect(await flow.read()).toMatchObject({
        status: "failed",
        reason: { providerCode: outcome },
        attempts: 1,
      });
    },
  );

  test("the retry limit ends it", async () => {
    const flow = await start();
    for (let tries = 0; tries < 5; tries += 1) await flow.complete("1101");
    await flow.complete("passed");
    expect(await flow.finish()).toMatchObject({ status: "failed", reason: { code: "retry_limit" } });
  });

  test("never finished, it expires with its ten minutes (THREAT 4)", async () => {
    const flow = await start();
    await stack.simulator.advance("10m");
    await stack.timer("reconcile");
    expect((await flow.read()).status).toBe("pending");
    await stack.simulator.advance("2m");
    await stack.timer("reconcile");
    expect(await flow.read()).toMatchObject({
      status: "expired",
      reason: { code: "never_finished" },
      archive: { status: "skipped" },
    });
  });

  test("a finish that never came is made up for by the timer", async () => {
    const flow = await start();
    await flow.complete("passed");
    await stack.timer("reconcile");
    expect((await flow.read()).status).toBe("passed");
  });

  test.each(["CheckEidTokenStatus", "GetEidResult"])("while %s is down nothing is decided", async (api) => {
    for (const fault of ["http-500", "bad-json", "rate-limit"]) {
      const flow = await start();
      await flow.complete("passed");
      await stack.simulator.fault(api, fault, 5);
      expect((await flow.finish()).status, fault).toBe("pending");
      await stack.simulator.clearFaults();
      expect((await flow.finish()).status, fault).toBe("passed");
    }
  });

  test("another user sees nothing of it (THREAT 1)", async () => {
    const flow = await start();
    await flow.complete("passed");
    const lin = await stack.asUser("lin");
    expectProblem(await lin.send("GET", `/verifications/${flow.id}`), 404, "not_found");
    expectProblem(await lin.send("POST", `/verifications/${flow.id}/finish`, { body: {} }), 404, "not_found");
    expect((await flow.read()).status).toBe("pending");
  });

  test("with a returnUrl it has an address, and lands through the same page", async () => {
    const flow = await start({ body: { returnUrl } });
    expect(Object.keys(flow.start).sort()).toEqual(["eidToken", "url"]);
    expect(new URL(flow.start["url"] ?? "").searchParams.get("token")).toBe(flow.token);
    const address = await flow.user.landingOf(flow);
    expect(address.pathname).toMatch(/^\/h5\/landing\/[\w-]{32}$/);
    await flow.complete("passed");
    const forward = `${returnUrl}&verification=${flow.id}&status=passed`;
    expect(await land(address, `?token=${flow.token}`)).toEqual({ status: 200, outcome: "passed", forward });
    expect(await land(address)).toEqual({ status: 200, outcome: "passed", forward });
    expect((await flow.read()).status).toBe("passed");
    expect(await stack.eventsOf(flow.id)).toEqual(["verification.passed"]);
  });

  test("the token in the landing's query is nobody's word (THREAT 15)", async () => {
    const [mine, theirs] = [
      await start({ body: { returnUrl } }),
      await start({ body: { returnUrl }, openid: "lin" }),
    ];
    await theirs.complete("passed");
    const landed = await land(await mine.user.landingOf(mine), `?token=${theirs.token}`);
    expect(landed).toMatchObject({ outcome: "pending" });
    expect((await mine.read()).status).toBe("pending");
    expect((await theirs.read()).status).toBe("pending");
  });

  test("without a returnUrl there is no address to come back to", async () => {
    await start();
    const [issued] = await stack.simulator.tokens();
    expect(issued).not.toHaveProperty("redirectUrl");
  });

  test("a returnUrl elsewhere is refused (THREAT 16)", async () => {
    const user = await stack.asUser("mei");
    const body = { returnUrl: "https://shop.example.evil.example/" };
    expectProblem(await user.send("POST", "/tokens/eid", { body }), 400, "invalid_request");
  });

  test("text, ID card and best frames are archived, and no video", async () => {
    const flow = await start({ identity: null });
    await flow.complete("passed");
    await flow.finish();
    await stack.timer("archive");
    expect((await flow.read()).archive.status).toBe("archived");
    expect(await archiveFindings(stack.running, flow.id)).toEqual([]);
    const kept = (await storedObjects(stack.running)).filter((name) => name.includes(flow.id)).join("\n");
    for (const name of ["text.json", "id-card-front", "id-card-back", "best-frame"])
      expect(kept).toContain(name);
    expect(kept).not.toContain("video");
  });

  test("nothing personal was logged", async () => {
    stack.expectNothingPersonal(await stack.logged(/"msg":"settled"/));
  });
});

describe("eID with an intention, without the merchant's key, behind an event of API Gateway", () => {
  const stack = stackForTests({
    HTTP_TRIGGER: "apigw",
    EID_INTENTION: "answer",
    EID_INTENTION_TEXT: "您同意吗",
    EID_INTENTION_ANSWERS: "是|同意",
    EID_PRIVATE_KEY: "",
  });
  const finishedWith = async (outcome: string): Promise<Flow> => {
    const flow = await startFlow(stack, "eid");
    await flow.complete(outcome);
    return flow;
  };

  test("passes only when it was confirmed too, and believes the provider about whom we named", async () => {
    expect((await (await finishedWith("passed")).finish()).status).toBe("passed");
    expect((await (await finishedWith("-101")).finish()).status).toBe("pending");
    expect((await (await finishedWith("2016")).finish()).status).toBe("pending");
  });
});
