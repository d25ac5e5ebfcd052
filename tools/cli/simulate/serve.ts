/** `simulate serve`: the simulator alone. */
import { text } from "../../language/index.ts";
import { defineCommand } from "../command.ts";

/** `simulate serve`. */
export const serveCommand = defineCommand({
  name: "simulate serve",
  summary: text(
    "Runs the simulator alone, until Ctrl-C. So does simulate without a command.",
    "单独运行模拟器，按 Ctrl-C 停止。simulate 不带命令时也是如此。",
  ),
  details: text(
    "It takes SIMULATOR_PORT (3100) and LOCAL_DIR (.local) from the environment.",
    "SIMULATOR_PORT（3100）和 LOCAL_DIR（.local）取自环境变量。",
  ),
  options: {},
  examples: [["", text("prints its address", "显示它的地址")]],
  exitCodes: [text("ended by Ctrl-C", "用 Ctrl-C 结束"), text("it could not start", "无法启动")],
  run: async () => {
    await import("../../../simulator/main.ts");
    return new Promise<number>(() => {}); // its signal handlers end the process
  },
});
