/** The columns of `verification` for statements written by hand. */
import type { VerificationRow } from "./schema.ts";

type Field = keyof VerificationRow;

/** The type of each column. The compiler refuses a field that is missing here; a test compares all with the schema. */
export const columnTypes = {
  id: "text",
  channel: "text",
  owner: "text",
  reference: "text",
  stateHash: "bytea",
  returnUrl: "text",
  dataKey: "bytea",
  identity: "bytea",
  identitySource: "text",
  personHash: "bytea",
  personKeyId: "text",
  issued: "bytea",
  status: "text",
  reason: "jsonb",
  lastAttempt: "jsonb",
  attempts: "integer",
  createdAt: "timestamptz",
  expiresAt: "timestamptz",
  purgeAt: "timestamptz",
  settledAt: "timestamptz",
  settledBy: "text",
  checkAt: "timestamptz",
  observedAt: "timestamptz",
  archiveStatus: "text",
  archiveAt: "timestamptz",
  archiveTries: "integer",
  archiveRun: "text",
  archiveObjects: "text[]",
  archiveLeaseUntil: "timestamptz",
  archivedAt: "timestamptz",
  archiveKinds: "jsonb",
  archiveMissing: "jsonb",
  manifest: "text",
  manifestSha256: "text",
  purgeAlarmAt: "timestamptz",
  raisedAlarms: "text[]",
  unfinishedAt: "timestamptz",
  erasedAt: "timestamptz",
} as const satisfies Readonly<Record<Field, string>>;

const fields = Object.keys(columnTypes) as Field[]; // the type's own keys

/** The fields of a part of the row; the compiler refuses it if one is missing. */
export const fieldsOf = <Part extends Partial<VerificationRow>>(
  part: Readonly<Record<keyof Part & Field, true>>,
): readonly (keyof Part & Field)[] => Object.keys(part) as (keyof Part & Field)[]; // the type's own keys

/** The column of a field: `stateHash` is `state_hash`. */
export const columnOf = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** All columns of the row `alias`, under the names that the row has in TypeScript. */
export const selectRow = (alias: string): string =>
  fields.map((field) => `${alias}.${columnOf(field)} as "${field}"`).join(", ");

/** `$first`, `$first + 1` … with the types of these fields. */
export const parametersFor = (names: readonly Field[], first: number): readonly string[] =>
  names.map((field, i) => `$${first + i}::${columnTypes[field]}`);

/** `a = $first, b = $first + 1` … for these fields. */
export const assignments = (names: readonly Field[], first: number): string =>
  parametersFor(names, first)
    .map((parameter, i) => `${columnOf(names[i] ?? "")} = ${parameter}`)
    .join(", ");

/** The values of these fields, in their order, as the driver wants them. */
export const valuesOf = <Name extends Field>(
  names: readonly Name[],
  values: Pick<VerificationRow, Name>,
): unknown[] =>
  names.map((field) => (columnTypes[field] === "jsonb" ? asJson(values[field]) : values[field]));

const asJson = (value: unknown): string | null => (value == null ? null : JSON.stringify(value));
