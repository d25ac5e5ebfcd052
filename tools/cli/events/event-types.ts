/** The types of events and the states of their delivery, as people type them. */
import { DELIVERY_STATES } from "../../../shared/contract/console.ts";
import { type EventType, events } from "../../../shared/contract/events.ts";
import type { DeliveryState } from "../../../shared/store/event-log.ts";
import { text } from "../../language/index.ts";
import { UsageError } from "../command.ts";

/** Every type of event. */
export const eventTypes = Object.keys(events) as EventType[]; // of just these names

/** The states as they are typed: with hyphens. */
export const stateNames = DELIVERY_STATES.map((state) => state.replace("_", "-"));

/** The type with this name. Throws `UsageError`. */
export function eventTypeFrom(given: string): EventType {
  const type = eventTypes.find((known) => known === given);
  if (type) return type;
  throw new UsageError(
    text(
      `${JSON.stringify(given)} is no type of event; they are ${eventTypes.join(", ")}.`,
      `没有事件类型 ${JSON.stringify(given)}；可用的有 ${eventTypes.join("、")}。`,
    ),
  );
}

/** The state with this name. Throws `UsageError`. */
export function deliveryStateFrom(given: string): DeliveryState {
  const state = DELIVERY_STATES[stateNames.indexOf(given)];
  if (state) return state;
  throw new UsageError(
    text(`--state is one of ${stateNames.join(", ")}.`, `--state 只能是 ${stateNames.join("、")} 之一。`),
  );
}
