import { describe, expect, test, vi } from "vitest";
import { outSeqNo } from "../../../shared/channels/wechat/sequence.ts";
import { pushSignature } from "../../../shared/providers/wechat/index.ts";
import { simControl, startFlow } from "../../channels/flow.ts";
import { expectProblem } from "../../support/contract.ts";
import { send } from "../../support/request.ts";
import { stackForTests, type TestStack } from "../../support/stack.ts";
import {
  account,
  deliver,
  deliveriesOf,
  effects,
  type Passed,
  type Push,
  passedFlow,
  withQuery,
  written,
  writtenElsewhere,
} from "./push-flow.ts";

const secondsNow = (stack: TestStack, shift = 0) =>
  String(Math.floor(stack.running.functions.now() / 1000) + shift);

/** Sends, expects `success` and the verification passed. */
async function expectEffect(stack: TestStack, flow: Passed, push: Push): Promise<void> {
  const answer = await deliver(stack, push);
  expect([answer.status, answer.text]).toEqual([200, "success"]);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect((await flow.read()).status).toBe("passed");
}

/** Sends, expects nothing to happen; `answered` is what the sender hears. */
async function expectNoEffect(stack: TestStack, push: Push, answered: "success" | "refused"): Promise<void> {
  const before = await effects(stack);
  const answer = await deliver(stack, push);
  if (answered === "success") expect([answer.status, answer.text]).toEqual([200, "success"]);
  else expectProblem(answer, 403, "forbidden");
  expect(await effects(stack)).toEqual(before);
}

