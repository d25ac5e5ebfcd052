/** The bodies of `POST /login`. */
import * as z from "zod/mini";

/** The body. */
export const loginRequest = z.strictObject({
  /** What `wx.login` gave the mini-program. */
  code: z.string().check(z.minLength(1), z.maxLength(256)),
});

/** 200. */
export const loginResponse = z.strictObject({
  /** The bearer token of the user. */
  accessToken: z.string().check(z.minLength(1)),
  /** Seconds. */
  expiresIn: z.int().check(z.positive()),
});
