/** The evidence store: objects in memory, stored whole, in part or not at all. */
import {
  checkObjectName,
  type EvidenceStore,
  EvidenceStoreError,
} from "../../shared/archive/stores/evidence-store.ts";
import { thisInstance } from "./instance.ts";
import { theWorld } from "./time.ts";

/** What lies in the store, and how it is. */
export interface StoreState {
  readonly objects: Map<string, Buffer>;
  isDown: () => boolean;
  /** It stays down until the providers have purged their results. */
  isDownUntilPurge: boolean;
  /** How often an object of evidence is stored in part, without anybody being told. */
  partial: () => number;
}

/** An empty store. */
export const emptyStore = (): StoreState => ({
  objects: new Map(),
  isDown: () => false,
  isDownUntilPurge: false,
  partial: () => 0,
});

const trouble = () => new EvidenceStoreError("the evidence store does not answer", { code: "ECONNRESET" });

/** The store as the instances see it. */
export function simulatedStore(state: () => StoreState): EvidenceStore {
  const call = <T>(label: string, name: string, work: (state: StoreState) => T): Promise<T> =>
    thisInstance().call<T>({
      seam: "store",
      label: `${label} ${name}`,
      trouble,
      work: () => {
        if (state().isDown()) throw trouble();
        return work(state());
      },
    });
  const put = (name: string, bytes: Buffer): Promise<void> =>
    call("put", checkObjectName(name), ({ objects, partial }) => {
      // What nobody reads again, such as a receipt, is stored whole: the real stores see to that.
      const isPartial = name.endsWith(".sealed") && theWorld().chance.happens(partial());
      objects.set(name, Buffer.from(isPartial ? bytes.subarray(0, bytes.length >> 1) : bytes));
    });
  const get = (name: string) => call("get", checkObjectName(name), ({ objects }) => objects.get(name));
  return {
    put,
    async putStream(name, chunks) {
      const all: Uint8Array[] = [];
      for await (const chunk of chunks) all.push(chunk);
      await put(name, Buffer.concat(all));
    },
    get,
    async getStream(name) {
      const bytes = await get(name);
      return bytes && inTwo(bytes);
    },
    async *list(prefix) {
      const names = await call("list", prefix, ({ objects }) => [...objects.keys()]);
      yield* names.filter((name) => name.startsWith(prefix)).sort();
    },
    remove: (name) => call("remove", checkObjectName(name), ({ objects }) => void objects.delete(name)),
  };
}

async function* inTwo(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, 100);
  yield bytes.subarray(100);
}
