/**
 * Asks a provider for evidence in as few calls as it allows. A call for several kinds that fails is asked again kind by kind,
 * so that the one kind that cannot be had does not cost the others.
 */
import type { Channel, EvidenceKind, FetchedEvidence } from "../channels/types.ts";
import { ProviderError } from "../providers/provider-error.ts";
import type { CallBudget } from "../store/call-budget.ts";

const isRateLimited = (error: unknown): boolean =>
  error instanceof ProviderError && error.kind === "rate-limited";

/** What one question came to. */
export type Fetched<Evidence extends FetchedEvidence> =
  | { readonly kinds: readonly EvidenceKind[]; readonly evidence: Evidence }
  | { readonly kinds: readonly EvidenceKind[]; readonly error: unknown };

/** After so many questions in a row without an answer the provider is taken to be away, whatever is asked for. */
const MAX_UNANSWERED = 2;

/** Troubles of the token or the account: no other question would fare better. */
const SHARED_KINDS: ReadonlySet<string> = new Set([
  "rate-limited",
  "configuration",
  "unknown-token",
  "purged",
]);

const concernsAll = (error: unknown): boolean =>
  error instanceof ProviderError && SHARED_KINDS.has(error.kind);

const isUnanswered = (error: unknown): boolean =>
  error instanceof ProviderError && error.isPassing && error.kind === "unavailable";

/** Asks for the kinds `wanted`, one question after the other, within the budget. Throws what `ask` and the database do. */
export async function* askForEvidence<Evidence extends FetchedEvidence>(
  channel: Channel,
  ask: (kinds: readonly EvidenceKind[]) => Promise<Fetched<Evidence>>,
  wanted: readonly EvidenceKind[],
  { signal, budget }: { readonly signal: AbortSignal; readonly budget?: CallBudget | undefined },
): AsyncGenerator<Fetched<Evidence>> {
  const questions = channel.evidence.map((group) => group.filter((kind) => wanted.includes(kind)));
  let unanswered = 0;
  for (let kinds = questions.shift(); kinds !== undefined; kinds = questions.shift()) {
    if (kinds.length === 0) continue;
    await budget?.take(channel.queryApi, signal);
    const fetched = await ask(kinds);
    if ("evidence" in fetched) {
      unanswered = 0;
      const { excluded } = fetched.evidence;
      questions.forEach((group, index) => {
        questions[index] = group.filter((kind) => !excluded.includes(kind));
      });
      yield fetched;
      continue;
    }
    const { error } = fetched;
    if (isRateLimited(error)) await budget?.pause(channel.queryApi);
    if (kinds.length > 1 && !concernsAll(error)) {
      questions.unshift(...kinds.map((kind) => [kind]));
      continue;
    }
    unanswered = isUnanswered(error) ? unanswered + 1 : 0;
    const isOver = concernsAll(error) || unanswered >= MAX_UNANSWERED;
    yield { kinds: isOver ? [...kinds, ...questions.splice(0).flat()] : kinds, error };
  }
}
