// What a command appended by hand.

import type { RecordedEvent } from "@conntrail/engine";
import { formatInstant } from "@conntrail/engine";
import { describeEvent } from "./event.js";
import { plainText } from "./plain-text.js";

/** `appended at log position 12: 2026-03-18T10:00:00.000000Z ssh written, succeeded: priority 100, …`. */
export function renderAppended(events: readonly RecordedEvent[]): string {
  const line = (event: RecordedEvent) =>
    `appended at log position ${event.position}: ${formatInstant(event.time)} ${describeEvent(event)}`;
  return events.map((event) => plainText(line(event))).join("\n");
}
