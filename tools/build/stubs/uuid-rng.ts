/** In place of uuid's `rng.js`, which takes its random bytes from the global `crypto`: Node then loads WebCrypto. */
import { randomFillSync } from "node:crypto";

const bytes = new Uint8Array(16);

export default (): Uint8Array => randomFillSync(bytes);
