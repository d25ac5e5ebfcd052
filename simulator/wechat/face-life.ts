/** A `user_id_key` and a `verify_id` live 3,600 s (`expires_in` of both generations). */
export const FACE_LIFE_S = 3_600;

/** What became of a flow of either generation. */
export type FaceState = "issued" | "attempted" | "finished" | "expired";

/** The state of a flow at `now`, in milliseconds. */
export function faceState(
  flow: { readonly createdAt: number; readonly attempts: readonly unknown[]; readonly finished: boolean },
  now: number,
): FaceState {
  if (flow.finished) return "finished";
  if (now - flow.createdAt >= FACE_LIFE_S * 1_000) return "expired";
  return flow.attempts.length > 0 ? "attempted" : "issued";
}

/** Why a flow takes no further attempt; undefined when it does. */
export function faceObstacle(state: FaceState): string | undefined {
  if (state === "expired") return "The hour of this token is over; nothing can be finished with it.";
  return state === "finished" ? "The flow of this token is finished already." : undefined;
}
