import { expect, test } from "vitest";
import { hashState, newState } from "../../shared/verification/landing-state.ts";

test("every state is another one, of 192 bits that none of the others foretells (THREAT 17)", () => {
  const states = Array.from({ length: 1_000 }, newState);
  expect(new Set(states).size).toBe(states.length);
  const bytes = states.map((state) => Buffer.from(state, "base64url"));
  expect(new Set(bytes.map(({ length }) => length))).toEqual(new Set([24]));
  // At each place all kinds of bytes come: nothing of it is a time, a counter or a name.
  for (let place = 0; place < 24; place += 1) {
    expect(new Set(bytes.map((state) => state[place])).size).toBeGreaterThan(200);
  }
  expect(new Set(states.map((state) => hashState(state).toString("hex"))).size).toBe(states.length);
});
