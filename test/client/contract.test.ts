/** The client's types are those of the contract; `tsc` checks what `expectTypeOf` says. */
import { expect, expectTypeOf, test } from "vitest";
import type * as z from "zod";
import type * as client from "../../client/src/contract.ts";
import type { loginResponse } from "../../shared/contract/login.ts";
import type { problem } from "../../shared/contract/problem.ts";
import { tokenRequest, type tokenResponse } from "../../shared/contract/token.ts";
import { CHANNELS, finishRequest, verification } from "../../shared/contract/verification.ts";
import { sampleVerification } from "../support/contract.ts";

test("a client reads what the server writes", () => {
  expectTypeOf<z.infer<typeof verification>>().toEqualTypeOf<client.Verification>();
  expectTypeOf<z.infer<typeof tokenResponse>>().toEqualTypeOf<client.TokenResponse>();
  expectTypeOf<z.infer<typeof loginResponse>>().toEqualTypeOf<client.LoginResponse>();
  expectTypeOf<z.infer<typeof problem>>().toExtend<client.Problem>();
  const read: client.Verification = sampleVerification();
  expect(verification.parse(read)).toEqual(read);
});

test("a server takes what a client writes", () => {
  expectTypeOf<client.TokenRequest>().toExtend<z.input<typeof tokenRequest>>();
  expectTypeOf<client.FinishRequest>().toExtend<z.input<typeof finishRequest>>();
  const identity = { name: "张三", idCardNumber: "11010119900307002X" };
  const request: client.TokenRequest = { identity, reference: "order-1", returnUrl: "https://shop.example/" };
  expect(tokenRequest.parse(request)).toEqual(request);
  expect(finishRequest.parse({ giveUp: true } satisfies client.FinishRequest)).toEqual({ giveUp: true });
});

test("every channel of the server is known to the client", () => {
  const known: Record<client.Channel, true> = { "mini-program": true, h5: true, eid: true, wechat: true };
  expect(Object.keys(known).toSorted()).toEqual([...CHANNELS].toSorted());
});
