/** Questions to a script's syntax tree. */
import ts from "typescript";
import type { Project, Script } from "./project.ts";

/** Every node below one, itself included. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** A call with the last part of its name: `startVerify` for `wx.startVerify(…)`. */
export interface Call {
  readonly script: Script;
  readonly node: ts.CallExpression;
  readonly name: string;
  /** `wx` for `wx.startVerify`. */
  readonly of: string | undefined;
}

const called = (node: ts.CallExpression): Pick<Call, "name" | "of"> | undefined => {
  const { expression } = node;
  if (ts.isIdentifier(expression)) return { name: expression.text, of: undefined };
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const of = ts.isIdentifier(expression.expression) ? expression.expression.text : undefined;
  return { name: expression.name.text, of };
};

/** The calls in a script, or below one of its nodes. */
export function callsIn(script: Script, below: ts.Node = script.tree): Call[] {
  return [...nodesOf(below)].flatMap((node) => {
    const name = ts.isCallExpression(node) ? called(node) : undefined;
    return name && ts.isCallExpression(node) ? [{ script, node, ...name }] : [];
  });
}

/** The calls of functions with one of these names, anywhere. */
export const callsOf = ({ scripts }: Pick<Project, "scripts">, names: readonly string[]): Call[] =>
  scripts.flatMap((script) => callsIn(script).filter(({ name }) => names.includes(name)));

/** A property of an object literal, by name; a method too. */
export function propertyOf(
  object: ts.Node | undefined,
  name: string,
): ts.ObjectLiteralElementLike | undefined {
  if (!object || !ts.isObjectLiteralExpression(object)) return undefined;
  return object.properties.find((each) => each.name && nameOf(each.name) === name);
}

/** The text of a property's name. */
export const nameOf = (name: ts.PropertyName): string | undefined =>
  ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;

/** The value of a property: what stands behind its colon, or the method itself. */
export function initializerOf(property: ts.ObjectLiteralElementLike | undefined): ts.Node | undefined {
  if (!property) return undefined;
  return ts.isPropertyAssignment(property) ? property.initializer : property;
}

/** The first argument's property. */
export const optionOf = ({ node }: Call, name: string): ts.Node | undefined =>
  initializerOf(propertyOf(node.arguments[0], name));

/** Functions in the object given to `App(…)` or `Page(…)`, by name. */
export function lifecycle(
  script: Script,
  of: "App" | "Page" | "Component",
  names: readonly string[],
): ts.Node[] {
  return callsIn(script)
    .filter(({ name, of: owner }) => name === of && owner === undefined)
    .flatMap(({ node }) => names.map((name) => initializerOf(propertyOf(node.arguments[0], name))))
    .filter((found) => found !== undefined);
}

/** Texts of string literals and templates in a script, with their nodes. */
export function textsIn(script: Script): { node: ts.Node; text: string }[] {
  return [...nodesOf(script.tree)].flatMap((node): { node: ts.Node; text: string }[] => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node))
      return [{ node, text: node.text }];
    return ts.isTemplateExpression(node) ? [{ node, text: node.getText() }] : [];
  });
}

/** What a script imports or requires. */
export const importsOf = (script: Script): { node: ts.Node; from: string }[] =>
  [...nodesOf(script.tree)].flatMap((node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
      return [{ node, from: node.moduleSpecifier.text }];
    const argument =
      ts.isCallExpression(node) && called(node)?.name === "require" ? node.arguments[0] : undefined;
    return argument && ts.isStringLiteral(argument) ? [{ node, from: argument.text }] : [];
  });

/** Whether the mini-program uses the client library, which takes care of much by itself. */
export const usesClient = ({ scripts }: Pick<Project, "scripts">): boolean =>
  scripts.some((script) => importsOf(script).some(({ from }) => /^zhenren-client(\/|$)/.test(from)));
