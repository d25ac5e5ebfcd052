import { describe, expect, test } from "vitest";
import { somebody } from "../support/people.ts";
import type { Answer } from "../support/request.ts";
import { stackForTests } from "../support/stack.ts";

/** What the page tells its own script, and whoever looks at it. */
function page(answer: Answer) {
  const attribute = (name: string) =>
    new RegExp(`\\bdata-${name}="([^"]*)"`).exec(answer.text)?.[1]?.replaceAll("&amp;", "&");
  const [, reason] = /data-testid="reason">(.*?)<\/div>/s.exec(answer.text) ?? [];
  return { outcome: attribute("outcome"), forward: attribute("forward"), again: attribute("again"), reason };
}

describe.each(["http", "apigw"])("behind an event of %s the landing page", (HTTP_TRIGGER) => {
  const stack = stackForTests({ HTTP_TRIGGER });

  /** A flow of somebody, and the address that the browser comes back to. */
  async function flow(body: Parameters<Awaited<ReturnType<typeof stack.asUser>>["issue"]>[1] = {}) {
    const user = await stack.asUser("mei");
    const issued = await user.issue("h5", body);
    const address = await user.landingOf(issued);
    const land = async (query = `?BizToken=${issued.token}`) => {
      await stack.momentPasses();
      const answer = await stack.send("GET", address.pathname + query);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      stack.expectNothingPersonal(answer.text);
      return answer;
    };
    return {
      user,
      ...issued,
      address,
      land,
      complete: (as: string) => stack.simulator.complete(issued.token, as),
    };
  }

  test("is below PUBLIC_URL, with a state that nobody guesses", async () => {
    const { address } = await flow();
    expect(address.origin).toBe(stack.running.url);
    expect(address.pathname).toMatch(/^\/h5\/landing\/[\w-]{32}$/);
    expect(address.search).toBe("");
  });

  test("says passed, in Chinese and English, and settles", async () => {
    const { id, user, land, complete } = await flow({ identity: somebody() });
    await complete("passed");
    const answer = await land();
    expect(answer.status).toBe(200);
    expect(page(answer)).toEqual({ outcome: "passed" });
    expect(answer.text).toMatch(/核验通过.*Verified/s);
    expect(await user.read(id)).toMatchObject({ status: "passed" });
    expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
  });

  test("says the same when the same link is opened again", async () => {
    const { id, user, land, complete } = await flow();
    await complete("passed");
    const first = page(await land());
    expect(page(await land(""))).toEqual(first);
    expect(await user.read(id)).toMatchObject({ status: "passed", attempts: 1 });
    expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
  });

  test("says why a try failed, while the token may still be used", async () => {
    const { id, user, land, complete } = await flow();
    await complete("2016");
    const shown = page(await land());
    expect(shown).toMatchObject({ outcome: "failed", again: undefined, forward: undefined });
    expect(shown.reason).toMatch(/人脸相似度过低.*similar/s);
    expect(await user.read(id)).toMatchObject({ status: "pending" });
    await complete("passed");
    expect(page(await land())).toEqual({ outcome: "passed" });
  });

  test("says why it failed for good", async () => {
    const { id, user, land, complete } = await flow({ identity: somebody() });
    await complete("other-person");
    const shown = page(await land());
    expect(shown).toMatchObject({ outcome: "failed" });
    expect(shown.reason).toMatch(/不是同一人.*somebody other/s);
    expect(await user.read(id)).toMatchObject({ status: "failed", reason: { code: "identity_mismatch" } });
  });

  test("looks again three times when the provider has no result yet, then says not finished", async () => {
    const { land, complete } = await flow();
    expect(page(await land())).toEqual({ outcome: "pending", again: "?look=1" });
    expect(page(await land("?look=1"))).toEqual({ outcome: "pending", again: "?look=2" });
    expect(page(await land("?look=2"))).toEqual({ outcome: "pending", again: "?look=3" });
    expect(page(await land("?look=3"))).toEqual({ outcome: "pending" });
    await complete("passed");
    expect(page(await land("?look=3"))).toEqual({ outcome: "passed" });
  });

  test.each([
    "-1",
    "1e9",
    "NaN",
    "2.5",
    "9999999999999999999",
    "x%22%3E%3Cscript%3E",
    "1&look=2",
    "%00",
    "%F0",
  ])("takes ?look=%s for what it is", async (look) => {
    const { land } = await flow();
    const answer = await land(`?look=${look}`);
    expect(answer.status).toBe(200);
    expect(page(answer).outcome).toBe("pending");
    expect(page(answer).again ?? "?look=3").toMatch(/^\?look=[123]$/);
  });

  test("asks the provider while it is in trouble, and shows not finished", async () => {
    const { id, user, land, complete } = await flow();
    await complete("passed");
    await stack.simulator.fault("GetDetectInfoEnhanced", "http-500");
    expect(page(await land())).toEqual({ outcome: "pending", again: "?look=1" });
    expect(await user.read(id)).toMatchObject({ status: "pending" });
    expect(page(await land("?look=1"))).toEqual({ outcome: "passed" });
  });

  test.each(["0".repeat(32), "x", "%00", "%E4%BA%BA", "__proto__", "a".repeat(8_000), "..%2f..%2flogin"])(
    "knows no verification for the state %j",
    async (state) => {
      const answer = await stack.send("GET", `/h5/landing/${state}?BizToken=x`);
      expect(answer.status).toBe(404);
      expect(page(answer)).toEqual({ outcome: "unknown" });
      expect(answer.text).toContain("没有找到这次核身");
    },
  );

  test("is not found by a verification's id or token", async () => {
    const { id, token } = await flow();
    for (const guess of [id, token])
      expect((await stack.send("GET", `/h5/landing/${guess}`)).status).toBe(404);
  });

  test("never shows, and never settles, what another's token in the query belongs to", async () => {
    const mine = await flow();
    const theirs = await flow({ identity: somebody() });
    await theirs.complete("passed");
    for (const query of [
      `?BizToken=${theirs.token}`,
      `?BizToken=${theirs.token}&BizToken=${mine.token}&Extra=${theirs.id}`,
      `?Extra=${theirs.id}&status=passed&verification=${theirs.id}`,
    ]) {
      expect(page(await mine.land(query))).toEqual({ outcome: "pending", again: "?look=1" });
    }
    expect(await mine.user.read(mine.id)).toMatchObject({ status: "pending" });
    expect(await theirs.user.read(theirs.id)).toMatchObject({ status: "pending" });
    await mine.complete("2006");
    expect(page(await mine.land(`?BizToken=${theirs.token}`))).toMatchObject({ outcome: "failed" });
  });

  describe("with a returnUrl", () => {
    test("replaces itself by it, with the verification and its status", async () => {
      const returnUrl = "https://shop.example/done?order=7&status=mine&status=too&note=%22%3E%3C#top";
      const { id, land, complete } = await flow({ returnUrl });
      await complete("passed");
      const { outcome, forward } = page(await land());
      expect({ outcome, forward }).toEqual({
        outcome: "passed",
        forward: `https://shop.example/done?order=7&status=mine&status=too&note=%22%3E%3C&verification=${id}&status=passed#top`,
      });
    });

    test("keeps it byte for byte, so that a signature in it stays right", async () => {
      const returnUrl = "https://shop.example/p?title=a%20b&sig=(x)*~&flag&%e4%ba%ba";
      const { id, land, complete } = await flow({ returnUrl });
      await complete("passed");
      expect(page(await land()).forward).toBe(`${returnUrl}&verification=${id}&status=passed`);
    });

    test("says that a try failed while another may be made, and only then", async () => {
      const { id, land, complete } = await flow({ returnUrl: "https://shop.example/" });
      const forward = `https://shop.example/?verification=${id}&status=pending`;
      await complete("2006");
      expect(page(await land())).toMatchObject({ outcome: "failed", forward });
      await complete("1002");
      expect(page(await land())).toMatchObject({ outcome: "failed", forward: `${forward}&attempt=failed` });
      await complete("passed");
      expect(page(await land()).forward).toBe(`https://shop.example/?verification=${id}&status=passed`);
    });

    test("may be on this machine together with the simulator, where a developer's own page is", async () => {
      const { id, land, complete } = await flow({ returnUrl: "http://localhost:5173/done#/x" });
      await complete("passed");
      expect(page(await land()).forward).toBe(
        `http://localhost:5173/done?verification=${id}&status=passed#/x`,
      );
    });

    test("stays while it looks again, and leaves as pending when nothing comes", async () => {
      const { id, land } = await flow({ returnUrl: "https://shop.example/" });
      expect(page(await land())).toEqual({ outcome: "pending", again: "?look=1" });
      const forward = `https://shop.example/?verification=${id}&status=pending`;
      expect(page(await land("?look=3"))).toEqual({ outcome: "pending", forward });
    });

    test("is asked for by nobody's query", async () => {
      const { land, complete } = await flow();
      await complete("passed");
      expect(page(await land("?returnUrl=https://evil.example&forward=https://evil.example"))).toEqual({
        outcome: "passed",
      });
    });
  });

  test("says that the time is over", async () => {
    const { id, user, land } = await flow({ returnUrl: "https://shop.example/" });
    await stack.simulator.advance("2h");
    expect(page(await land())).toMatchObject({ outcome: "pending" }); // an attempt may still be under way
    await stack.simulator.advance("2m");
    const shown = page(await land());
    expect(shown).toMatchObject({ outcome: "expired", forward: expect.stringContaining("status=expired") });
    expect(await user.read(id)).toMatchObject({ status: "expired", reason: { code: "never_finished" } });
  });

  test("logs no state, no token and no query", async () => {
    const logs = await stack.logged(/"function":"h5-landing".*"msg":"settled"/);
    stack.expectNothingPersonal(logs);
    expect(logs).not.toMatch(/h5\/landing|look=|"level":(50|60)(?![^\n]*alarm)/);
  });
});
