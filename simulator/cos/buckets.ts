import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** The AppId of the simulated account, and the bucket that is there from the start. */
export const APP_ID = "1250000000";
const FIRST_BUCKET = { name: `sim-${APP_ID}`, region: "ap-guangzhou" };

const objectFacts = z.object({
  key: z.string(),
  size: z.int(),
  etag: z.string(),
  crc64: z.string(),
  modifiedAt: z.int(),
  acl: z.string(),
  encryption: z.string().optional(),
  contentType: z.string(),
});
/** What is known of an object besides its bytes. */
export type ObjectFacts = z.infer<typeof objectFacts>;

const settings = z.object({
  region: z.string(),
  acl: z.string(),
  /** Sub-resources such as `lifecycle`, as they were put. */
  parts: z.record(z.string(), z.string()),
});

/** One bucket in its folder. What was put is in the folder before its call is answered. */
export class Bucket {
  private readonly objects = new Map<string, ObjectFacts>();
  private state: z.infer<typeof settings>;

  constructor(
    readonly name: string,
    private readonly folder: string,
    region?: string,
  ) {
    mkdirSync(join(folder, "objects"), { recursive: true, mode: 0o700 });
    const file = join(folder, "bucket.json");
    this.state = existsSync(file)
      ? settings.parse(JSON.parse(readFileSync(file, "utf8")))
      : { region: region ?? "", acl: "private", parts: {} };
    this.save();
    for (const name of readdirSync(join(folder, "objects")).filter((each) => each.endsWith(".json"))) {
      const facts = objectFacts.parse(JSON.parse(readFileSync(join(folder, "objects", name), "utf8")));
      this.objects.set(facts.key, facts);
    }
  }

  get region(): string {
    return this.state.region;
  }

  get acl(): string {
    return this.state.acl;
  }

  setAcl(acl: string): void {
    this.state = { ...this.state, acl };
    this.save();
  }

  /** A sub-resource as it was put. */
  part(name: string): string | undefined {
    return this.state.parts[name];
  }

  setPart(name: string, content: string | undefined): void {
    const { [name]: _, ...others } = this.state.parts;
    this.state = {
      ...this.state,
      parts: content === undefined ? others : { ...others, [name]: content },
    };
    this.save();
  }

  facts(key: string): ObjectFacts | undefined {
    return this.objects.get(key);
  }

  bytes(key: string): Buffer {
    return readFileSync(`${this.pathOf(key)}.bin`);
  }

  put(facts: ObjectFacts, bytes: Buffer): void {
    writeWhole(`${this.pathOf(facts.key)}.bin`, bytes);
    writeWhole(`${this.pathOf(facts.key)}.json`, JSON.stringify(facts));
    this.objects.set(facts.key, facts);
  }

  remove(key: string): void {
    rmSync(`${this.pathOf(key)}.json`, { force: true });
    rmSync(`${this.pathOf(key)}.bin`, { force: true });
    this.objects.delete(key);
  }

  /** All names, in the order of their bytes. */
  keys(): string[] {
    return [...this.objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  private pathOf(key: string): string {
    return join(this.folder, "objects", createHash("sha256").update(key).digest("hex"));
  }

  private save(): void {
    writeWhole(join(this.folder, "bucket.json"), JSON.stringify(this.state));
  }
}

/** The buckets of the simulated account. */
export class Buckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) this.buckets.set(name, new Bucket(name, join(folder, name)));
    if (!this.buckets.has(FIRST_BUCKET.name)) this.create(FIRST_BUCKET.name, FIRST_BUCKET.region);
  }

  get(name: string): Bucket | undefined {
    return this.buckets.get(name);
  }

  create(name: string, region: string): Bucket {
    const bucket = new Bucket(name, join(this.folder, name), region);
    this.buckets.set(name, bucket);
    return bucket;
  }
}

function writeWhole(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.tmp`, content, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
