/** What SCF answers about custom domains, as far as it is read (API 2018-04-16). */
import * as z from "zod";

const endpoint = z
  .object({
    Namespace: z.string(),
    FunctionName: z.string(),
    Qualifier: z.string(),
    PathMatch: z.string(),
    PathRewrite: z.array(z.object({ Path: z.string(), Type: z.string(), Rewrite: z.string() })).nullish(),
  })
  // None and an empty list are the same, and only a list is ever written.
  .transform(({ PathRewrite, ...rest }) => ({ ...rest, ...(PathRewrite?.length && { PathRewrite }) }));

/** `GetCustomDomain`. */
export const domainAnswer = z.object({
  Domain: z.string(),
  Protocol: z.string().nullish(),
  EndpointsConfig: z.array(endpoint).nullish(),
  CertConfig: z.object({ CertificateId: z.string().nullish() }).nullish(),
  WafConfig: z.object({ WafOpen: z.string().nullish(), WafInstanceId: z.string().nullish() }).nullish(),
});

/** A custom domain as SCF has it. */
export type ObservedDomain = z.infer<typeof domainAnswer>;
