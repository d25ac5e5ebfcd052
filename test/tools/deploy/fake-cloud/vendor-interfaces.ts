/** The request interfaces that the vendor publishes with tencentcloud-sdk-nodejs, read once and kept as JSON. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { PropertySignature, TypeNode } from "typescript";
import * as z from "zod";
import { contentKey } from "../../../../tools/build/kept.ts";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "../../../..");
const models: Readonly<Record<string, string>> = {
  scf: "scf/v20180416/scf_models.d.ts",
  apigateway: "apigateway/v20180808/apigateway_models.d.ts",
  tag: "tag/v20180813/tag_models.d.ts",
};

const scalarKind = z.enum(["string", "number", "boolean", "other"]);

/** The declared type of a field: one of some scalars, an interface, or a list. */
const fieldType = z.union([
  z.object({ kinds: z.array(scalarKind) }),
  z.object({ name: z.string() }),
  z.object({
    get item() {
      return fieldType;
    },
  }),
]);

/** What a field may hold. */
export type FieldType = z.infer<typeof fieldType>;

const fieldSchema = z.object({ type: fieldType, optional: z.boolean() });
const interfacesSchema = z.record(z.string(), z.record(z.string(), fieldSchema));

type DeclaredFields = ReadonlyMap<string, z.infer<typeof fieldSchema>>;
const interfacesByService = new Map<string, ReadonlyMap<string, DeclaredFields>>();

/** The interfaces of a service's models by name. */
export function interfacesOf(service: string): ReadonlyMap<string, DeclaredFields> {
  const known = interfacesByService.get(service);
  if (known) return known;
  const key = contentKey(root, [import.meta.filename.slice(root.length + 1)], service);
  const file = join(root, "node_modules/.cache/zhenren/vendor-interfaces", `${key}.json`);
  const read = interfacesSchema.parse(kept(file) ?? made(file, service));
  const found = new Map(
    Object.entries(read).map(([name, fields]) => [name, new Map(Object.entries(fields))]),
  );
  interfacesByService.set(service, found);
  return found;
}

function kept(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function made(file: string, service: string): unknown {
  const interfaces = readModels(service);
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(unfinished, JSON.stringify(interfaces));
    renameSync(unfinished, file);
  } catch {
    // Nothing can be kept.
  }
  return interfaces;
}

function readModels(service: string): z.infer<typeof interfacesSchema> {
  const ts: typeof import("typescript") = require("typescript"); // loads for a second
  const path = require.resolve(`tencentcloud-sdk-nodejs/tencentcloud/services/${models[service]}`);
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const scalars = new Map<number, z.infer<typeof scalarKind>>([
    [ts.SyntaxKind.StringKeyword, "string"],
    [ts.SyntaxKind.NumberKeyword, "number"],
    [ts.SyntaxKind.BooleanKeyword, "boolean"],
  ]);
  const typeOf = (type: TypeNode): FieldType => {
    if (!ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName)) {
      const kinds = ts.isUnionTypeNode(type) ? type.types : [type];
      return { kinds: kinds.map(({ kind }) => scalars.get(kind) ?? "other") };
    }
    const name = type.typeName.text;
    const item = type.typeArguments?.[0];
    return name === "Array" && item ? { item: typeOf(item) } : { name };
  };
  const fieldOf = ({ name, type, questionToken }: PropertySignature) =>
    type && ts.isIdentifier(name)
      ? [[name.text, { type: typeOf(type), optional: questionToken !== undefined }] as const]
      : [];
  return Object.fromEntries(
    source.statements
      .filter((statement) => ts.isInterfaceDeclaration(statement))
      .map(({ name, members }) => [
        name.text,
        Object.fromEntries(
          members.flatMap((member) => (ts.isPropertySignature(member) ? fieldOf(member) : [])),
        ),
      ]),
  );
}
