/** Every command of `zhenren` with the line that lists it. The documents and the npm scripts are tested against it. */
import { type Text, text } from "../language/index.ts";

/** Commands that belong together. */
interface Part {
  readonly title: Text;
  /** What each command does, in one line. */
  readonly commands: Readonly<Record<string, Text>>;
}

const table = {
  laptop: {
    title: text("On this machine", "在本机"),
    commands: {
      start: text(
        "runs the whole bundle here, with simulator and console",
        "在本机运行全部函数、模拟器和控制台",
      ),
      simulate: text(
        "plays the person, the clock and the faults of the simulator",
        "控制模拟器：完成核身、拨快时钟、制造故障",
      ),
      invoke: text("runs one function once", "运行一个函数一次"),
      listen: text("delivers events to a receiver under development", "把事件投递给开发中的接收方"),
      trigger: text("makes a sample event", "产生一个示例事件"),
    },
  },
  setup: {
    title: text("Set up and deploy", "配置与部署"),
    commands: {
      choose: text("says which channels you may apply for", "说明您可以申请哪些核身方式"),
      init: text(
        "writes .env with fresh secrets, and the CAM policies",
        "写出带新密钥的 .env，并给出 CAM 策略",
      ),
      migrate: text("brings the database to the newest schema", "把数据库升级到最新的表结构"),
      deploy: text("deploys the functions to Tencent Cloud", "把函数部署到腾讯云"),
      doctor: text("checks a configuration, or a mini-program", "检查一份配置，或一个小程序"),
    },
  },
  operate: {
    title: text("Operate", "运行维护"),
    commands: {
      status: text("shows what waits and what needs people", "显示哪些在等待、哪些需要人工处理"),
      archive: text("lists, shows, exports and verifies evidence", "列出、查看、导出和核对证据"),
      events: text("lists, shows and resends events", "列出、查看和重发事件"),
      person: text("finds, exports and erases one person's data", "查找、导出和删除一个人的数据"),
      bill: text("compares the provider's bill with the records", "把服务方的账单与记录比较"),
      keys: text("shows the keys in use and changes them", "查看和更换密钥"),
    },
  },
  develop: {
    title: text("Develop Zhenren itself", "开发本项目"),
    commands: {
      build: text("bundles the functions, or the client's package", "打包函数，或客户端的 npm 包"),
      openapi: text("writes docs/openapi.json", "生成 docs/openapi.json"),
      settings: text("writes .env.example and docs/settings*.md", "生成 .env.example 和 docs/settings*.md"),
    },
  },
} as const satisfies Readonly<Record<string, Part>>;

type Table = typeof table;

/** The name of a command. */
export type CommandName = { [Name in keyof Table]: keyof Table[Name]["commands"] }[keyof Table];

/** The commands, in the order in which they are listed. */
export const parts: readonly Part[] = Object.values(table);

const lines: Readonly<Record<string, Text>> = Object.assign({}, ...parts.map(({ commands }) => commands));

/** Whether there is a command with this name. */
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(lines, name);

/** The names of all commands. */
export const commandNames: readonly CommandName[] = Object.keys(lines).filter(isCommandName);

/** How a command is typed in a copy of the repository. `soak` and the like are npm scripts alone. */
export const programOf = (name: string): string =>
  isCommandName(name) ? `npx zhenren ${name}` : `npm run ${name}`;
