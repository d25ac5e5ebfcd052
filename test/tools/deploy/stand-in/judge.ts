/**
 * The APIs' own types as judge of what is asked of them: reads the request interfaces that the vendor publishes with
 * tencentcloud-sdk-nodejs and holds each request against them. Forms carry text, so text is read as the declared type there.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import { deviations } from "./deviations.ts";
import type { ApiCall } from "./wire.ts";

const require = createRequire(import.meta.url);
const models: Readonly<Record<string, string>> = {
  scf: "scf/v20180416/scf_models.d.ts",
  apigateway: "apigateway/v20180808/apigateway_models.d.ts",
  tag: "tag/v20180813/tag_models.d.ts",
};

type Fields = ReadonlyMap<string, { readonly type: ts.TypeNode; readonly optional: boolean }>;
const read = new Map<string, ReadonlyMap<string, Fields>>();

/** The interfaces of a service's models by name. */
function interfacesOf(service: string): ReadonlyMap<string, Fields> {
  const known = read.get(service);
  if (known) return known;
  const path = require.resolve(`tencentcloud-sdk-nodejs/tencentcloud/services/${models[service]}`);
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const found = new Map<string, Fields>();
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement)) continue;
    const fields = statement.members.flatMap((member) =>
      ts.isPropertySignature(member) && member.type && ts.isIdentifier(member.name)
        ? [[member.name.text, { type: member.type, optional: member.questionToken !== undefined }] as const]
        : [],
    );
    found.set(statement.name.text, new Map(fields));
  }
  read.set(service, found);
  return found;
}

/** A field that the types do not allow, and how. */
interface Objection {
  readonly code: "UnknownParameter" | "MissingParameter" | "InvalidParameter" | "InvalidAction";
  readonly path: string;
  readonly why: string;
}

/**
 * The request with every value of its declared type. Throws a {@link CloudError} that names the first field that the types do
 * not allow, except the deviations that are known.
 */
export function judged(call: ApiCall): unknown {
  const interfaces = interfacesOf(call.service);
  const objections: Objection[] = [];
  const object = (value: unknown, name: string, path: string): unknown => {
    const fields = interfaces.get(name);
    if (!fields) {
      objections.push({ code: "InvalidAction", path: name, why: "no such interface" });
      return value;
    }
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
      objections.push({ code: "InvalidParameter", path, why: `is no ${name}` });
      return value;
    }
    const given = Object.entries(value);
    for (const [field] of given.filter(([each]) => !fields.has(each)))
      objections.push({ code: "UnknownParameter", path: `${path}${field}`, why: `is not in ${name}` });
    for (const [field, { optional }] of fields)
      if (!optional && !Object.hasOwn(value, field))
        objections.push({ code: "MissingParameter", path: `${path}${field}`, why: `is required in ${name}` });
    return Object.fromEntries(
      given.map(([field, each]) => {
        const declared = fields.get(field)?.type;
        return [field, declared ? typed(each, declared, `${path}${field}`) : each];
      }),
    );
  };
  const typed = (value: unknown, type: ts.TypeNode, path: string): unknown => {
    if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) {
      const name = type.typeName.text;
      const item = type.typeArguments?.[0];
      if (name !== "Array" || !item) return object(value, name, `${path}.`);
      if (Array.isArray(value)) return value.map((each, index) => typed(each, item, `${path}.${index}`));
    } else {
      const read = scalar(value, type, call.wire);
      if (read !== undefined) return read;
    }
    objections.push({ code: "InvalidParameter", path, why: "has another type" });
    return value;
  };
  const result = object(call.body, `${call.action}Request`, "");
  const [first] = objections.filter(({ code, path }) => !isKnown(call, code, path));
  if (first) throw new CloudError(first.code, `${call.action}: ${first.path} ${first.why}`);
  return result;
}

function isKnown({ action, wire }: ApiCall, code: Objection["code"], path: string): boolean {
  const field = path.replaceAll(/\.\d+/g, ".*");
  return wire === "form" && (deviations[action]?.[code] ?? []).includes(field);
}

/** A value as its declared type, or undefined if it is none. */
function scalar(value: unknown, type: ts.TypeNode, wire: ApiCall["wire"]): unknown {
  const kinds = ts.isUnionTypeNode(type) ? type.types.map(({ kind }) => kind) : [type.kind];
  const is = (kind: ts.SyntaxKind) => kinds.includes(kind);
  if (is(ts.SyntaxKind.StringKeyword) && typeof value === "string") return value;
  if (is(ts.SyntaxKind.NumberKeyword) && typeof value === "number") return value;
  if (is(ts.SyntaxKind.BooleanKeyword) && typeof value === "boolean") return value;
  if (wire === "json" || typeof value !== "string") return undefined;
  if (is(ts.SyntaxKind.NumberKeyword) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (is(ts.SyntaxKind.BooleanKeyword) && /^(true|false)$/.test(value)) return value === "true";
  return undefined;
}