describe("the push in secure mode", () => {
  const stack = stackForTests({ WECHAT_FACE_GENERATION: "1" }, { ownServer: true });
  const flow = () => passedFlow(stack);

  describe("is accepted", () => {
    test.each(["json", "xml"] as const)("from an independent encryption library, as %s", async (format) => {
      const passed = await flow();
      await expectEffect(stack, passed, writtenElsewhere(stack, passed.event(), { format }));
      expect(await stack.eventsOf(passed.id)).toEqual(["verification.passed"]);
    });

    test.each([-300, 300])("with a timestamp %i s away", async (shift) => {
      const passed = await flow();
      // A second less on the edge: the machine needs some of it.
      const push = writtenElsewhere(stack, passed.event(), { shift: shift < 0 ? shift + 2 : shift });
      await expectEffect(stack, passed, push);
    });

    test("from the simulator, in each format, and settles without any finish", async () => {
      for (const format of ["json", "xml"]) {
        await simControl(stack, "push", { mode: "secure", format });
        const passed = await startFlow(stack, "wechat");
        await passed.complete("passed", { push: true });
        await vi.waitFor(async () => expect((await passed.read()).status).toBe("passed"), 10_000);
      }
      for (const { outcome } of await deliveriesOf(stack)) expect(outcome).toBe("accepted");
    });
  });

  describe("answers the console's GET", () => {
    const ask = (change: Record<string, string | undefined> = {}, shift = 0) => {
      const timestamp = secondsNow(stack, shift);
      const signature = pushSignature([account.tokens[0], timestamp, "n1"]);
      const push = withQuery(
        {
          query: new URLSearchParams({ signature, timestamp, nonce: "n1", echostr: "4375120948345356249" }),
          body: "",
        },
        change,
      );
      return send("GET", `${stack.running.url}/wechat/push?${push.query}`);
    };

    test("with the echostr, verbatim", async () => {
      const answer = await ask();
      expect([answer.status, answer.text]).toEqual([200, "4375120948345356249"]);
      expect(await simControl(stack, "push/verify", {})).toEqual({ echoed: true, status: 200 });
    });

    test.each<[string, Record<string, string | undefined>, number]>([
      ["a wrong signature", { signature: "0".repeat(40) }, 0],
      ["no signature", { signature: undefined }, 0],
      ["a stale timestamp", {}, -302],
      ["a timestamp ahead", {}, 302],
      ["no echostr", { echostr: undefined }, 0],
      ["a page to echo", { echostr: "<script>alert(1)</script>" }, 0],
    ])("not with %s (THREATS 24, 29)", async (_, change, shift) => {
      const answer = await ask(change, shift);
      expectProblem(answer, 403, "forbidden");
      expect(answer.text).not.toContain("4375120948345356249");
      expect(answer.text).not.toContain("script");
    });
  });

  describe("is refused or without effect", () => {
    const cases: [string, "success" | "refused", (passed: Passed) => Push][] = [
      // The plain signature proves a sender who knows the Token: it hears `success`, so that it does not send again.
      [
        "without msg_signature (THREAT 21)",
        "success",
        (passed) => withQuery(writtenElsewhere(stack, passed.event()), { msg_signature: undefined }),
      ],
      [
        "without any signature (THREAT 21)",
        "refused",
        (passed) =>
          withQuery(writtenElsewhere(stack, passed.event()), {
            msg_signature: undefined,
            signature: undefined,
          }),
      ],
      ["in plain mode (THREAT 21)", "success", (passed) => written(stack, passed.event(), { mode: "plain" })],
      [
        "in plain mode with a wrong signature (THREAT 21)",
        "refused",
        (passed) =>
          withQuery(written(stack, passed.event(), { mode: "plain" }), { signature: "0".repeat(40) }),
      ],
      [
        "in plain mode that claims to be encrypted (THREAT 21)",
        "success",
        (passed) =>
          withQuery(written(stack, passed.event(), { mode: "plain" }), {
            encrypt_type: "aes",
            msg_signature: "0".repeat(40),
          }),
      ],
      [
        "in compatible mode, which shows the fields (THREAT 22)",
        "success",
        (passed) => written(stack, passed.event(), { mode: "compatible" }),
      ],
      [
        "with the ciphertext of another push (THREAT 22)",
        "success",
        (passed) => ({
          ...writtenElsewhere(stack, passed.event()),
          body: writtenElsewhere(stack, passed.event()).body,
        }),
      ],
      [
        "encrypted for another app (THREAT 25)",
        "success",
        (passed) => writtenElsewhere(stack, passed.event(), { appId: "wxsim00000000000002" }),
      ],
      [
        "encrypted with another key (THREAT 26)",
        "success",
        (passed) =>
          written(stack, passed.event(), { aesKeys: ["simAESKEY0123456789simAESKEY0123456789simAA"] }),
      ],
      [
        "signed with another Token",
        "refused",
        (passed) => written(stack, passed.event(), { tokens: ["othertoken"] }),
      ],
      [
        "302 s old (THREAT 24)",
        "refused",
        (passed) => writtenElsewhere(stack, passed.event(), { shift: -302 }),
      ],
      [
        "302 s ahead (THREAT 24)",
        "refused",
        (passed) => writtenElsewhere(stack, passed.event(), { shift: 302 }),
      ],
      [
        "old, with a new timestamp (THREAT 24)",
        "refused",
        (passed) =>
          withQuery(writtenElsewhere(stack, passed.event(), { shift: -900 }), {
            timestamp: secondsNow(stack),
          }),
      ],
      [
        "about another openid (THREAT 9)",
        "success",
        (passed) => writtenElsewhere(stack, passed.event({ openid: "lin" })),
      ],
    ];

    test.each(cases)("%s: %s", async (name, answered, push) => {
      const passed = await flow();
      // Everything but the last is stopped before anything is written; the last is remembered, and not acted on.
      if (name.startsWith("about another openid")) {
        expect((await deliver(stack, push(passed))).text).toBe("success");
      } else await expectNoEffect(stack, push(passed), answered);
      expect(await passed.read()).toMatchObject({ status: "pending", attempts: 0 });
      // And the right one still counts.
      await expectEffect(stack, passed, writtenElsewhere(stack, passed.event()));
    });

    test("with a query key twice (THREAT 28)", async () => {
      const passed = await flow();
      for (const name of ["msg_signature", "signature", "timestamp", "nonce", "encrypt_type", "openid"]) {
        const push = writtenElsewhere(stack, passed.event());
        const query = new URLSearchParams(push.query);
        query.append(name, "x");
        await expectNoEffect(stack, { ...push, query }, "refused");
        const other = new URLSearchParams([[name, "x"], ...push.query]);
        await expectNoEffect(stack, { ...push, query: other }, "refused");
        const list = withQuery(push, { [`${name}[]`]: "x", [name]: undefined });
        if (name !== "openid" && name !== "signature") {
          await expectNoEffect(
            stack,
            list,
            name === "msg_signature" || name === "encrypt_type" ? "success" : "refused",
          );
        }
      }
      expect((await passed.read()).status).toBe("pending");
    });

    test("with more than 64 KB (THREAT 35)", async () => {
      const passed = await flow();
      const push = writtenElsewhere(stack, passed.event());
      const before = await effects(stack);
      const answer = await deliver(stack, { ...push, body: `${String(push.body)}${" ".repeat(66_000)}` });
      expectProblem(answer, 413, "invalid_request");
      expect(await effects(stack)).toEqual(before);
    });

    /** What is wrong inside an envelope that WeChat itself signed: it is WeChat's, so it is answered. */
    const hostile: [string, (passed: Passed) => string][] = [
      [
        "a document type",
        (p) => `<!DOCTYPE xml><xml><MsgType>event</MsgType><verify_result>${p.handle}</verify_result></xml>`,
      ],
      [
        "an external entity",
        () =>
          '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>',
      ],
      [
        "expanding entities",
        () => '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><a>&b;</a></xml>',
      ],
      ["deep XML", () => `<xml>${"<a>".repeat(5_000)}${"</a>".repeat(5_000)}</xml>`],
      ["deep JSON", () => `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`],
      ["a key twice", (p) => JSON.stringify(p.event()).replace("{", '{"verify_result":"theirs",')],
      ["__proto__", (p) => JSON.stringify(p.event()).replace("{", '{"__proto__":"x",')],
      ["a list for a text", (p) => JSON.stringify({ ...p.event(), verify_result: [p.handle] })],
      ["no handle", (p) => JSON.stringify(p.event({ verify_result: "" }))],
      ["a handle of megabytes", (p) => JSON.stringify(p.event({ verify_result: "r".repeat(2_100) }))],
      ["a NUL in the handle", (p) => JSON.stringify(p.event({ verify_result: "\0" }))],
      ["nothing", () => ""],
      ["bytes that are no text", () => "\ud800"],
    ];

    test.each(hostile)("with %s inside (THREATS 26, 27, 62)", async (name, inner) => {
      const passed = await flow();
      const text = inner(passed);
      const { encryptPush, pushKey } = await import("../../../shared/providers/wechat/push/cipher.ts");
      const encrypt = encryptPush(text, pushKey(account.aesKeys[0]), account.appId);
      const [timestamp, nonce, [token]] = [secondsNow(stack), "n1", account.tokens];
      const query = new URLSearchParams({
        timestamp,
        nonce,
        encrypt_type: "aes",
        msg_signature: pushSignature([token, timestamp, nonce, encrypt]),
      });
      if (name === "a NUL in the handle") {
        // A text like any other, and a handle that WeChat does not know.
        expect((await deliver(stack, { query, body: JSON.stringify({ Encrypt: encrypt }) })).text).toBe(
          "success",
        );
      } else await expectNoEffect(stack, { query, body: JSON.stringify({ Encrypt: encrypt }) }, "success");
      expect((await passed.read()).status).toBe("pending");
    });

    test.each([
      "<xml>",
      "{",
      "",
      "<xml><Encrypt>&x;</Encrypt></xml>",
      '{"Encrypt":["x"]}',
      '{"Encrypt":"x","Encrypt":"y"}',
      "\0",
    ])("with %j for an envelope (THREATS 12, 27)", async (body) => {
      const [timestamp, nonce] = [secondsNow(stack), "n1"];
      const query = new URLSearchParams({
        timestamp,
        nonce,
        encrypt_type: "aes",
        msg_signature: "0".repeat(40),
      });
      await expectNoEffect(stack, { query, body }, "refused");
    });
  });

  describe("is answered success without effect", () => {
    test("when it tells of another event, or of a message", async () => {
      const passed = await flow();
      for (const over of [
        { Event: "user_enter_tempsession" },
        { MsgType: "text" },
        { Event: "FACE_IDENTIFY" },
      ]) {
        await expectNoEffect(stack, writtenElsewhere(stack, passed.event(over)), "success");
      }
      await simControl(stack, "push/event", { event: "debug_demo", fields: { debug_str: "hello" } });
      await vi.waitFor(async () => {
        expect((await deliveriesOf(stack)).at(-1)).toMatchObject({
          event: "debug_demo",
          outcome: "accepted",
        });
      });
    });

    test("when the out_seq_no is none of ours, or of no verification", async () => {
      const passed = await flow();
      await expectNoEffect(
        stack,
        writtenElsewhere(stack, passed.event({ out_seq_no: "order-1" })),
        "success",
      );
      const unknown = outSeqNo("ver_01990000-0000-7000-8000-000000000009", 1);
      expect(
        (await deliver(stack, writtenElsewhere(stack, passed.event({ out_seq_no: unknown })))).text,
      ).toBe("success");
      expect((await passed.read()).status).toBe("pending");
    });

    test("when it comes again, with the same signature or another (THREATS 23, 30)", async () => {
      const passed = await flow();
      const push = writtenElsewhere(stack, passed.event());
      await expectEffect(stack, passed, push);
      const settled = await passed.read();
      const asked = await stack.simulator.calls("getinfo");
      for (const again of [push, push, writtenElsewhere(stack, passed.event())]) {
        expect((await deliver(stack, again)).text).toBe("success");
      }
      expect(await passed.read()).toEqual(settled);
      expect(await stack.simulator.calls("getinfo")).toBe(asked);
      expect(await stack.eventsOf(passed.id)).toEqual(["verification.passed"]);
    });

    test("when twenty of one push come at once (THREATS 30, 34)", async () => {
      const passed = await flow();
      const push = writtenElsewhere(stack, passed.event());
      const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(stack, push)));
      expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(["success"]));
      expect(await passed.read()).toMatchObject({ status: "passed", attempts: 1 });
      expect(await stack.eventsOf(passed.id)).toEqual(["verification.passed"]);
    });

    test("when the verification is settled already, also by another result (THREATS 31, 42)", async () => {
      const passed = await flow();
      await passed.finish({ verifyResult: passed.handle });
      const settled = await passed.read();
      const other = await flow();
      for (const handle of [passed.handle, other.handle]) {
        const push = writtenElsewhere(stack, passed.event({ verify_result: handle }));
        expect((await deliver(stack, push)).text).toBe("success");
      }
      expect(await passed.read()).toEqual(settled);
      // The other one's result still serves the other one.
      await expectEffect(stack, other, writtenElsewhere(stack, other.event()));
    });

    test("when its handle serves another verification already (THREAT 9)", async () => {
      const [one, other] = [await flow(), await flow()];
      await expectEffect(stack, one, writtenElsewhere(stack, one.event()));
      const push = writtenElsewhere(stack, other.event({ verify_result: one.handle }));
      expect((await deliver(stack, push)).text).toBe("success");
      expect(await other.read()).toMatchObject({ status: "pending", attempts: 0 });
    });
  });

  test("the results of two tries that come in the wrong order end as passed (THREAT 31)", async () => {
    const flow = await startFlow(stack, "wechat");
    const failed = await flow.complete("10004");
    const handle = await flow.complete("passed");
    const base = await passedFlow(stack);
    const event = (verify_result: string) => base.event({ out_seq_no: outSeqNo(flow.id, 1), verify_result });
    await deliver(stack, writtenElsewhere(stack, event(handle)));
    await deliver(stack, writtenElsewhere(stack, event(failed)));
    expect(await flow.read()).toMatchObject({ status: "passed" });
  });

  test("a push and the client's finish at the same moment settle once (THREAT 31)", async () => {
    for (let round = 0; round < 5; round += 1) {
      const passed = await flow();
      const push = writtenElsewhere(stack, passed.event());
      const [answer] = await Promise.all([
        deliver(stack, push),
        passed.finish({ verifyResult: passed.handle }),
      ]);
      expect(answer.text).toBe("success");
      expect(await passed.read()).toMatchObject({ status: "passed", attempts: 1 });
      expect(await stack.eventsOf(passed.id)).toEqual(["verification.passed"]);
    }
  });

  test("a push that comes while the token is not on record yet is kept and settles later (THREAT 32)", async () => {
    const passed = await flow();
    const [row] = await stack.sql("select issued from verification where id = $1", [passed.id]);
    await stack.sql("update verification set issued = null where id = $1", [passed.id]);
    expect((await deliver(stack, writtenElsewhere(stack, passed.event()))).text).toBe("success");
    await stack.sql("update verification set issued = $2 where id = $1", [passed.id, row?.["issued"]]);
    await stack.timer("reconcile");
    expect((await passed.read()).status).toBe("passed");
  });

  test("while WeChat says nothing, the answer is success within 5 s, and the timer settles (THREAT 34)", async () => {
    const passed = await flow();
    await stack.simulator.advance("30m");
    await stack.timer("reconcile"); // from now on the rhythm of asking is slow
    await stack.simulator.fault("getinfo", "timeout");
    const began = performance.now();
    expect((await deliver(stack, writtenElsewhere(stack, passed.event()))).text).toBe("success");
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await passed.read()).status).toBe("pending");
    await stack.simulator.clearFaults();
    await stack.simulator.advance("1m");
    await stack.timer("reconcile");
    expect(await passed.read()).toMatchObject({ status: "passed", attempts: 1 });
  });

  test("so it is while another instance holds the access_token's refresh, and has died over it (THREAT 34)", async () => {
    const passed = await flow();
    await simControl(stack, "wechat/invalidate-token", {});
    await stack.sql("update access_token set lease_until = '2100-01-01'");
    const began = performance.now();
    expect((await deliver(stack, writtenElsewhere(stack, passed.event()))).text).toBe("success");
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await passed.read()).status).toBe("pending");
    await stack.sql("update access_token set lease_until = null");
    await stack.timer("reconcile");
    expect((await passed.read()).status).toBe("passed");
  });

  test("pushes that are remembered are forgotten when their timestamps are refused", async () => {
    await stack.simulator.advance("11m");
    await stack.timer("maintain");
    expect(await effects(stack)).toMatchObject({ pushes: 0 });
  });

  test("while the database is down the answer is no success, so that WeChat sends again; other events are answered", async () => {
    const passed = await flow();
    const push = writtenElsewhere(stack, passed.event());
    const other = writtenElsewhere(stack, passed.event({ Event: "debug_demo" }));
    await stack.running.database.stop();
    try {
      expectProblem(await deliver(stack, push), 503, "provider_unavailable");
      expect((await deliver(stack, other)).text).toBe("success");
    } finally {
      await stack.running.database.start();
    }
    await vi.waitFor(async () => expect((await deliver(stack, push)).text).toBe("success"), 10_000);
    expect((await passed.read()).status).toBe("passed");
  });

  test("nothing personal, no token and no handle was logged", async () => {
    const log = await stack.logged(/a push was refused/);
    stack.expectNothingPersonal(log);
    for (const secret of [account.tokens[0], account.aesKeys[0]]) expect(log).not.toContain(secret);
  });
});
