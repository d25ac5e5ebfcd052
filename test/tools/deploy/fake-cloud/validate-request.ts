/**
 * Checks requests against the APIs' own types: the request interfaces that the vendor publishes with tencentcloud-sdk-nodejs.
 * Forms carry text, so their text is read as the declared type.
 */
import { CloudError } from "../../../../simulator/faceid/envelope.ts";
import { type FieldType, interfacesOf } from "./vendor-interfaces.ts";
import type { ApiCall } from "./wire.ts";

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
  const typed = (value: unknown, type: FieldType, path: string): unknown => {
    if ("name" in type) return object(value, type.name, `${path}.`);
    if ("item" in type) {
      if (Array.isArray(value)) return value.map((each, index) => typed(each, type.item, `${path}.${index}`));
    } else {
      const parsed = scalar(value, type.kinds, call.wire);
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

/** A value as one of the declared kinds; undefined if it is of another. */
function scalar(value: unknown, kinds: readonly string[], wire: ApiCall["wire"]): unknown {
  const given = typeof value;
  if (["string", "number", "boolean"].includes(given) && kinds.includes(given)) return value;
  if (wire === "json" || typeof value !== "string") return undefined;
  if (kinds.includes("number") && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (kinds.includes("boolean") && /^(true|false)$/.test(value)) return value === "true";
  return undefined;
}
