/** Answers made from the vendor's own type declarations, so that no field of theirs is forgotten in ours. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

const service = dirname(
  createRequire(import.meta.url).resolve(
    "tencentcloud-sdk-nodejs/tencentcloud/services/faceid/v20180301/faceid_client.js",
  ),
);
const source = ts.createSourceFile(
  "faceid_models.d.ts",
  readFileSync(join(service, "faceid_models.d.ts"), "utf8"),
  ts.ScriptTarget.Latest,
);
const interfaces = new Map(
  source.statements.filter(ts.isInterfaceDeclaration).map((each) => [each.name.text, each]),
);

/** A field that holds a value of its own. */
export interface Leaf {
  /** Such as `IntentionActionResult.Details.Video`. */
  readonly path: string;
  /** What the example has there: the path in Base64. */
  readonly value: string;
  /** What the vendor says about it. */
  readonly comment: string;
}

interface Example {
  readonly value: unknown;
  readonly leaves: readonly Leaf[];
}

function exampleOfType(type: ts.TypeNode | undefined, path: string, comment: string): Example {
  if (type && ts.isTypeReferenceNode(type)) {
    const name = type.typeName.getText(source);
    if (name === "Array") {
      const item = exampleOfType(type.typeArguments?.[0], path, comment);
      return { ...item, value: [item.value] };
    }
    return exampleOfInterface(name, path);
  }
  if (type?.kind === ts.SyntaxKind.BooleanKeyword) return { value: true, leaves: [] };
  const isText = type?.kind === ts.SyntaxKind.StringKeyword;
  const value = Buffer.from(path.padEnd(12, "."), "utf8").toString("base64");
  if (isText) return { value, leaves: [{ path, value, comment }] };
  // Numbers are known again by their digits.
  const digits = String([...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 999_983, 7));
  return { value: Number(digits), leaves: [{ path, value: digits, comment: "" }] };
}

function exampleOfInterface(name: string, path: string): Example {
  const declaration = interfaces.get(name);
  if (!declaration) throw new Error(`the vendor declares no ${name}`);
  const fields = declaration.members.filter(ts.isPropertySignature).map((member) => {
    const field = member.name.getText(source);
    const comment = source.text.slice(member.getFullStart(), member.getStart(source));
    const example = exampleOfType(member.type, path ? `${path}.${field}` : field, comment);
    return { field, example };
  });
  return {
    value: Object.fromEntries(fields.map(({ field, example }) => [field, example.value])),
    leaves: fields.flatMap(({ example }) => example.leaves),
  };
}

/** An answer of this type, with a value in every field. */
export const exampleOf = (type: string): Record<string, unknown> => ({
  ...(exampleOfInterface(type, "").value as Record<string, unknown>),
});

/** Every value in that answer. */
export const leavesOf = (type: string): readonly Leaf[] => exampleOfInterface(type, "").leaves;
