/** What the simulator has issued. */
import * as z from "zod";
import { control } from "./control.ts";

const issuedTokens = z.array(
  z.object({
    token: z.string(),
    kind: z.string(),
    state: z.string(),
    createdAt: z.string(),
    redirectUrl: z.string().optional(),
  }),
);

/** One token and where its flow stands. */
export type IssuedToken = z.infer<typeof issuedTokens>[number];

/** All of them, newest first. */
export const readTokens = async (): Promise<IssuedToken[]> =>
  issuedTokens.parse(await control("GET", "tokens"));
