/**
 * The manifest: what was kept of one verification, how large it is, and by which hash it can be known again. It is written
 * last and sealed like the evidence, so that it is authentic and its hashes (a short text can be guessed from its hash)
 * are nobody's business.
 *
 * In the evidence store: `<verification>/<run>/<piece>.sealed` and `<verification>/<run>/manifest.json.sealed`. Each run writes
 * under its own name, so two runs on one verification never touch each other's objects; the row names the one that counts.
 * A run that adds what an earlier one could not have writes a manifest that names the earlier objects too, where they lie.
 */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { EVIDENCE_KINDS } from "../channels/types.ts";
import type { SealingKeys } from "../crypto/keyring.ts";
import { openJson, sealJson } from "../crypto/seal.ts";
import { sealedColumns } from "../store/sealed-columns.ts";

const sha256Text = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const time = z.iso.datetime();
const size = z.int().check(z.nonnegative());

/** File name of the manifest itself. */
export const MANIFEST_NAME = "manifest.json";

/** Names of pieces become names of objects and of exported files, so they are plain, and none is the manifest's. */
export const pieceName = z.string().check(
  z.regex(/^[a-z0-9][a-z0-9-]{0,63}\.[a-z0-9]{1,8}$/, "not a fit name for a piece of evidence"),
  z.refine((name) => name !== MANIFEST_NAME, "the manifest's own name"),
);

const fileSchema = z.strictObject({
  kind: z.enum(EVIDENCE_KINDS),
  name: pieceName,
  mediaType: z.string(),
  /** Of the evidence itself, in bytes. */
  size,
  sha256: sha256Text,
  /** Of the sealed object in the evidence store. */
  stored: z.strictObject({ object: z.string(), size, sha256: sha256Text }),
});

const missingSchema = z.strictObject({ kind: z.enum(EVIDENCE_KINDS), reason: z.string() });

const manifestSchema = z.strictObject({
  version: z.literal([1, 2]),
  verificationId: z.string(),
  run: z.string(),
  channel: z.string(),
  status: z.enum(["pending", "passed", "failed", "expired"]),
  /** The provider's result code as it wrote it, if the verification ended with one. */
  resultCode: z.nullable(z.string()),
  createdAt: time,
  settledAt: z.nullable(time),
  archivedAt: time,
  /** When the provider deletes its own copy. */
  purgeAt: z.nullable(time),
  /** The key that sealed the objects: the verification's data key, or a master key where it had none. */
  keyId: z.string(),
  /** Every kind that was asked for, with how many files the provider had. */
  kinds: z.array(z.strictObject({ kind: z.enum(EVIDENCE_KINDS), files: size })),
  files: z.array(fileSchema),
  /** What could not be had of those kinds, and why. */
  missing: z._default(z.array(missingSchema), []),
  /** The manifests that this one takes the place of, oldest first: their runs stored some of the files. */
  earlier: z._default(z.array(z.string()), []),
});

/** What was kept of one verification. */
export type Manifest = z.infer<typeof manifestSchema>;
/** One kept file: of the evidence and of the object that holds it, size and SHA-256. */
export type ManifestFile = z.infer<typeof fileSchema>;

/** SHA-256 in lower-case hex. */
export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** The part of the evidence store that one verification's objects are in. */
export const folderOfVerification = (verificationId: string): string => `${verificationId}/`;

/** The part of the evidence store that one run writes in for one verification. */
export const folderOfRun = (verificationId: string, run: string): string => `${verificationId}/${run}/`;

/** The object that a piece is kept in. */
export const objectName = (verificationId: string, run: string, piece: string): string =>
  `${folderOfRun(verificationId, run)}${piece}.sealed`;

/** The run that stored an object; `undefined` if its name is not one of this verification's. */
export function runOfObject(verificationId: string, object: string): string | undefined {
  const [id, run, file, ...rest] = object.split("/");
  return id === verificationId && file !== undefined && rest.length === 0 ? run : undefined;
}

/** The run under whose name a manifest object lies; `undefined` if the name is not one of a manifest. */
export function runOfManifest(verificationId: string, object: string): string | undefined {
  return object.endsWith(`/${MANIFEST_NAME}.sealed`) ? runOfObject(verificationId, object) : undefined;
}

/** All objects that archived evidence consists of: its manifest, those before it, and every file. */
export const objectsOf = (manifestName: string, { earlier, files }: Manifest): string[] => [
  manifestName,
  ...earlier,
  ...files.map(({ stored }) => stored.object),
];

/** Seals a manifest for its place. Throws a `ZodError` when it is not one, such as a piece with an unfit name. */
export const sealManifest = (keys: SealingKeys, manifest: Manifest): Buffer =>
  sealJson(
    keys,
    sealedColumns.evidence(manifest.verificationId, manifest.run, MANIFEST_NAME),
    manifestSchema.parse(manifest),
  );

/** Opens and checks a manifest. Throws `DecryptionError`, or an error when it is of a version that is not known here. */
export const openManifest = (
  keys: SealingKeys,
  verificationId: string,
  run: string,
  sealed: Buffer,
): Manifest =>
  manifestSchema.parse(openJson(keys, sealedColumns.evidence(verificationId, run, MANIFEST_NAME), sealed));
