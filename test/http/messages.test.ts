/** No module here may load `zod`, which sets texts for all schemas: the bundles have `zod/mini`, which has none. */
import { expect, test } from "vitest";
import { loginRequest } from "../../shared/contract/login.ts";
import { readJson } from "../../shared/http/body.ts";
import { readRequest } from "../../shared/http/request.ts";

test("a refusal says what the rule is where the schema has no text of its own", () => {
  const request = readRequest({ httpMethod: "POST", path: "/login", body: '{"code":""}' });
  expect(() => readJson(request, loginRequest)).toThrow(
    "code: Too small: expected string to have >=1 characters",
  );
});
