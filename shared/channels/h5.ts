/** FaceID in a web page: the browser goes to the provider's address and is sent back to our landing page. */
import { ProviderError } from "../providers/provider-error.ts";
import type { FaceId } from "../providers/tencent-cloud/faceid.ts";
import { faceIdChannel } from "./faceid-channel.ts";
import type { Channel } from "./types.ts";

/** Makes the channel. Without a `ruleId` it can observe and fetch, but not issue. */
export const h5 = (client: FaceId, ruleId?: string): Channel =>
  faceIdChannel({
    name: "h5",
    client,
    ruleId,
    start: ({ url }) => {
      if (!url) throw new ProviderError("malformed", "DetectAuth", { hint: "no Url" });
      // Some answers carry the address HTML-escaped; browsers would not follow `&amp;` as a separator.
      return { url: url.replaceAll("&amp;", "&") };
    },
  });
