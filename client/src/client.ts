/** The client: the same on every platform. */
import { createApi, type IssuedToken } from "./api.ts";
import { ZhenrenError } from "./error.ts";
import type { Ending, Platform } from "./platform.ts";
import type { Result } from "./result.ts";
import { type Open, resultOf, settle } from "./settle.ts";
import { DIALOGS, ending } from "./texts.ts";
import type { Client, CommonOptions, Ready, VerifyRequest } from "./types.ts";

const STORAGE_KEY = "zhenren-open";
/** Taps that are closer together are one. */
const DOUBLE_TAP_MS = 2_000;

/** A token to start with: nobody has, or it allows another try. */
interface Prepared extends IssuedToken {
  request: VerifyRequest;
  open: Open;
}

const keyOf = (request: VerifyRequest) => JSON.stringify(request);

/** Makes a client for a platform. */
export function createCore(platform: Platform, options: CommonOptions): Client {
  const { language = "zh", deadlineSeconds = 60, consent = () => confirm("consent") } = options;
  const storage = options.storage || platform.storage;
  const api = createApi(platform, options);
  let preparing: { key: string; done: Promise<Ready | Result> } | undefined;
  let prepared: Prepared | undefined;
  let running: Promise<Result> | undefined;
  /** While the vendor's page is open: since when, and how to end that. */
  let opened: { at: number; end(ending: Ending): void } | undefined;
  let wake = () => {};
  platform.onShow(() => wake());

  const confirm = (dialog: keyof typeof DIALOGS, onYes?: () => void) => {
    const [title, content, yes] = DIALOGS[dialog][language];
    return platform.confirm(title, content, yes, onYes);
  };
  const save = (open: Open) => storage.set(STORAGE_KEY, JSON.stringify(open));
  const onWake = (call: () => void) => {
    wake = call;
  };

  function saved(): Open | undefined {
    try {
      const open: Open | null = JSON.parse(storage.get(STORAGE_KEY) || "null");
      return typeof open?.id === "string" ? open : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * A second tap gets the end of the first one. One that comes later than a double tap proves that the vendor's page is gone,
   * whether it has called back or not.
   */
  function exclusive(work: () => Promise<Result>): Promise<Result> {
    if (opened && Date.now() > opened.at + DOUBLE_TAP_MS) opened.end({ how: "left" });
    if (running) return running;
    const clear = () => {
      running = undefined;
    };
    running = work();
    running.then(clear, clear);
    return running;
  }

  async function settled(open: Open, end: Ending): Promise<Result> {
    if (end.verifyResult !== undefined) save(Object.assign(open, { verifyResult: end.verifyResult }));
    const { result, isTokenAlive } = await settle(open, end, {
      api,
      language,
      deadlineSeconds,
      save,
      onWake,
    });
    if (result.status !== "pending") storage.remove(STORAGE_KEY);
    if (!isTokenAlive && prepared?.open.id === open.id) prepared = undefined;
    return result;
  }

  async function prepareAnew(request: VerifyRequest): Promise<Ready | Result> {
    prepared = undefined;
    const refusal = await platform.check(request.channel);
    if (refusal) return ending(refusal.how, refusal.code, language);
    if (!(await consent(request))) return ending("cancelled", "consent_refused", language);
    const issued = await api.issue(request);
    const id = issued.token.verificationId;
    prepared = { ...issued, request, open: { id, attempts: 0 } };
    return { status: "ready", verificationId: id };
  }

  /** Two calls for the same get one token. */
  function prepare(request: VerifyRequest): Promise<Ready | Result> {
    const key = keyOf(request);
    if (preparing?.key === key) return preparing.done;
    if (prepared && keyOf(prepared.request) === key && Date.now() < prepared.usableUntil)
      return Promise.resolve({ status: "ready", verificationId: prepared.open.id });
    const mine = { key, done: prepareAnew(request) };
    const clear = () => {
      if (preparing === mine) preparing = undefined;
    };
    mine.done.then(clear, clear);
    preparing = mine;
    return mine.done;
  }

  /** Calls the vendor's function before it returns, so that it is still inside the tap. */
  function run({ request, token, open, usableUntil }: Prepared): Promise<Result> {
    save(open);
    return new Promise<Ending>((end) => {
      const look = () =>
        api.finish(open.id, {}).then(
          (answer) => resultOf(answer, open.attempts, language) && end({ how: "finished" }),
          () => {}, // it is only a look
        );
      opened = { at: Date.now(), end };
      // The token's end, at the latest.
      setTimeout(() => end({ how: "left" }), usableUntil - Date.now());
      platform.open(request.channel, token.start, end, look);
    }).then((end) => {
      opened = undefined;
      return settled(open, end);
    });
  }

  /** After waiting for something: the tap is over, and where one is needed a dialog gets another. */
  async function prepareAndRun(request: VerifyRequest): Promise<Result> {
    const ready = await prepare(request);
    if (ready.status !== "ready") return ready;
    const current = prepared;
    if (!current) throw new ZhenrenError("prepare() was called again", "usage");
    if (!platform.needsTap(request.channel)) return run(current);
    let ended: Promise<Result> | undefined;
    await confirm("start", () => {
      ended = run(current);
    });
    return ended || ending("cancelled", "cancelled", language, ready.verificationId);
  }

  return {
    prepare,
    verify: (request) => exclusive(() => prepareAndRun(request)),
    start: () =>
      exclusive(async () => {
        const current = prepared;
        if (current && Date.now() < current.usableUntil) return run(current);
        if (current) return prepareAndRun(current.request);
        if (!preparing) throw new ZhenrenError("Call prepare() before start()", "usage");
        return prepareAndRun(JSON.parse(preparing.key));
      }),
    async resume() {
      if (running) return running;
      const returned = platform.returnedFrom?.();
      const open = saved() || (returned && { id: returned, attempts: 0 });
      if (!open) return undefined;
      const how = returned === open.id ? "finished" : "left";
      try {
        return await exclusive(() => settled(open, { how }));
      } catch (error) {
        // Another user is logged in now: it is not theirs.
        if (!(error instanceof ZhenrenError) || error.status !== 404) throw error;
        storage.remove(STORAGE_KEY);
        return undefined;
      }
    },
    async giveUp(verificationId) {
      const answer = await api.finish(verificationId, { giveUp: true });
      storage.remove(STORAGE_KEY);
      if (prepared?.open.id === verificationId) prepared = undefined;
      return (
        resultOf(answer, answer.attempts, language) || ending("pending", "pending", language, verificationId)
      );
    },
  };
}
