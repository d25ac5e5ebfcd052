/** The OpenAPI document: up to date, and valid by somebody else's reading of the standard. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { routes } from "../../../shared/contract/routes.ts";
import { OPENAPI_FILE, openApiDocument, openApiText } from "../../../tools/openapi/document.ts";

const document = openApiDocument();

test("the file in docs is what `npm run openapi` writes", () => {
  expect(readFileSync(join(import.meta.dirname, "../../..", OPENAPI_FILE), "utf8")).toBe(openApiText());
});

test("it is valid OpenAPI 3.1", async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(document) as unknown as Record<string, unknown>);
  expect(result).toEqual({ valid: true });
  expect(() => validator.resolveRefs()).not.toThrow();
  expect(validator.version).toBe("3.1");
});

test("a document that breaks the standard is found", async () => {
  const broken = { ...structuredClone(document), paths: { "no-slash": { get: {} } } };
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
});

test("it has each route once, under the route's name, with a bearer exactly where the route wants one", () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  expect(
    operations.map(({ path, method, operation }) => [
      operation.operationId,
      method,
      path,
      operation["security"] === undefined ? "public" : "bearer",
    ]),
  ).toEqual(Object.entries(routes).map(([name, { method, path, access }]) => [name, method, path, access]));
});
