/**
 * Checks requests against the APIs' own types: the request interfaces that the vendor publishes with tencentcloud-sdk-nodejs.
 * Forms carry text, so their text is read as the declared type.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import type { ApiCall } from "./wire.ts";

const require = createRequire(import.meta.url);
const models: Readonly<Record<string, string>> = {
  scf: "scf/v20180416/scf_models.d.ts",
  apigateway: "apigateway/v20180808/apigateway_models.d.ts",
  tag: "tag/v20180813/tag_models.d.ts",
};

/**
 * Where tencent-component-toolkit 2.27.6 itself sends what the published types do not list, by action and kind. The real API
 * accepts these calls every day, so they pass; nothing else does. `*` stands for an index.
 */
export const knownExceptions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // Asked for whenever it polls a function.
  GetFunction: { UnknownParameter: ["ShowTriggers"] },
  // Sent with fixed values for every function that is not an image; L5Enable is known where a function is updated.
  CreateFunction: { UnknownParameter: ["DeployMode", "L5Enable", "DiskSize"] },
  UpdateFunctionConfiguration: { UnknownParameter: ["DiskSize"] },
};

type DeclaredFields = ReadonlyMap<string, { readonly type: ts.TypeNode; readonly optional: boolean }>;
const interfacesByService = new Map<string, ReadonlyMap<string, DeclaredFields>>();

/** The interfaces of a service's models by name. */
function interfacesOf(service: string): ReadonlyMap<string, DeclaredFields> {
  const known = interfacesByService.get(service);
  if (known) return known;
  const path = require.resolve(`tencentcloud-sdk-nodejs/tencentcloud/services/${models[service]}`);
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const found = new Map<string, DeclaredFields>();
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement)) continue;
    const fields = statement.members.flatMap((member) =>
      ts.isPropertySignature(member) && member.type && ts.isIdentifier(member.name)
        ? [[member.name.text, { type: member.type, optional: member.questionToken !== undefined }] as const]
        : [],
    );
    found.set(statement.name.text, new Map(fields));
  }
  interfacesByService.set(service, found);
  return found;
}

/** A field that the types do not allow, and why. */
interface ValidationIssue {
  readonly code: "UnknownParameter" | "MissingParameter" | "InvalidParameter" | "InvalidAction";
  readonly path: string;
  readonly why: string;
}

/**
 * Returns the request with every value of its declared type. Throws a {@link CloudError} that names the first field that the
 * types do not allow, apart from {@link knownExceptions}.
 */
export function validateRequest(call: ApiCall): unknown {
  const interfaces = interfacesOf(call.service);
  const issues: ValidationIssue[] = [];
  const object = (value: unknown, name: string, path: string): unknown => {
    const fields = interfaces.get(name);
    if (!fields) {
      issues.push({ code: "InvalidAction", path: name, why: "no such interface" });
      return value;
    }
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
      issues.push({ code: "InvalidParameter", path, why: `is not a ${name}` });
      return value;
    }
    const given = Object.entries(value);
    for (const [field] of given.filter(([each]) => !fields.has(each)))
      issues.push({ code: "UnknownParameter", path: `${path}${field}`, why: `is not in ${name}` });
    for (const [field, { optional }] of fields)
      if (!optional && !Object.hasOwn(value, field))
        issues.push({ code: "MissingParameter", path: `${path}${field}`, why: `is required in ${name}` });
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
      const parsed = scalar(value, type, call.wire);
      if (parsed !== undefined) return parsed;
    }
    issues.push({ code: "InvalidParameter", path, why: "has another type" });
    return value;
  };
  const result = object(call.body, `${call.action}Request`, "");
  const [first] = issues.filter(({ code, path }) => !isKnownException(call, code, path));
  if (first) throw new CloudError(first.code, `${call.action}: ${first.path} ${first.why}`);
  return result;
}

function isKnownException({ action, wire }: ApiCall, code: ValidationIssue["code"], path: string): boolean {
  const field = path.replaceAll(/\.\d+/g, ".*");
  return wire === "form" && (knownExceptions[action]?.[code] ?? []).includes(field);
}

/** A value as its declared type; undefined if it is of another type. */
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
