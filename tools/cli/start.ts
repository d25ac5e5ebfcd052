/** `npx zhenren start`: the whole bundle on this machine, as `npm start`. */
import { text } from "../language/index.ts";
import { defineCommand } from "./command.ts";

const command = defineCommand({
  name: "start",
  summary: text(
    "Runs the whole bundle on this machine until Ctrl-C: functions, timers, PostgreSQL, simulator and console.",
    "在本机运行全部：函数、定时器、PostgreSQL、模拟器和控制台，按 Ctrl-C 停止。",
  ),
  details: text(
    "It takes PORT (3000), SIMULATOR_PORT (3100) and LOCAL_DIR (.local) from the environment. npm start is the same.",
    "PORT（3000）、SIMULATOR_PORT（3100）和 LOCAL_DIR（.local）取自环境变量。npm start 与之相同。",
  ),
  options: {
    reset: {
      type: "boolean",
      help: text("sets the simulated clock back to now", "把模拟时钟拨回现在"),
    },
  },
  examples: [["", text("prints its address when all of it answers", "全部就绪后显示地址")]],
  exitCodes: [text("ended by Ctrl-C", "用 Ctrl-C 结束"), text("it could not start", "无法启动")],
  run: async ({ reset }) => {
    process.argv.splice(2, process.argv.length, ...(reset ? ["--reset"] : []));
    await import("../../local/main.ts"); // ends the process itself
    return 0;
  },
});

process.exitCode = await command.run(process.argv.slice(2));
