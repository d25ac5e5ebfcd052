import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { Journal } from "../../simulator/journal.ts";
import { temporaryFolder } from "./running.ts";

const entry = z.object({ key: z.string(), value: z.number() });
const openJournal = (path: string) => new Journal(path, entry, ({ key }) => key);
const fresh = () => join(temporaryFolder(), "kept", "things.jsonl");

test("the last line of a key counts, in a new journal as in the old one", () => {
  const path = fresh();
  const journal = openJournal(path);
  journal.put({ key: "a", value: 1 });
  journal.put({ key: "b", value: 2 });
  journal.put({ key: "a", value: 3 });
  expect([...openJournal(path).all()]).toEqual([...journal.all()]);
  expect(openJournal(path).get("a")).toEqual({ key: "a", value: 3 });
});

test("a torn last line and a line of another shape are skipped", () => {
  const path = fresh();
  openJournal(path).put({ key: "a", value: 1 });
  appendFileSync(path, '{"key":7}\n{"key":"a","val');
  expect([...openJournal(path).all()]).toEqual([{ key: "a", value: 1 }]);
});

test("a record after a torn line is not lost with it", () => {
  const path = fresh();
  openJournal(path);
  appendFileSync(path, '{"key":"a","val');
  const journal = openJournal(path);
  journal.put({ key: "b", value: 2 });
  expect(openJournal(path).get("b")).toEqual({ key: "b", value: 2 });
});

test("opening compacts the file, which only its owner can read", () => {
  const path = fresh();
  const journal = openJournal(path);
  for (let value = 0; value < 100; value++) journal.put({ key: "a", value });
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(101);
  openJournal(path);
  expect(readFileSync(path, "utf8")).toBe('{"key":"a","value":99}\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
});
