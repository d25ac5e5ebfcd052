/** The functions of the bundle, each invocation an instance of its own; wired as in `functions/`, with simulated surroundings. */
import { erasePerson } from "../../shared/archive/erase.ts";
import { maintain } from "../../shared/archive/maintain.ts";
import { rotateKeys } from "../../shared/archive/rotate-keys.ts";
import { runArchive } from "../../shared/archive/run.ts";
import { eidChannel } from "../../shared/channels/eid/channel.ts";
import { faceIdChannel, startByUrl } from "../../shared/channels/faceid/channel.ts";
import { type ChannelSet, EVIDENCE_KINDS } from "../../shared/channels/types.ts";
import { wechatChannel } from "../../shared/channels/wechat/channel.ts";
import { accessTokens } from "../../shared/providers/wechat/index.ts";
import { timeBudget } from "../../shared/runtime/time-budget.ts";
import { accessTokenStore } from "../../shared/store/access-token.ts";
import { callBudget } from "../../shared/store/call-budget.ts";
import type { Database } from "../../shared/store/database.ts";
import { verificationsOfPerson } from "../../shared/store/erasure.ts";
import type { VerificationRow } from "../../shared/store/schema.ts";
import { claimObservation } from "../../shared/store/settlement.ts";
import { findVerification } from "../../shared/store/verifications.ts";
import { hashState } from "../../shared/verification/landing-state.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";
import { type PushReport, reportByClient, reportByPush } from "../../shared/verification/report.ts";
import { giveUp, OBSERVATION_INTERVAL_MS, settle, settleClaim } from "../../shared/verification/settle.ts";
import { type Started, type StartRequest, start } from "../../shared/verification/start.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";
import { simulatedStore } from "./evidence-store.ts";
import { Instance } from "./instance.ts";
import { simulatedEid, simulatedFaceId } from "./provider.ts";
import { RECEIVER } from "./receiver.ts";
import { CALLS_PER_SECOND, type State } from "./state.ts";
import { theWorld } from "./time.ts";
import { simulatedWechat } from "./wechat.ts";

/** How long functions may run, as `serverless.yml` says. */
const TIMEOUT_MS = { request: 20_000, timer: 120_000, archive: 900_000, command: 3_600_000 } as const;

/** The archive's own times, but that it looks at leases of others less often. */
const TIMING = { leaseMs: 9_000, heartbeatMs: 3_000, pollMs: 2_000, reserveMs: 60_000 };

/** How an invocation ended, as its caller sees it. */
export type Ended<T> = { readonly value: T } | { readonly error: unknown } | "no answer";

type RemainingMs = () => number;

/** The functions, deployed in one history. */
export class Bundle {
  #invocations = 0;

  constructor(
    private readonly db: Database,
    private readonly state: State,
  ) {}

  readonly #store = simulatedStore(() => this.state.store);

