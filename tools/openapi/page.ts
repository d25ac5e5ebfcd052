/** The OpenAPI document as a plain page: readable without a script, in both languages. */
import type { RouteName } from "../../shared/contract/routes.ts";
import { summaries } from "./descriptions.ts";
import type { Json, OpenApiDocument, Operation } from "./document.ts";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");

const isRoute = (name: string): name is RouteName => Object.hasOwn(summaries, name);

const json = (title: string, value: unknown): string =>
  `<details><summary>${escapeHtml(title)}</summary><pre tabindex="0">${escapeHtml(JSON.stringify(value, undefined, 2))}</pre></details>`;

function responseOf(status: string, response: Json): string {
  const bodies: [string, Json][] = Object.entries(Object(response["content"]));
  return `<h4>${status}</h4><p>${escapeHtml(String(response["description"]))}</p>${bodies
    .map(([type, body]) => json(type, body["schema"]))
    .join("")}`;
}

function operationOf(method: string, path: string, operation: Operation): string {
  const { operationId, summary, responses } = operation;
  const chinese = isRoute(operationId) ? summaries[operationId].zh : "";
  const parameters = operation["parameters"];
  const body = operation["requestBody"];
  return `<section class="card" id="${operationId}">
<h3><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h3>
<p>${escapeHtml(summary)} · <span lang="zh-CN">${chinese}</span></p>
<p class="hint">${operation["security"] ? "Authorization: Bearer" : "no bearer token"}</p>
${parameters ? json("parameters", parameters) : ""}${body ? json("request body", body) : ""}
${Object.entries(responses)
  .map(([status, response]) => responseOf(status, response))
  .join("")}</section>`;
}

/** The page. `styles`: the addresses of its style sheets; `file`: that of the document itself. */
export function openApiPage(document: OpenApiDocument, styles: readonly string[], file: string): string {
  const { title, version, description } = document.info;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const contents = operations.map(
    ({ path, method, operation }) =>
      `<li><a href="#${operation.operationId}"><code>${method.toUpperCase()} ${escapeHtml(path)}</code></a></li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} API</title>
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join("\n")}</head>
<body><header><h1>${escapeHtml(title)} <span>API ${version}</span></h1></header>
<main><p>${escapeHtml(description)} <a href="${file}">OpenAPI 3.1</a></p>
<nav class="card" aria-label="Routes"><ul>${contents.join("\n")}</ul></nav>
${operations.map(({ path, method, operation }) => operationOf(method, path, operation)).join("\n")}
${json("webhooks", document["webhooks"])}${json("components", document["components"])}
</main></body></html>
`;
}
