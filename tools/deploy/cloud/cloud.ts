/** Every API that a deploy calls itself, with one key in one region. */
import { type Domains, domains } from "../domain/domains.ts";
import { type ApiGateway, apiGateway } from "./api-gateway.ts";
import { type Scf, type ScfOptions, scf } from "./scf.ts";

/** The clients. */
export interface Cloud {
  readonly scf: Scf;
  readonly gateway: ApiGateway;
  readonly domains: Domains;
}

/** Makes them; nothing is called yet. */
export const connectTo = (options: ScfOptions): Cloud => ({
  scf: scf(options),
  gateway: apiGateway(options),
  domains: domains(options),
});
