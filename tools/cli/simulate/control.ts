/** Calls the controls of the simulator: of the stack that runs on LOCAL_DIR, or of one that runs alone. */
import { findRunningStack } from "../../../local/running.ts";
import { text } from "../../language/index.ts";

const DEFAULT_PORT = 3100;

/** Which simulator the commands work on, for the help. */
export const WHICH_SIMULATOR = text(
  `It works on the stack that runs on LOCAL_DIR (.local), or, without one, on the simulator that runs alone on SIMULATOR_PORT
(${DEFAULT_PORT}).`,
  `使用在 LOCAL_DIR（.local）上运行的本机环境；没有时，使用在 SIMULATOR_PORT（${DEFAULT_PORT}）上单独运行的模拟器。`,
);

/** What every command exits with. */
export const EXIT_CODES = [
  text("done", "已完成"),
  text("no simulator runs, or it refused", "没有正在运行的模拟器，或模拟器拒绝"),
] as const;

function simulatorUrl(): string {
  const { LOCAL_DIR, SIMULATOR_PORT } = process.env;
  const stack = findRunningStack(LOCAL_DIR || ".local");
  return stack?.simulatorUrl ?? `http://127.0.0.1:${SIMULATOR_PORT || DEFAULT_PORT}`;
}

/** Calls `/_sim/<path>` and returns the answer. Throws a sentence when no simulator runs, or what it refused. */
export async function control(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<unknown> {
  const url = simulatorUrl();
  const response = await fetch(`${url}/_sim/${path}`, {
    method,
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error(
      text(
        `No simulator runs at ${url}. Start it with npx zhenren start, or set LOCAL_DIR or SIMULATOR_PORT.`,
        `${url} 上没有模拟器。请用 npx zhenren start 启动，或设置 LOCAL_DIR 或 SIMULATOR_PORT。`,
      ),
    );
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const reason = isRefusal(answer) ? answer.error : `HTTP ${response.status}`;
  throw new Error(text(`The simulator refused: ${reason}`, `模拟器拒绝：${reason}`));
}

const isRefusal = (answer: unknown): answer is { error: string } =>
  typeof answer === "object" && answer !== null && "error" in answer && typeof answer.error === "string";
