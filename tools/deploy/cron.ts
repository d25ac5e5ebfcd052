export { cronProblem } from "../build/cron.ts";
