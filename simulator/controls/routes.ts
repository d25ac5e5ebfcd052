import * as z from "zod";
import type { Clock } from "../clock.ts";
import { durationMs } from "../duration.ts";
import { type Incoming, json, type Reply, type Route, refused } from "../exchange.ts";
import type { Faults } from "../faults.ts";
import type { FlowControl } from "../flow-control.ts";
import {
  type Evidence,
  LARGEST_MEDIA_BYTES,
  SMALLEST_IMAGE_BYTES,
  SMALLEST_VIDEO_BYTES,
} from "../media/evidence.ts";
import type { RateLimits } from "../rate-limits.ts";
import { withBody } from "./body.ts";

/** What the controls reach into. */
export interface ControlParts {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly limits: RateLimits;
  readonly evidence: Evidence;
  readonly flows: readonly FlowControl[];
}

/** The `_sim` calls: for tests and for people who try things out, never part of what is simulated. */
export function controlRoutes(parts: ControlParts): readonly Route[] {
  return [
    { method: "GET", path: "/_sim/health", handle: () => json({ ok: true }) },
    { method: "GET", path: "/_sim/tokens", handle: () => json(issuedTokens(parts.flows)) },
    { method: "POST", path: "/_sim/complete", handle: (incoming) => complete(parts.flows, incoming) },
    { method: "POST", path: "/_sim/clock", handle: (incoming) => moveClock(parts.clock, incoming) },
    { method: "POST", path: "/_sim/faults", handle: (incoming) => planFaults(parts.faults, incoming) },
    { method: "DELETE", path: "/_sim/faults", handle: () => endFaults(parts.faults) },
    { method: "GET", path: "/_sim/calls", handle: () => json(parts.faults.counts()) },
    { method: "POST", path: "/_sim/media", handle: (incoming) => setSizes(parts.evidence, incoming) },
    { method: "POST", path: "/_sim/limits", handle: (incoming) => setLimits(parts.limits, incoming) },
  ];
}

function issuedTokens(flows: readonly FlowControl[]): unknown[] {
  const tokens = flows.flatMap((flow) => flow.issued());
  // Of two with the same millisecond the later one in the list is the newer: reverse before the stable sort.
  const newestFirst = tokens.reverse().sort((one, other) => other.createdAt - one.createdAt);
  return newestFirst.map((token) => ({ ...token, createdAt: new Date(token.createdAt).toISOString() }));
}

const completion = z.strictObject({
  token: z.string().min(1),
  outcome: z.string().min(1),
  push: z.boolean().default(true),
  openid: z.string().optional(),
});

function complete(flows: readonly FlowControl[], incoming: Incoming): Reply {
  return withBody(incoming, completion, (given) => {
    for (const flow of flows) {
      const reply = flow.complete(given);
      if (reply) return reply;
    }
    return refused(404, "No such token was issued.");
  });
}

const clockMove = z.strictObject({ advance: z.string() });

function moveClock(clock: Clock, incoming: Incoming): Reply {
  return withBody(incoming, clockMove, ({ advance }) => {
    const milliseconds = durationMs(advance);
    if (milliseconds === undefined) {
      return refused(
        400,
        `"${advance}" is no duration. Say "72h", "90m", "30s", "1d" or "2h5m"; time does not go back.`,
      );
    }
    clock.advance(milliseconds);
    return json({ now: new Date(clock.now()).toISOString() });
  });
}

const fault = z.strictObject({
  api: z.string().min(1),
  kind: z.string().min(1),
  count: z.int().positive(),
});

function planFaults(faults: Faults, incoming: Incoming): Reply {
  return withBody(incoming, fault, ({ api, kind, count }) => {
    const wrong = faults.plan(api, kind, count);
    return wrong === undefined ? json({ api, kind, count }) : refused(400, wrong);
  });
}

function endFaults(faults: Faults): Reply {
  faults.clear();
  return json({ ok: true });
}

const sizes = z.strictObject({
  imageBytes: z.int().min(SMALLEST_IMAGE_BYTES).max(LARGEST_MEDIA_BYTES).nullable().optional(),
  videoBytes: z.int().min(SMALLEST_VIDEO_BYTES).max(LARGEST_MEDIA_BYTES).nullable().optional(),
});

/** Sets what is named; null goes back to the size that the drawing has of itself. */
function setSizes(evidence: Evidence, incoming: Incoming): Reply {
  return withBody(incoming, sizes, ({ imageBytes, videoBytes }) => {
    if (imageBytes !== undefined) evidence.sizes.imageBytes = imageBytes;
    if (videoBytes !== undefined) evidence.sizes.videoBytes = videoBytes;
    return json(evidence.sizes);
  });
}

const limits = z.record(z.string(), z.int().positive().nullable());

function setLimits(rates: RateLimits, incoming: Incoming): Reply {
  return withBody(incoming, limits, (given) => {
    const unknown = Object.keys(given).find((api) => !rates.names().includes(api));
    if (unknown !== undefined) {
      return refused(400, `No API is named "${unknown}". Limits are there for ${rates.names().join(", ")}.`);
    }
    for (const [api, perSecond] of Object.entries(given)) rates.set(api, perSecond);
    return json(given);
  });
}
