/** Generates mutants: small changes of a source file, each of which some test has to notice. */
import ts from "typescript";

/** One change of one file. */
export interface Mutant {
  /** `file:line:operator`, with `#2` and so on for further ones of that kind in the line. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** The text of that line, without its indentation. */
  readonly code: string;
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly original: string;
  readonly replacement: string;
}

type Change = Pick<Mutant, "operator" | "start" | "end" | "replacement">;

const SWAPPED_TOKENS = new Map<ts.SyntaxKind, readonly [operator: string, replacement: string]>([
  [ts.SyntaxKind.LessThanToken, ["boundary", "<="]],
  [ts.SyntaxKind.LessThanEqualsToken, ["boundary", "<"]],
  [ts.SyntaxKind.GreaterThanToken, ["boundary", ">="]],
  [ts.SyntaxKind.GreaterThanEqualsToken, ["boundary", ">"]],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["negation", "!=="]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["negation", "==="]],
  [ts.SyntaxKind.AmpersandAmpersandToken, ["logic", "||"]],
  [ts.SyntaxKind.BarBarToken, ["logic", "&&"]],
  [ts.SyntaxKind.PlusToken, ["arithmetic", "-"]],
  [ts.SyntaxKind.MinusToken, ["arithmetic", "+"]],
  [ts.SyntaxKind.AsteriskToken, ["arithmetic", "/"]],
  [ts.SyntaxKind.SlashToken, ["arithmetic", "*"]],
  [ts.SyntaxKind.PlusEqualsToken, ["arithmetic", "-="]],
  [ts.SyntaxKind.MinusEqualsToken, ["arithmetic", "+="]],
]);

/** Methods whose opposite is as easily written. */
const SWAPPED_NAMES = new Map([
  ["some", "every"],
  ["every", "some"],
  ["asc", "desc"],
  ["min", "max"],
  ["max", "min"],
  ["lt", "lte"],
  ["lte", "lt"],
  ["startsWith", "endsWith"],
]);

/** Texts inside are for people: another wording breaks nothing. */
function isForPeople(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at && !ts.isStatement(at); at = at.parent) {
    if (ts.isNewExpression(at) && at.expression.getText().endsWith("Error")) return true;
    if (ts.isCallExpression(at) && /^log[.A-Z[]|\.describe$|^malformed$/.test(at.expression.getText()))
      return true;
    if (ts.isCallExpression(at) && at.expression.kind === ts.SyntaxKind.SuperKeyword) return true; // of an error class
    if (ts.isPropertyAssignment(at) && /^(message|hint)$/.test(at.name.getText())) return true;
  }
  return false;
}

const isLogCall = (node: ts.Expression): boolean =>
  ts.isCallExpression(node) && /^log[.[]/.test(node.expression.getText());

/** Creates the changes that begin at one node. */
function changesAt(node: ts.Node): Change[] {
  const replace = (operator: string, target: ts.Node, replacement: string): Change => ({
    operator,
    start: target.getStart(),
    end: target.end,
    replacement,
  });
  const negate = (condition: ts.Expression) => [replace("condition", condition, `!(${condition.getText()})`)];
  if (ts.isBinaryExpression(node)) {
    const [operator, replacement] = SWAPPED_TOKENS.get(node.operatorToken.kind) ?? [];
    const isText = ts.isStringLiteralLike(node.left) || ts.isStringLiteralLike(node.right);
    if (operator && replacement && !isText) return [replace(operator, node.operatorToken, replacement)];
    return isText && operator === "negation" && replacement
      ? [replace(operator, node.operatorToken, replacement)]
      : [];
  }
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) return negate(node.expression);
  if (ts.isConditionalExpression(node)) return negate(node.condition);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [replace("negation", node, node.operand.getText())];
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword && !ts.isLiteralTypeNode(node.parent)) {
    return [replace("boolean", node, "false")];
  }
  if (node.kind === ts.SyntaxKind.FalseKeyword && !ts.isLiteralTypeNode(node.parent)) {
    return [replace("boolean", node, "true")];
  }
  if (ts.isStringLiteralLike(node) && node.text !== "" && isValue(node) && !isForPeople(node)) {
    return [replace("text", node, ts.isTaggedTemplateExpression(node.parent) ? "``" : '""')];
  }
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 0 && !isAssigned(node)) {
    return [replace("list", node, "[]")];
  }
  if (ts.isAwaitExpression(node)) {
    const end = node.expression.getStart();
    return [{ operator: "await", start: node.getStart(), end, replacement: "" }];
  }
  if (ts.isExpressionStatement(node)) return droppedStatement(node, replace);
  if (ts.isCallExpression(node)) return changedCall(node, replace);
  return [];
}

type Replace = (operator: string, target: ts.Node, replacement: string) => Change;

function droppedStatement(node: ts.ExpressionStatement, replace: Replace): Change[] {
  const call = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
  if (!ts.isCallExpression(call) || isLogCall(call) || call.expression.kind === ts.SyntaxKind.SuperKeyword)
    return [];
  return [replace("call", node, ";")];
}

/** A condition less in a query's `and`, a step less in its chain, the opposite of a method. */
function changedCall(node: ts.CallExpression, replace: Replace): Change[] {
  const callee = node.expression;
  if (ts.isIdentifier(callee)) {
    const { text } = callee;
    const opposite = SWAPPED_NAMES.get(text);
    if (opposite) return [replace("opposite", callee, opposite)];
    if (text !== "and" && text !== "or") return [];
    return node.arguments.map((condition) => replace("dropped-condition", condition, "undefined"));
  }
  if (!ts.isPropertyAccessExpression(callee)) return [];
  const opposite = SWAPPED_NAMES.get(callee.name.text);
  if (opposite) return [replace("opposite", callee.name, opposite)];
  if (!["where", "orderBy", "limit", "for", "filter", "trim", "toSorted"].includes(callee.name.text))
    return [];
  return [{ operator: "dropped-step", start: callee.expression.end, end: node.end, replacement: "" }];
}

/** True for a text that the program computes with, and not one of a type, an import or a property's name. */
function isValue(node: ts.StringLiteralLike): boolean {
  const { parent } = node;
  return !(
    node.text === "utf8" || // node reads "" as utf8
    ts.isLiteralTypeNode(parent) ||
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    ts.isElementAccessExpression(parent) ||
    (ts.isPropertyAssignment(parent) && (parent.name === node || isStatementName(parent)))
  );
}

/** True for the name of a prepared statement: without one it is planned anew each time, and answers the same. */
const isStatementName = ({ name, parent }: ts.PropertyAssignment): boolean =>
  name.getText() === "name" && parent.properties.some((other) => other.name?.getText() === "text");

/** True for the left side of `[a, b] = …`. */
const isAssigned = ({ parent }: ts.Node): boolean =>
  ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;

/** Generates all mutants of a file, in the order of the text. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const changes: Change[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    changes.push(...changesAt(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const lines = text.split("\n");
  const counted = new Map<string, number>();
  return changes
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .map((change) => {
      const line = source.getLineAndCharacterOfPosition(change.start).line + 1;
      const kind = `${file}:${line}:${change.operator}`;
      const nth = (counted.get(kind) ?? 0) + 1;
      counted.set(kind, nth);
      const id = nth === 1 ? kind : `${kind}#${nth}`;
      const code = (lines[line - 1] ?? "").trim();
      return { ...change, id, file, line, code, original: text.slice(change.start, change.end) };
    });
}

/** The text of the file with the mutant in it. */
export const applyMutant = (text: string, { start, end, replacement }: Mutant): string =>
  `${text.slice(0, start)}${replacement}${text.slice(end)}`;
