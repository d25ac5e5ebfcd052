import { simulator } from "zhenren-client/simulator";
import { createClient } from "zhenren-client/uni";

declare const process: { env: { NODE_ENV: string } };

// `npm run dev`: the stack of `npm start` on this machine. `npm run build`: your functions; the condition stands here, and not in
// a variable, so that the build leaves the simulator out.
export const zhenren = createClient(
  process.env.NODE_ENV === "development"
    ? { uni, api: "http://127.0.0.1:3000", simulator: simulator("http://127.0.0.1:3100") }
    : { uni, api: "https://verify.shop.example" },
);