  #channels(): ChannelSet {
    const client = simulatedFaceId(() => this.state.providers);
    const ruleId = "1";
    return {
      "mini-program": faceIdChannel({
        name: "mini-program",
        client,
        ruleId,
        start: ({ bizToken }) => ({ bizToken }),
      }),
      h5: faceIdChannel({ name: "h5", client, ruleId, start: startByUrl }),
      eid: eidChannel({
        client: simulatedEid(() => this.state.providers),
        issuing: { merchantId: "m", tokenSeconds: 7_200, inputType: "1" },
      }),
      wechat: this.#wechat("1"),
    };
  }

  /** Either version observes what the other has issued. */
  #wechat(version: "1" | "2") {
    const client = simulatedWechat(() => this.state.providers);
    const app = { appId: "wx-simulated", appSecret: "secret" };
    const store = accessTokenStore(this.db, this.state.keyring, app.appId);
    return wechatChannel({ client, tokens: accessTokens({ client, app, store }), version, image: true });
  }

  #deps() {
    return { db: this.db, keyring: this.state.keyring, channels: this.#channels() };
  }

  #archiveDeps() {
    return {
      ...this.#deps(),
      evidenceStore: this.#store,
      budget: callBudget(this.db, CALLS_PER_SECOND),
      evidence: EVIDENCE_KINDS,
      timing: TIMING,
    };
  }

  /** Starts an invocation and answers how it ended. */
  invoke<T>(
    name: string,
    limitMs: number,
    work: (remainingMs: RemainingMs) => Promise<T>,
    onStart: (instance: Instance) => void = () => {},
  ): Promise<Ended<T>> {
    const world = theWorld();
    this.#invocations += 1;
    const instance = new Instance(`${name}#${this.#invocations}`, this.state.surroundings);
    onStart(instance);
    return new Promise((resolve) => {
      const endsAt = world.now + limitMs;
      let isOver = false;
      const end = (ended: Ended<T>) => {
        isOver = true;
        resolve(ended);
        world.later(0, `${instance.name} ends`, () => instance.die());
      };
      instance.onDeath.push(async () => {
        if (!isOver) instance.wasTroubled = true;
        resolve("no answer");
      });
      const begin = () => {
        const working = (async () => work(() => endsAt - world.now))();
        working.then(
          (value) => end({ value }),
          (error: unknown) => {
            instance.wasTroubled = true;
            end({ error });
          },
        );
      };
      world.after(world.chance.between(1, 50), "begins", begin, instance);
      world.later(limitMs, `${instance.name} is out of time`, () => instance.die());
    });
  }

  token(
    channel: string,
    request: StartRequest,
    onStart: (instance: Instance) => void,
  ): Promise<Ended<Started>> {
    return this.invoke(
      `token-${channel}`,
      TIMEOUT_MS.request,
      (remainingMs) => {
        const { db, keyring, channels } = this.#deps();
        const own =
          channel === "wechat-v2"
            ? this.#wechat("2")
            : channels[channel === "wechat-v1" ? "wechat" : channel];
        if (!own) throw new Error(`no channel ${channel}`);
        const landing = {
          url: (state: string) => `https://landing.invalid/${state}`,
          always: channel === "h5",
        };
        const deps = { db, keyring, channel: own, limitPerOwner: [], limitPerPerson: [], landing };
        return start(deps, request, { signal: timeBudget(remainingMs, 15_000) });
      },
      onStart,
    );
  }

  finish(id: string, verifyResult?: string): Promise<Ended<VerificationRow | undefined>> {
    return this.invoke("finish", TIMEOUT_MS.request, async (remainingMs) => {
      const deps = this.#deps();
      const signal = timeBudget(remainingMs, 15_000);
      if (verifyResult === undefined) {
        const claim = await claimObservation(this.db, { id }, OBSERVATION_INTERVAL_MS);
        return claim && settleClaim(deps, claim, "finish", { signal });
      }
      const row = await findVerification(this.db, id);
      if (!row) return undefined;
      await reportByClient(deps, row, verifyResult);
      return settle(deps, row, "finish", { signal });
    });
  }

  giveUp(id: string): Promise<Ended<VerificationRow | undefined>> {
    return this.invoke("give-up", TIMEOUT_MS.request, async (remainingMs) => {
      const row = await findVerification(this.db, id);
      return row && giveUp(this.#deps(), row, { signal: timeBudget(remainingMs, 15_000) });
    });
  }

  push(report: PushReport): Promise<Ended<VerificationRow | undefined>> {
    return this.invoke("wechat-push", 5_000, async () => {
      const deps = this.#deps();
      const row = await reportByPush(deps, report);
      return row && settle(deps, row, "push", { signal: AbortSignal.timeout(2_500) });
    });
  }

  land(landingState: string): Promise<Ended<VerificationRow | undefined>> {
    return this.invoke("landing", TIMEOUT_MS.request, async (remainingMs) => {
      const key = { stateHash: hashState(landingState) };
      const claim = await claimObservation(this.db, key, OBSERVATION_INTERVAL_MS);
      const signal = timeBudget(remainingMs, 15_000);
      return claim && settleClaim(this.#deps(), claim, "landing", { signal });
    });
  }

  reconcile() {
    return this.invoke("reconcile", TIMEOUT_MS.timer, (remainingMs) =>
      reconcile({ ...this.#deps(), budget: callBudget(this.db, CALLS_PER_SECOND) }, remainingMs),
    );
  }

  deliver() {
    return this.invoke("deliver", TIMEOUT_MS.timer, (remainingMs) =>
      deliverEvents(this.db, RECEIVER, remainingMs),
    );
  }

  maintain() {
    return this.invoke("maintain", TIMEOUT_MS.timer, (remainingMs) =>
      maintain(this.#archiveDeps(), this.state.retentionDays, () => remainingMs() > 15_000),
    );
  }

  archive() {
    return this.invoke("archive", TIMEOUT_MS.archive, (remainingMs) =>
      runArchive(this.#archiveDeps(), { remainingMs }),
    );
  }

  /** `npm run person -- erase`: answers the ids that it found. */
  erasePerson(idCardNumber: string) {
    return this.invoke("erase", TIMEOUT_MS.command, async () => {
      const deps = this.#archiveDeps();
      const ids = (await verificationsOfPerson(this.db, deps.keyring, idCardNumber)).map(({ id }) => id);
      await erasePerson(deps, idCardNumber);
      return ids;
    });
  }

  /** `npm run keys -- rotate`. */
  rotate() {
    return this.invoke("rotate", TIMEOUT_MS.command, () => rotateKeys(this.#archiveDeps()));
  }
}
