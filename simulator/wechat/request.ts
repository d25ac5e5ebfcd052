import * as z from "zod";
import type { Answer, Incoming, Reply, Route } from "../exchange.ts";
import type { Faults } from "../faults.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { guarded, WeChatError } from "./envelope.ts";

/** A JSON body whose fields are looked at one by one, since each has an error code of its own. */
export type Body = Readonly<Record<string, unknown>>;

const object = z.record(z.string(), z.unknown());

/** Reads the JSON body of a call. */
export function bodyOf(incoming: Incoming): Body {
  try {
    return object.parse(JSON.parse(incoming.body.toString("utf8")));
  } catch {
    throw new WeChatError(47001, "data format error");
  }
}

/** A text field that is there and not empty; otherwise the call answers `code`. */
export function text(body: Body, name: string, code: number): string {
  const value = body[name];
  if (typeof value === "string" && value !== "") return value;
  throw new WeChatError(code, `${name} missing or not a text`);
}

/** The route of a face call: a POST with an access token in its query and JSON in its body. */
export function faceRoute(
  name: string,
  faults: Faults,
  tokens: AccessTokens,
  call: (body: Body) => Reply,
): Route {
  const handle = (incoming: Incoming): Answer =>
    faults.during(name, () =>
      guarded(() => {
        tokens.check(incoming.query.get("access_token"));
        return call(bodyOf(incoming));
      }),
    );
  return { method: "POST", path: `/cityservice/face/identify/${name}`, handle };
}
