/** One function instance, seen from the stack: starts it, gives it one event at a time, freezes it, ends it. */
import { type ChildProcess, spawn } from "node:child_process";
import { platform } from "node:os";
import { type InstanceFacts, type InstanceMessage, instanceMessage } from "./instance-messages.ts";
import { residentBytes } from "./memory.ts";

/** What an instance is started with. */
export interface InstanceSpec extends InstanceFacts {
  /** All that the function may know: its variables in `serverless.yml` and what SCF sets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What instances need from their surroundings. */
export interface InstanceHost {
  /** Plain JavaScript of `instance-process.ts`. */
  readonly processFile: string;
  /** Simulated time minus real time, now. */
  readonly clockOffsetMs: () => number;
  /** Takes what an instance writes to stdout and stderr. */
  readonly onOutput: (name: string, text: string) => void;
  /** Told of every process that starts and ends, so that none can be forgotten. */
  readonly onStarted: (name: string, pid: number) => void;
  readonly onEnded: (name: string, pid: number) => void;
}

/**
 * What became of one event. The codes and texts are SCF's (Tencent doc 583/35311): 407 answer too large, 429 too many,
 * 430 the handler threw, 433 out of time, 434 out of memory, 439 the process ended by itself.
 */
export type Outcome =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly statusCode: number; readonly message: string };

const failed = (statusCode: number, message: string): Outcome => ({ ok: false, statusCode, message });

/** Time to load the bundle; `initTimeout` of serverless.yml. */
const initMilliseconds = 10_000;
const memoryCheckMilliseconds = platform() === "linux" ? 100 : 1000;
/** Windows knows no SIGSTOP: instances run on there between events. */
const canFreeze = platform() !== "win32";

/** starting → idle ⇄ busy → ended. Busy lasts until the invocation is over, which can be later than its answer. */
export class Instance {
  state: "starting" | "idle" | "busy" | "ended" = "starting";
  /** Settles when the bundle is loaded, or with the reason why it could not be. */
  readonly loaded: Promise<Outcome>;
  /** When it last became idle, in ms of real time. */
  idleSince = Date.now();
  readonly #spec: InstanceSpec;
  readonly #host: InstanceHost;
  readonly #child: ChildProcess;
  readonly #onChange: (instance: Instance) => void;
  #settleLoad: (outcome: Outcome) => void = () => {};
  #settle: ((outcome: Outcome) => void) | undefined;
  #requestId = "";
  #watch: NodeJS.Timeout[] = [];
  #bareBytes = 0;
  #frozen = false;
  #verdict: Outcome | undefined;

  /** `onChange` is called when the instance becomes idle or has ended. */
  constructor(spec: InstanceSpec, host: InstanceHost, onChange: (instance: Instance) => void) {
    this.#spec = spec;
    this.#host = host;
    this.#onChange = onChange;
    this.loaded = new Promise((resolve) => {
      this.#settleLoad = resolve;
    });
    const { name, bundleFile, memorySize, timeout } = spec;
    const facts: InstanceFacts = { name, bundleFile, memorySize, timeout };
    // V8 is told the limit, so that it collects before the limit instead of growing past it on a large machine.
    const args = [`--max-old-space-size=${memorySize}`, host.processFile, JSON.stringify(facts)];
    this.#child = spawn(process.execPath, [...args, String(host.clockOffsetMs())], {
      env: { ...spec.environment },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true, // a Ctrl-C in the terminal is for the stack, which then ends this in good order
    });
    const { pid } = this.#child;
    if (pid !== undefined) host.onStarted(name, pid);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => host.onOutput(name, text));
    }
    this.#child.on("message", (message) => {
      const parsed = instanceMessage.safeParse(message);
      if (parsed.success) this.#hear(parsed.data);
    });
    this.#child.on("error", () => this.#end());
    this.#child.once("exit", () => this.#end());
    this.#after(
      initMilliseconds,
      failed(433, `Function did not load within ${initMilliseconds / 1000} seconds`),
    );
  }

  /** Hands over one event. Only for an idle instance. */
  invoke(event: unknown, requestId: string): Promise<Outcome> {
    this.state = "busy";
    this.#requestId = requestId;
    this.#thaw();
    this.#after(
      this.#spec.timeout * 1000,
      failed(433, `Invoking task timed out after ${this.#spec.timeout} seconds`),
    );
    this.#watchMemory();
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#child.send({ requestId, event, clockOffsetMs: this.#host.clockOffsetMs() }, (error) => {
        if (error) this.#end();
      });
    });
  }

  /** Stops the process between two events, as SCF does; the next event lets it go on. */
  freeze(): void {
    if (!canFreeze || this.state !== "idle" || this.#frozen) return;
    this.#frozen = true;
    this.#child.kill("SIGSTOP");
  }

  /** Ends the process at once; an event that it holds fails with `verdict`. */
  kill(verdict: Outcome = failed(439, "User process exit when running")): void {
    this.#verdict ??= verdict;
    this.#child.kill("SIGKILL");
    if (this.state === "idle") this.#end(); // no event may be given to it any more
  }

  #hear(message: InstanceMessage): void {
    if (message.type === "ready") {
      this.#bareBytes = message.bareBytes;
      this.#settleLoad({ ok: true, json: "null" });
      this.#rest();
    } else if (message.type === "broken") {
      this.kill(failed(430, `Function does not load: ${message.message}`));
    } else if (message.requestId !== this.#requestId)
      return; // of an invocation that is already judged
    else if (message.type === "drained") this.#rest();
    else {
      this.#settle?.(
        message.type === "answer"
          ? { ok: true, json: message.json }
          : failed(message.statusCode, message.message),
      );
      this.#settle = undefined;
      if (!message.waits) this.#rest();
    }
  }

  #rest(): void {
    this.#unwatch();
    this.#requestId = "";
    this.state = "idle";
    this.idleSince = Date.now();
    this.#onChange(this);
  }

  #end(): void {
    if (this.state === "ended") return;
    this.#unwatch();
    const loading = this.state === "starting";
    this.state = "ended";
    const outcome = this.#verdict ?? failed(439, "User process exit when running");
    if (loading) this.#settleLoad(outcome);
    this.#settle?.(outcome);
    this.#settle = undefined;
    if (this.#child.pid !== undefined) this.#host.onEnded(this.#spec.name, this.#child.pid);
    this.#onChange(this);
  }

  #thaw(): void {
    if (this.#frozen) this.#child.kill("SIGCONT");
    this.#frozen = false;
  }

  #after(milliseconds: number, verdict: Outcome): void {
    this.#watch.push(setTimeout(() => this.kill(verdict), milliseconds));
  }

  /**
   * The limit is what the process holds beyond a bare node: how large that base is differs between machines and
   * builds of node, and the limit is meant for what the function adds.
   */
  #watchMemory(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const limit = this.#bareBytes + this.#spec.memorySize * 1024 * 1024;
    const check = (): void => {
      if ((residentBytes(pid) ?? 0) > limit) {
        this.kill(failed(434, `Memory usage exceeded ${this.#spec.memorySize} MB`));
      }
    };
    this.#watch.push(setInterval(check, memoryCheckMilliseconds));
  }

  #unwatch(): void {
    for (const timer of this.#watch) clearTimeout(timer);
    this.#watch = [];
  }
}
