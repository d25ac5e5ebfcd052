/** What all checks of one run share. */

/** Settings by name, as whoever deploys has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One run of the doctor. */
export interface Context {
  /** The configuration; `SIMULATOR_URL` is in it if the simulator stands in for the services. */
  readonly env: Environment;
  /** Whether unbilled tokens that nobody will use may be issued to learn more. */
  readonly issue: boolean;
  /** Milliseconds by which `Date` is ahead of this machine's clock, as a local stack's may be. */
  readonly clockOffsetMs: number;
}

/** Whether the simulator stands in for the services. */
export const isSimulated = ({ env }: Context): boolean => Boolean(env["SIMULATOR_URL"]);

/** Whether one of the settings is there. */
export const hasAny = ({ env }: Pick<Context, "env">, ...names: readonly string[]): boolean =>
  names.some((name) => Boolean(env[name]));

/**
 * Asks once a run, however many checks want the answer: services are not asked the same thing twice. `key` tells questions
 * of one kind apart.
 */
export function oncePerRun<Answer>(
  ask: (context: Context, key: string) => Promise<Answer>,
): (context: Context, key?: string) => Promise<Answer> {
  const runs = new WeakMap<Context, Map<string, Promise<Answer>>>();
  return (context, key = "") => {
    const asked = runs.get(context) ?? new Map<string, Promise<Answer>>();
    runs.set(context, asked);
    const answer = asked.get(key) ?? ask(context, key);
    asked.set(key, answer);
    return answer;
  };
}
