// When Zeek takes a TCP connection for closed, and what that does to its timers (TCPSessionAdapter.cc and
// TCP_Reassembler.cc): an end that sent FIN or RST closes when all its content was seen or given up.

import { microsPerSecond } from "../time.js";
import { type Connection, type End, otherEnd } from "./connection.js";
import { holdsContent } from "./content.js";
import { relativeLast } from "./tcp-endpoint.js";

/** What a segment leads to besides. Delays count from the connection's last time. */
export type Consequences = {
  readonly timer: (connection: Connection, kind: TimerKind, delayMicros: number) => void;
  readonly cancelTimers: (connection: Connection) => void;
  readonly inactivity: (connection: Connection, micros: number) => void;
  readonly established: (connection: Connection) => void;
};

export type TimerKind =
  /** Nobody answered the SYN. */
  | "attempt"
  /** Looks whether the connection has ended. */
  | "expire"
  /** The connection is done with. */
  | "delete"
  | "inactivity";

/** Zeek's tcp_close_delay and tcp_session_timer. */
const closeDelayMicros = 5 * microsPerSecond;
export const sessionTimerMicros = 6 * microsPerSecond;

export function closeEnd(connection: Connection, end: End, on: Consequences): void {
  const tcp = connection.tcp!;
  const endpoint = tcp.endpoints[end];
  const peer = tcp.endpoints[otherEnd(end)];
  tcp.closeDeferred = isContentPending(connection, end);
  if (tcp.closeDeferred || endpoint.didClose) return;
  endpoint.didClose = true;
  if (endpoint.state === "reset" || peer.didClose || peer.state === "inactive") {
    on.cancelTimers(connection);
    on.timer(connection, "delete", closeDelayMicros);
  } else if (endpoint.previousState !== "inactive") {
    on.timer(connection, "expire", sessionTimerMicros);
  }
}

/** Tells the end of the stream when all of it was seen, and makes up for a close that waited for that. */
export function checkEnd(connection: Connection, end: End, on: Consequences): void {
  const tcp = connection.tcp!;
  const { content, fins, state } = tcp.endpoints[end];
  const isOver = fins > 0 || state === "closed" || state === "reset";
  if (content.ended || !isOver || isContentPending(connection, end)) return;
  content.ended = true;
  if (!tcp.closeDeferred) return;
  closeEnd(connection, end, on);
  tcp.closeDeferred = false;
}

function isContentPending(connection: Connection, end: End): boolean {
  const endpoint = connection.tcp!.endpoints[end];
  const { content } = endpoint;
  const last = relativeLast(endpoint);
  if (content.abandoned || last < content.delivered) return false;
  // A FIN stands behind the content, a RST does not.
  if (content.delivered !== last - 1 && content.delivered !== last) return true;
  return endpoint.state !== "reset" && holdsContent(connection.tcp!.endpoints[otherEnd(end)].content);
}
