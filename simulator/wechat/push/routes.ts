import * as z from "zod";
import { errorReply, json, type Route, withBody } from "../../exchange.ts";
import type { LoginSession } from "../login.ts";
import { PUSH_FORMATS, PUSH_MODES } from "./message.ts";
import type { PushSender } from "./sender.ts";

const settings = z.strictObject({
  mode: z.enum(PUSH_MODES).optional(),
  format: z.enum(PUSH_FORMATS).optional(),
  duplicates: z.int().min(0).max(100).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  lose: z.boolean().optional(),
});

const event = z.strictObject({
  event: z.string().min(1),
  openid: z.string().optional(),
  fields: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.union([z.string(), z.number()]))
    .default({}),
});

/** The controls of the push: its settings and deliveries, any other event, and the echo of WeChat's console. */
export function pushRoutes(sender: PushSender, session: LoginSession): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/_sim/push",
      handle: () => json({ settings: sender.settings, deliveries: sender.deliveries }),
    },
    {
      method: "POST",
      path: "/_sim/push",
      handle: (incoming) =>
        withBody(incoming, settings, (given) => json(Object.assign(sender.settings, given))),
    },
    {
      method: "POST",
      path: "/_sim/push/event",
      handle: (incoming) =>
        withBody(incoming, event, (given) => {
          sender.send(given.event, given.openid ?? session.currentOpenid, given.fields);
          return json({ ok: true });
        }),
    },
    {
      method: "POST",
      path: "/_sim/push/verify",
      handle: () =>
        sender.verify().then(
          (answer) => json(answer),
          () => errorReply(409, "The developer's server did not answer."),
        ),
    },
  ];
}
