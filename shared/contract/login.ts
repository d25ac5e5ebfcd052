/** The bodies of `POST /login`. */
import * as z from "zod";

/** The body. */
export const loginRequest = z.strictObject({
  /** What `wx.login` gave the mini-program. */
  code: z.string().min(1).max(256),
});

/** 200. */
export const loginResponse = z.strictObject({
  /** The bearer token of the user. */
  accessToken: z.string().min(1),
  /** Seconds. */
  expiresIn: z.int().positive(),
});
