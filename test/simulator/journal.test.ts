import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { Journal } from "../../simulator/journal.ts";
import { temporaryFolder } from "./running.ts";

const entry = z.object({ key: z.string(), value: z.number() });
const opened = (path: string) => new Journal(path, entry, ({ key }) => key);
const fresh = () => join(temporaryFolder(), "kept", "things.jsonl");

test("the last line of a key counts, in a new journal as in the old one", () => {
  const path = fresh();
  const journal = opened(path);
  journal.put({ key: "a", value: 1 });
  journal.put({ key: "b", value: 2 });
  journal.put({ key: "a", value: 3 });
  expect([...opened(path).all()]).toEqual([...journal.all()]);
  expect(opened(path).get("a")).toEqual({ key: "a", value: 3 });
});

test("a torn last line and a line of another shape are left out", () => {
  const path = fresh();
  opened(path).put({ key: "a", value: 1 });
  appendFileSync(path, '{"key":7}\n{"key":"a","val');
  expect([...opened(path).all()]).toEqual([{ key: "a", value: 1 }]);
});

test("a record after a torn line is not lost with it", () => {
  const path = fresh();
  opened(path);
  appendFileSync(path, '{"key":"a","val');
  const journal = opened(path);
  journal.put({ key: "b", value: 2 });
  expect(opened(path).get("b")).toEqual({ key: "b", value: 2 });
});

test("opening compacts, and the file is its owner's alone", () => {
  const path = fresh();
  const journal = opened(path);
  for (let value = 0; value < 100; value++) journal.put({ key: "a", value });
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(101);
  opened(path);
  expect(readFileSync(path, "utf8")).toBe('{"key":"a","value":99}\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
});
