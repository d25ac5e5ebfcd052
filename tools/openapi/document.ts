/** The OpenAPI 3.1 document of the HTTP routes and of the events, written from `shared/contract/`. */
import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import { events } from "../../shared/contract/events.ts";
import { type ErrorCode, PROBLEMS, problem } from "../../shared/contract/problem.ts";
import { type RouteContract, type RouteName, routes } from "../../shared/contract/routes.ts";
import { idempotencyKey } from "../../shared/contract/token.ts";
import { verification } from "../../shared/contract/verification.ts";
import { pageStatuses, summaries } from "./descriptions.ts";

/** Some JSON. */
export type Json = { readonly [name: string]: unknown };

/** One route in the document. */
export interface Operation extends Json {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Readonly<Record<string, Json>>;
}

/** The document. */
export interface OpenApiDocument extends Json {
  readonly info: Json & { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The statuses of a problem with this code. */
const statusesOf = (code: ErrorCode): readonly number[] =>
  code === "invalid_request" ? [400, 413] : [PROBLEMS[code].status];

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** A schema as JSON Schema. A verification is long and occurs often: it is referred to. */
function schemaOf(schema: z.core.$ZodType, io: "input" | "output"): Json {
  const { $schema, ...made } = z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== verification || schema === verification) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, ref("Verification"));
    },
  });
  return made;
}

const content = (type: string, schema: Json) => ({ content: { [type]: { schema } } });
const requestIdHeader = { "x-request-id": { schema: { type: "string" } } };

const bodyOf = (body: RouteContract["responses"][number]): Json => {
  if (typeof body === "string") return content(body, { type: "string" });
  return content("application/json", body === verification ? ref("Verification") : schemaOf(body, "output"));
};

const problemOf = (codes: readonly ErrorCode[]): Json => {
  const schema = { allOf: [ref("Problem"), { properties: { code: { enum: codes } } }] };
  const headers = codes.some((code) => ["rate_limited", "provider_unavailable"].includes(code))
    ? { ...requestIdHeader, "retry-after": { description: "Seconds", schema: { type: "string" } } }
    : requestIdHeader;
  return { headers, ...content("application/problem+json", schema) };
};

function responsesOf({ responses, problems }: RouteContract): Operation["responses"] {
  const successes = Object.entries(responses).map(([status, body]) => {
    const description = pageStatuses[Number(status)] ?? "Success";
    return [status, { description, headers: requestIdHeader, ...bodyOf(body) }] as const;
  });
  const statuses = [...new Set(problems.flatMap(statusesOf))].toSorted();
  const failures = statuses.map((status) => {
    const codes = problems.filter((code) => statusesOf(code).includes(status));
    const description = codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title.en}`).join("; ");
    const failure = { description, ...problemOf(codes) };
    // A status that is a page, too: one response has both media types.
    const page = successes.find(([known]) => known === String(status))?.[1];
    return [String(status), page ? { ...failure, ...merged(page, failure) } : failure] as const;
  });
  return Object.fromEntries([...successes, ...failures]);
}

const merged = (one: Json, other: Json) => ({
  content: { ...Object(one["content"]), ...Object(other["content"]) },
});

function parametersOf({ path, query }: RouteContract, name: RouteName): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => ({
    ...{ name: key, in: "path", required: true },
    schema: { type: "string" },
  }));
  const { properties = {} } = query ? schemaOf(query, "input") : {};
  const inQuery = Object.entries(Object(properties)).map(([key, schema]) => ({
    name: key,
    in: "query",
    schema,
  }));
  const key = { name: "Idempotency-Key", in: "header", schema: schemaOf(idempotencyKey, "input") };
  return [...inPath, ...inQuery, ...(name.startsWith("issue") ? [key] : [])];
}

function operationOf(name: RouteName): Operation {
  const route: RouteContract = routes[name];
  const parameters = parametersOf(route, name);
  return {
    operationId: name,
    summary: summaries[name].en,
    ...(parameters.length > 0 && { parameters }),
    ...(route.request && {
      requestBody: { ...content("application/json", schemaOf(route.request, "input")) },
    }),
    responses: responsesOf(route),
    ...(route.access === "bearer" && { security: [{ bearer: [] }] }),
  };
}

/** The document of this version of the bundle. */
export function openApiDocument(): OpenApiDocument {
  const names = Object.keys(routes) as RouteName[]; // the table's own keys
  const paths = [...new Set(names.map((name) => routes[name].path))].map((path) => {
    const here = names.filter((name) => routes[name].path === path);
    return [
      path,
      Object.fromEntries(here.map((name) => [routes[name].method.toLowerCase(), operationOf(name)])),
    ];
  });
  const webhooks = Object.entries(events).map(([type, schema]) => [
    type,
    {
      post: {
        summary: `Event ${type}, signed as Standard Webhooks`,
        requestBody: content("application/json", schemaOf(schema, "output")),
        responses: { "200": { description: "Any 2xx: the event was taken" } },
      },
    },
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: "Zhenren 真人",
      version: packageJson.version,
      description:
        "Real-person verification for WeChat mini-programs and H5 pages. Every response has x-request-id.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    paths: Object.fromEntries(paths),
    webhooks: Object.fromEntries(webhooks),
    components: {
      schemas: { Verification: schemaOf(verification, "output"), Problem: schemaOf(problem, "output") },
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}

/** Where the document is kept, for those who read it without the code. */
export const OPENAPI_FILE = "docs/openapi.json";

/** The document as it is written to {@link OPENAPI_FILE}. */
export const openApiText = (): string => `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;
