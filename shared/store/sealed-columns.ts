/**
 * Where sealed values live. The place is bound into each seal as additional data, so that a value moved to another row,
 * column or object does not open there. The texts are part of what is stored: changing one closes all that was sealed.
 */
export const sealedColumns = {
  /** `verification.identity`: JSON of the person of the request. */
  identity: (verificationId: string) => `verification/${verificationId}/identity`,
  /** `verification.issued`: JSON of the provider's token. */
  issued: (verificationId: string) => `verification/${verificationId}/issued`,
  /** `result_token.sealed`. */
  resultToken: (verificationId: string) => `verification/${verificationId}/handle`,
  /** `access_token.sealed`. */
  accessToken: (appId: string) => `access-token/${appId}`,
  /** A piece of evidence, or the manifest, in the evidence store. */
  evidence: (verificationId: string, run: string, piece: string) =>
    `archive/${verificationId}/${run}/${piece}`,
} as const;
