/** One function instance, seen from the stack: starts it, gives it one event at a time, freezes it, ends it. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:os";
import { type InstanceFacts, type InstanceMessage, instanceMessage } from "./instance-messages.ts";

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
}

/**
 * The result of one event. The codes and texts are SCF's (Tencent doc 583/35311): 407 answer too large, 429 too many,
 * 430 the handler threw, 433 out of time, 434 out of memory, 439 the process ended by itself.
 */
export type InvocationResult =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly statusCode: number; readonly message: string };

const failed = (statusCode: number, message: string): InvocationResult => ({
  ok: false,
  statusCode,
  message,
});

/** The process of the instance ended while it had an event. */
export const EXITED: InvocationResult = failed(439, "User process exit when running");

/** Time to load the bundle; `initTimeout` of serverless.yml. */
const INIT_TIMEOUT_MS = 10_000;
const MEMORY_POLL_MS = platform() === "linux" ? 100 : 1000;
/** Windows knows no SIGSTOP: instances run on there between events. */
const CAN_FREEZE = platform() !== "win32";

/** starting → idle ⇄ busy → ended. Busy lasts until the invocation is over, which can be later than its answer. */
export class Instance {
  state: "starting" | "idle" | "busy" | "ended" = "starting";
  /** Settles when the bundle is loaded, or with the reason why it could not be. */
  readonly loaded: Promise<InvocationResult>;
  /** When it last became idle, in ms of real time. */
  idleSince = Date.now();
  readonly #spec: InstanceSpec;
  readonly #host: InstanceHost;
  readonly #child: ChildProcess;
  readonly #onChange: (instance: Instance) => void;
  #settleLoad: (outcome: InvocationResult) => void = () => {};
  #settle: ((outcome: InvocationResult | "not taken") => void) | undefined;
  #requestId = "";
  /** The process has the event that it was handed. */
  #hasTaken = false;
  #timers: NodeJS.Timeout[] = [];
  #bareBytes = 0;
  #frozen = false;
  #failure: InvocationResult | undefined;

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
    // V8 knows the limit, so that it collects before the limit instead of growing past it on a large machine.
    const args = [`--max-old-space-size=${memorySize}`, host.processFile, JSON.stringify(facts)];
    this.#child = spawn(process.execPath, [...args, String(host.clockOffsetMs())], {
      env: { ...spec.environment },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true, // Ctrl-C in the terminal is meant for the stack, which then ends this
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => host.onOutput(name, text));
    }
    this.#child.on("message", (message) => {
      const parsed = instanceMessage.safeParse(message);
      if (parsed.success) this.#onMessage(parsed.data);
    });
    this.#child.on("error", () => this.#onEnd());
    this.#child.once("exit", () => this.#onEnd());
    this.#failAfter(
      INIT_TIMEOUT_MS,
      failed(433, `Function did not load within ${INIT_TIMEOUT_MS / 1000} seconds`),
    );
  }

  /**
   * Hands over one event. Only for an idle instance. "not taken" when its process turns out to be gone: as long as nobody
   * has heard of that it looks idle, and the event is for another instance.
   */
  invoke(event: unknown, requestId: string): Promise<InvocationResult | "not taken"> {
    this.state = "busy";
    this.#hasTaken = false;
    this.#requestId = requestId;
    this.#thaw();
    this.#failAfter(
      this.#spec.timeout * 1000,
      failed(433, `Invoking task timed out after ${this.#spec.timeout} seconds`),
    );
    this.#watchMemory();
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#child.send({ requestId, event, clockOffsetMs: this.#host.clockOffsetMs() }, (error) => {
        if (error) this.#onEnd();
      });
    });
  }

  /** Stops the process between two events, as SCF does; the next event lets it go on. */
  freeze(): void {
    if (!CAN_FREEZE || this.state !== "idle" || this.#frozen) return;
    this.#frozen = true;
    this.#child.kill("SIGSTOP");
  }

  /** Ends the process at once; an event that it holds fails with `failure`. */
  kill(failure: InvocationResult = EXITED): void {
    this.#failure ??= failure;
    this.#child.kill("SIGKILL");
    if (this.state === "idle") this.#onEnd(); // no event may be given to it any more
  }

  #onMessage(message: InstanceMessage): void {
    if (message.type === "ready") {
      this.#bareBytes = message.bareBytes;
      this.#settleLoad({ ok: true, json: "null" });
      this.#becomeIdle();
    } else if (message.type === "broken") {
      this.kill(failed(430, `Function does not load: ${message.message}`));
    } else if (message.requestId !== this.#requestId)
      return; // of an invocation that already has its result
    else if (message.type === "taken") this.#hasTaken = true;
    else if (message.type === "drained") this.#becomeIdle();
    else {
      this.#settle?.(
        message.type === "answer"
          ? { ok: true, json: message.json }
          : failed(message.statusCode, message.message),
      );
      this.#settle = undefined;
      if (!message.waits) this.#becomeIdle();
    }
  }

  #becomeIdle(): void {
    this.#clearTimers();
    this.#requestId = "";
    this.state = "idle";
    this.idleSince = Date.now();
    this.#onChange(this);
  }

  #onEnd(): void {
    if (this.state === "ended") return;
    this.#clearTimers();
    const loading = this.state === "starting";
    this.state = "ended";
    const outcome = this.#failure ?? EXITED;
    if (loading) this.#settleLoad(outcome);
    this.#settle?.(this.#hasTaken || this.#failure ? outcome : "not taken");
    this.#settle = undefined;
    this.#onChange(this);
  }

  #thaw(): void {
    if (this.#frozen) this.#child.kill("SIGCONT");
    this.#frozen = false;
  }

  #failAfter(milliseconds: number, failure: InvocationResult): void {
    this.#timers.push(setTimeout(() => this.kill(failure), milliseconds));
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
    this.#timers.push(setInterval(check, MEMORY_POLL_MS));
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }
}

/** The resident bytes of a process, or `undefined` when it is gone. Cheap on Linux, a `ps` elsewhere. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes =
      platform() === "linux"
        ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
        : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return kilobytes ? Number(kilobytes) * 1024 : undefined;
  } catch {
    return undefined;
  }
}
